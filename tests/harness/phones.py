"""Numbers of fiction: real areas, and the hundred lines that nobody owns in each."""

from collections.abc import Iterator

AREAS = (
    *(202, 212, 213, 214, 215, 303, 305, 310, 312, 313, 404, 415, 503, 512, 602),
    *(617, 619, 646, 702, 713, 718, 773, 802, 805, 813, 818, 901, 904, 916, 917),
)


def phones() -> Iterator[str]:
    """Yield each number once, for as long as there are any."""
    return (f"+1{area}5550{line}" for line in range(100, 200) for area in AREAS)
