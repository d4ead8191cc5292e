"""Which requests go through a proxy, and what its URL says."""

import pytest

from adapter.config.proxy import PROXY_EXPECTED, Proxy

ADDRESS = "http://proxy.example.com:3128"


@pytest.mark.parametrize(
    ("no_proxy", "url", "is_carried"),
    [
        ("", "https://agent.example.com/call", True),
        ("", "https://localhost/call", False),
        ("", "https://127.0.0.2/call", False),
        ("", "http://127.0.0.1:8090/call", False),
        ("*", "https://agent.example.com", False),
        ("example.com", "https://agent.example.com", False),
        ("example.com", "https://example.com.", False),
        ("example.com", "https://EXAMPLE.COM", False),
        ("example.com", "https://notexample.com", True),
        (".example.com", "https://agent.example.com", False),
        ("*.example.com", "https://agent.example.com", False),
        ("Example.COM, other.example", "https://other.example", False),
        ("a.example b.example", "https://b.example", False),
        ("example.com:8443", "https://example.com", True),
        ("example.com:8443", "https://example.com:8443", False),
        ("example.com:443", "https://example.com", False),
        ("10.0.0.0/8", "https://10.1.2.3", False),
        ("10.0.0.0/8", "https://11.1.2.3", True),
        ("10.0.0.0/8", "https://agent.example.com", True),
        ("10.1.2.3:8443", "https://10.1.2.3:8443", False),
        ("10.1.2.3:8443", "https://10.1.2.3", True),
        ("fd00::/8", "https://[fd00::1]", False),
        ("[fd00::1]:8443", "https://[fd00::1]:8443", False),
        ("[fd00::1]", "https://[fd00::2]", True),
        (" , .,", "https://agent.example.com", True),
    ],
)
def test_who_is_reached_through_it(no_proxy: str, url: str, *, is_carried: bool) -> None:
    """Everybody over TLS, but for this machine and for those that NO_PROXY names."""
    assert Proxy.from_url(ADDRESS, no_proxy).carries(url) is is_carried


@pytest.mark.parametrize(
    ("text", "url", "authorization"),
    [
        (ADDRESS, ADDRESS, None),
        (ADDRESS + "/", ADDRESS, None),
        ("https://proxy.example.com", "https://proxy.example.com:443", None),
        ("http://[fd00::1]", "http://[fd00::1]:80", None),
        ("http://me:it@proxy.example.com:1", "http://proxy.example.com:1", "Basic bWU6aXQ="),
        ("http://me@proxy.example.com:1", "http://proxy.example.com:1", "Basic bWU6"),
        ("http://m%3Ae:%C3%A9@1.2.3.4:1", "http://1.2.3.4:1", "Basic bTplOsOp"),
    ],
)
def test_an_address_is_kept_apart_from_its_password(
    text: str, url: str, authorization: str | None
) -> None:
    """The address may be shown, the password is for the proxy alone."""
    proxy = Proxy.from_url(text)
    assert proxy.url == url
    assert proxy.headers == ({"proxy-authorization": authorization} if authorization else {})
    assert "Basic" not in repr(proxy)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "proxy.example.com:3128",
        "socks5://proxy.example.com:1080",
        "http://",
        "http://me:secret-word@",
        "http://me:secret-word@proxy.example.com:port",
        "http://me:secret-word@proxy.example.com:0",
        "http://me:secret-word@[fd00::1",
        "http://me:secret-word\u2100@proxy.example.com",
        "http://proxy.example.com/path",
        "http://proxy.example.com?x=1",
        "http://proxy.example.com#x",
        "http://pro xy.example.com",
    ],
)
def test_what_is_no_address_of_a_proxy_is_refused_without_being_shown(text: str) -> None:
    """There may be a password in it."""
    with pytest.raises(ValueError, match="address") as refused:
        Proxy.from_url(text)
    assert str(refused.value) == PROXY_EXPECTED
    assert refused.value.__cause__ is None
