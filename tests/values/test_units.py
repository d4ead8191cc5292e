"""Sizes, durations, addresses, networks."""

from datetime import timedelta

import pytest

from adapter.values.addresses import Address
from adapter.values.units import (
    is_host,
    is_loopback,
    read_address,
    read_duration,
    read_network,
    read_size,
    size_text,
)


@pytest.mark.parametrize(
    ("value", "size"),
    [("1MiB", 2**20), ("512KiB", 2**19), ("2 KB", 2000), ("7", 7), (9, 9), ("1GiB", 2**30)],
)
def test_sizes(value: object, size: int) -> None:
    """Binary and decimal units, and plain bytes."""
    assert read_size(value) == size


@pytest.mark.parametrize("value", ["1 mib", "-1", -1, 1.5, True, None, "1TiB", "", "MiB"])
def test_no_sizes(value: object) -> None:
    """Anything else is refused with examples."""
    with pytest.raises(ValueError, match="1MiB"):
        read_size(value)


@pytest.mark.parametrize(
    ("size", "text"),
    [(2**20, "1MiB"), (2**19, "512KiB"), (3 * 2**30, "3GiB"), (1500, "1500"), (0, "0")],
)
def test_a_size_is_written_as_it_is_read(size: int, text: str) -> None:
    """In the largest unit that says it in whole numbers."""
    assert size_text(size) == text
    assert read_size(text) == size


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("15s", 15),
        ("10m", 600),
        ("24h", 86400),
        ("30d", 2592000),
        ("500ms", 0.5),
        ("1h30m", 5400),
        ("1.5s", 1.5),
        ("2w", 1209600),
        (0, 0),
        ("0", 0),
    ],
)
def test_durations(value: object, seconds: float) -> None:
    """A number with its unit, several of them, or zero."""
    assert read_duration(value) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value", [15, "15", "s", "", "-5s", "1h x", None, True, False, 1.5, "999999999w" * 9]
)
def test_no_durations(value: object) -> None:
    """A number without a unit might mean anything."""
    with pytest.raises(ValueError, match="15s"):
        read_duration(value)


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("0.0.0.0:8080", ("0.0.0.0", 8080)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_addresses(value: str, address: tuple[str, int]) -> None:
    """IPv4, names, and IPv6 in brackets."""
    assert read_address(value) == Address(host=address[0], port=address[1])


@pytest.mark.parametrize(
    "value", [8080, ":8080", "host", "a:65536", "::1:80", "a:b", "a b:1", None]
)
def test_no_addresses(value: object) -> None:
    """Host and port must both be there."""
    with pytest.raises(ValueError, match="host:port"):
        read_address(value)


@pytest.mark.parametrize(("value", "size"), [("203.0.113.7", 1), ("10.0.0.0/8", 2**24), ("::1", 1)])
def test_networks(value: str, size: int) -> None:
    """One address is a network of one."""
    assert read_network(value).num_addresses == size


def test_an_ipv4_network_written_as_ipv6_is_the_ipv4_one() -> None:
    """The addresses of such peers are read as IPv4, and would never be inside otherwise."""
    assert read_network("::ffff:10.0.0.0/104") == read_network("10.0.0.0/8")


@pytest.mark.parametrize("value", ["0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96"])
def test_every_address_is_no_network(value: str) -> None:
    """It would let every stranger in."""
    with pytest.raises(ValueError, match="every address there is"):
        read_network(value)


@pytest.mark.parametrize("value", ["10.0.0.1/8", "example.com", 10, None, ""])
def test_no_networks(value: object) -> None:
    """Host bits beside a prefix are a mistake, not a wish."""
    with pytest.raises(ValueError, match="network"):
        read_network(value)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.9", True), ("::1", True), ("LOCALHOST", True), ("0.0.0.0", False), ("a.b", False)],
)
def test_loopback(host: str, expected: bool) -> None:
    """Only what no other machine can reach."""
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("hooks.example.com", True),
        ("::1", True),
        ("under_score", True),
        ("a" * 64 + ".example", False),
        ("xn--\x80", False),
        ("a b", False),
    ],
)
def test_host(host: str, expected: bool) -> None:
    """A name that can be looked up: no label is past 63 letters."""
    assert is_host(host) is expected
