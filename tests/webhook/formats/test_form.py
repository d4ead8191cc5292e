"""Forms nest as in PHP and Rails, and keep every key that they do not understand."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import IntakeError
from adapter.webhook.formats.form import form_document, query_document


@pytest.mark.parametrize(
    ("form", "document"),
    [
        ("", {}),
        (
            "name=Ana+Invented&phone=%2B12025550123",
            {"name": "Ana Invented", "phone": "+12025550123"},
        ),
        ("a", {"a": ""}),
        ("&&a=1&", {"a": "1"}),
        ("a=1=2", {"a": "1=2"}),
        ("a=100%", {"a": "100%"}),
        ("a=1&a=2&a=3", {"a": ["1", "2", "3"]}),
        ("contact[phone]=1&contact[name]=B", {"contact": {"phone": "1", "name": "B"}}),
        ("contact%5Bphone%5D=1", {"contact": {"phone": "1"}}),
        ("c[f][x]=1&c[f][x]=2", {"c": {"f": {"x": ["1", "2"]}}}),
        ("a[]=1", {"a": ["1"]}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[0]=x&a[1]=y", {"a": ["x", "y"]}),
        ("a[1]=y&a[0]=x", {"a": ["x", "y"]}),
        ("a[0][n]=x&a[1][n]=y", {"a": [{"n": "x"}, {"n": "y"}]}),
        ("a[1]=x&a[2]=y", {"a": {"1": "x", "2": "y"}}),
        ("a[00]=x", {"a": {"00": "x"}}),
        ("a[0]=x&a[b]=y", {"a": {"0": "x", "b": "y"}}),
        ("0=x&1=y", {"0": "x", "1": "y"}),
        ("a[][b]=1&a[][c]=2&a[][b]=3", {"a": [{"b": "1", "c": "2"}, {"b": "3"}]}),
        (
            "a[][b][c]=1&a[][b][d]=2&a[][b][c]=3",
            {"a": [{"b": {"c": "1", "d": "2"}}, {"b": {"c": "3"}}]},
        ),
        ("a[][b][]=1&a[][b][]=2", {"a": [{"b": ["1", "2"]}]}),
        ("a[][b]=1&a[][b][c]=2", {"a": [{"b": "1"}, {"b": {"c": "2"}}]}),
        ("a[][]=1&a[][]=2", {"a": [["1"], ["2"]]}),
        ("a[]=1&a[][b]=2", {"a": ["1", {"b": "2"}]}),
        (
            "data.json=1&Phone Number=2&hub.mode=3",
            {"data.json": "1", "Phone Number": "2", "hub.mode": "3"},
        ),
        (
            "a[b=1&a]b=2&[c]=3&a[b]c=4&a[[b]]=5",
            {"a[b": "1", "a]b": "2", "[c]": "3", "a[b]c": "4", "a[[b]]": "5"},
        ),
        ("your phone[x]=1", {"your phone": {"x": "1"}}),
    ],
)
def test_forms(form: str, document: Any) -> None:
    """The table of keys and what they mean."""
    assert form_document(form.encode(), None) == document
    assert query_document(form) == document


@pytest.mark.parametrize(
    "form",
    [
        "a" + "[b]" * 17 + "=1",
        "&".join(f"k{n}=1" for n in range(1_001)),
    ],
)
def test_malformed_forms(form: str) -> None:
    """Floods of fields and of brackets are `malformed_body`."""
    with pytest.raises(IntakeError) as caught:
        form_document(form.encode(), None)
    assert (caught.value.status, caught.value.reason) == (400, "malformed_body")


@pytest.mark.parametrize(
    ("form", "document"),
    [
        ("x=&x[]=a", {"x": ["a"]}),
        ("x[]=a&x=", {"x": ""}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b]=2&a=1", {"a": "1"}),
        ("a[b]=2&a=1&a=3", {"a": ["1", "3"]}),
        ("a=1&a[]=2", {"a": ["2"]}),
        ("a=1&a[b]=2&a=3&a[c]=4", {"a": {"c": "4"}}),
        ("a[b]=1&a[b][c]=2", {"a": {"b": {"c": "2"}}}),
        ("a[b][c]=2&a[b]=1", {"a": {"b": "1"}}),
        ("a[]=1&a[b]=2", {"a": {"0": "1", "b": "2"}}),
        ("a[b]=1&a[]=2", {"a": {"b": "1", "0": "2"}}),
        ("a[5]=x&a[]=y", {"a": {"5": "x", "6": "y"}}),
        ("a[0]=x&a[]=y", {"a": ["x", "y"]}),
        ("a[]=x&a[1]=y", {"a": ["x", "y"]}),
        ("a[]=x&a[0]=y", {"a": [["x", "y"]]}),
        ("a[01]=x&a[]=y", {"a": {"01": "x", "0": "y"}}),
        ("a[b]=1&a[][c]=2&a[][c]=3", {"a": {"b": "1", "0": {"c": "2"}, "1": {"c": "3"}}}),
        ("a[][b][]=1&a[][b][c]=2", {"a": [{"b": {"0": "1", "c": "2"}}]}),
    ],
)
def test_a_key_that_is_two_things_is_what_php_makes_of_it(form: str, document: Any) -> None:
    """Of a text and an array the later wins; a list and an object are one array with indexes."""
    assert form_document(form.encode(), None) == document


def test_limits_are_reachable() -> None:
    """A thousand fields and sixteen brackets are fine."""
    assert len(form_document("&".join(f"k{n}=1" for n in range(1_000)).encode(), None)) == 1_000
    assert "a" in form_document(("a" + "[b]" * 16 + "=1").encode(), None)


@pytest.mark.parametrize(
    ("charset", "form"),
    [
        ("iso-8859-1", b"name=Jos%E9+%80"),
        ("windows-1252", b"name=Jos\xe9+\x80"),
        ("utf-8", "name=José+€".encode()),
        (None, b"name=Jos%C3%A9+%E2%82%AC"),
        ("utf-16-le", b"n%00a%00m%00e%00=J%00o%00s%00%E9%00%20%00%AC%20"),
    ],
)
def test_charset_is_honoured(charset: str | None, form: bytes) -> None:
    """Percent-encoded or raw, the bytes are in the form's charset."""
    assert form_document(form, charset) == {"name": "José €"}


def test_raw_query_bytes() -> None:
    """A query with unencoded UTF-8 reads as such, latin-1 decoded or not."""
    assert query_document("name=José".encode().decode("latin-1")) == {"name": "José"}
    assert query_document("name=€") == {"name": "€"}


plain = st.text(st.characters(codec="utf-8", exclude_characters="[]"), min_size=1)


@given(fields=st.dictionaries(plain, st.text(st.characters(codec="utf-8")), max_size=20))
def test_every_flat_form_comes_back(fields: dict[str, str]) -> None:
    """Keys without brackets are verbatim."""
    assert form_document(urlencode(fields).encode(), None) == fields


keys = st.lists(st.sampled_from(["a", "b", "[", "]", "[]", "[a]", "[0]", "[1]"]), max_size=6)


@given(pairs=st.lists(keys, max_size=8))
def test_any_brackets_nest(pairs: list[list[str]]) -> None:
    """No mixture of brackets raises anything, and the last value is there."""
    form = "&".join(f"{''.join(parts)}=v{n}" for n, parts in enumerate(pairs))
    document = form_document(form.encode(), None)
    assert not pairs or f"'v{len(pairs) - 1}'" in str(document)
