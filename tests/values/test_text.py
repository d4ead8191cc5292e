"""A JSON value → text."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from adapter.errors import MappingError
from adapter.values.text import fold, to_text
from tests.harness.documents import DECIMALS, DOCUMENTS


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  Ana \t\r\n López\u00a0\x00\x07", "Ana López"),
        ("Ana &amp; Luis &eacute; &#39;x&#x27; &lt;b&gt;", "Ana & Luis é 'x' <b>"),
        ("&nbsp;Ana&nbsp;", "Ana"),
        ("AT&T; &copy &notit; &amp;lt;", "AT&T; &copy &notit; &lt;"),
        ("&#99999999;", "&#99999999;"),
        ("a\ud800b", "a\ufffdb"),
        ("\ud83d\ude00", "😀"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        (12345678901234567890123, "12345678901234567890123"),
        (0, "0"),
        (-5, "-5"),
        (1.0, "1"),
        (0.1, "0.1"),
        (1e21, "1000000000000000000000"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (Decimal("1.500"), "1.5"),
        (Decimal("1E+3"), "1000"),
        (
            Decimal("12345678901234567890.12345678901234567890"),
            "12345678901234567890.1234567890123456789",
        ),
        ([], ""),
        (["a", 1, True, None, " b "], "a, 1, true, b"),
    ],
)
def test_to_text(value: Any, text: str) -> None:
    """Scalars and lists of scalars become the text that a voice reads."""
    assert to_text(value) == text


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"a": 1},
        [["a"]],
        [{"a": 1}],
        Decimal("1E+999999"),
        Decimal("1E-999999"),
        10**4000,
        float("inf"),
        float("nan"),
    ],
)
def test_not_a_scalar(value: Any) -> None:
    """What has no bounded text is refused by name."""
    with pytest.raises(MappingError) as raised:
        to_text(value)
    assert raised.value.reason == "not_a_scalar"


@given(value=DECIMALS)
def test_numbers_keep_their_value(value: Decimal) -> None:
    """A number's text is the same number, without an exponent or trailing zeros."""
    text = to_text(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert "." not in text or text[-1] not in ".0"


@given(value=DOCUMENTS)
def test_any_value_is_clean_text_or_refused(value: Any) -> None:
    """Text is folded, and encodes as UTF-8."""
    text = _text_or_reason(value)
    assert fold(text) == text
    text.encode()


def _text_or_reason(value: Any) -> str:
    try:
        return to_text(value)
    except MappingError as error:
        return error.reason
