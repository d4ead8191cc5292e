"""Documents that hypothesis draws: any JSON, as intake decodes it."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

KEYS = st.sampled_from(["a", "b", "phone", "c d", "é", "0", "items", "*", "$ref", "system_x"])
SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**8, max_value=10**13),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(),
    st.text(alphabet=st.characters(codec=None)),
    st.sampled_from(["+34612345678", "612345678", "Ana &amp; Luis", "\ud800", "2024-05-06"]),
)
DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5),
    ),
    max_leaves=20,
)
DECIMALS = st.decimals(
    min_value=Decimal("-1e9"), max_value=Decimal("1e9"), allow_nan=False, places=3
)
