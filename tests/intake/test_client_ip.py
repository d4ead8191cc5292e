"""A sender's address cannot be forged past the last proxy that we trust."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.intake.arrival import client_ip

PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8:f::/48"))


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", "192.0.2.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("10.0.0.1", "203.0.113.5, 198.51.100.9", "198.51.100.9"),
        ("10.0.0.1", "203.0.113.5, 198.51.100.9 , 10.0.0.2", "198.51.100.9"),
        ("10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.3"),
        ("::ffff:10.0.0.1", "198.51.100.9:4711", "198.51.100.9"),
        ("2001:db8:f::1", "[2001:db8::7]:443", "2001:db8::7"),
        ("2001:db8:f::1", "[2001:db8::7]", "2001:db8::7"),
        ("10.0.0.1", "203.0.113.5, garbage", "unknown"),
        ("10.0.0.1", "203.0.113.5,", "unknown"),
        ("", "203.0.113.5", "unknown"),
    ],
)
def test_hops(peer: str, forwarded_for: str | None, client: str) -> None:
    """From the right, while the hop is trusted."""
    assert client_ip(peer, forwarded_for, PROXIES) == client


@given(peer=st.ip_addresses().map(str), forwarded_for=st.text(max_size=40))
def test_nobody_is_trusted_by_default(peer: str, forwarded_for: str) -> None:
    """Without trusted proxies the header counts for nothing."""
    assert client_ip(peer, forwarded_for, ()) == client_ip(peer, None, ())


@given(forwarded_for=st.text(max_size=40))
def test_any_header_gives_an_answer(forwarded_for: str) -> None:
    """Garbage is no crash."""
    assert client_ip("10.0.0.1", forwarded_for, PROXIES)
