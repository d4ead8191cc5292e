"""Promises about the example of a draft: it rings, and it is about nobody."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.authoring.drafting.write.invented_people import Cast, spaced
from adapter.authoring.drafting.write.request import request_parts
from adapter.errors import MappingError
from adapter.values.numbering_plans import region_of
from adapter.values.phone_numbers import read_phone
from adapter.webhook.formats.form import MAX_BRACKETS
from tests.authoring.drafting.drafts import drafted, example_of, mapping_of, phone_of

US = "+12025550188"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

# What a person may have written → what must not be left of it.
PERSONAL: list[tuple[dict[str, Any], str]] = [
    ({"first_name": "Zoe"}, "Zoe"),
    ({"last_name": "Example"}, "Example"),
    ({"last_name": "User"}, "User"),
    ({"first_name": "Ada"}, "Ada"),
    ({"first_name": "Sam"}, "Sam"),
    ({"name": "Lead Contact"}, "Contact"),
    ({"email": "zoe@x.test"}, "x.test"),
    ({"address": "7 Elm Row"}, "Elm"),
    ({"zip": "SW1A 1AA"}, "SW1A"),
    ({"birthday": "1984-05-06"}, "1984"),
    ({"born": "06/05/1984"}, "1984"),
    ({"birthday": "1990-01-31"}, "1990-01-31"),
    ({"ip": "198.51.100.7"}, "198.51"),
    ({"ip": "2001:db8::7"}, "2001:db8"),
    ({"site": "https://zoe.test/roe"}, "zoe.test"),
    ({"site": "www.zoe.test"}, "zoe.test"),
    ({"message": "Ring Zoe at 6"}, "Zoe"),
    ({"pretty": "Name:Zoe Roe, Phone:(202) 555-0188"}, "Roe"),
    ({"raw": '{"who": "Zoe", "deep": [{"born": 1984}]}'}, "Zoe"),
    ({"raw": '{"phone_2": "+12025550189", "who": "Zoe"}'}, "Zoe"),
    ({"raw": "{Zoe"}, "Zoe"),
    ({"balance": 73519}, "73519"),
    ({"balance": 73.519}, "73.519"),
    ({"balance": -1.5}, "-1.5"),
    ({"rate": 1.5}, ": 1.5"),
    ({"seen": 1767607201}, "1767607201"),
    ({"seen": 1767607201000}, "1767607201000"),
    ({"visit": "2026-01-05T10:00:07Z"}, "10:00:07"),
    ({"visit": "2026-01-05 10:00:07"}, "10:00:07"),
    ({"other": "(415) 555-0132"}, "555-0132"),
    ({"mobile": 4155550132}, "4155550132"),
    ({"mobile": "Zoe 0132"}, "Zoe"),
    ({"mobiles": [{"n": 1}], "home_phone": [[4155550132]]}, "4155550132"),
    ({"password": "hunter22"}, "hunter22"),
    ({"nested": {"api_key": "hunter22"}}, "hunter22"),
    ({"previous": {"who": "Zoe"}}, "Zoe"),
    ({"code": "1111"}, '"1111"'),
    ({"code": "xx11"}, "xx11"),
    ({"type": "zoe"}, "zoe"),
    ({"people": {"zoe@x.test": {"a": "b"}}}, "x.test"),
    ({"tags": ["Zoe", "Roe", "Moe", "Poe"]}, "oe"),
    ({"notes": [{"by": "Zoe"}, {"by": "Roe"}, {"by": "Moe"}]}, "oe"),
    ({"fields": [{"name": "who", "value": "Zoe"}, {"name": "born", "value": "1984"}]}, "Zoe"),
    ({"currency": "Zoe Roe"}, "Zoe"),
    ({"country": "Zoe"}, "Zoe"),
    ({"company": "Sampleford Example Specimen Placeholder Invented Solar"}, "Invented Solar"),
    ({"tel:": "tel:+14155550132"}, "5550132"),
]


@pytest.mark.parametrize(("more", "left"), PERSONAL, ids=lambda each: str(each)[:40])
def test_nothing_personal_is_left(more: dict[str, Any], left: str) -> None:
    """Also where an invented text might have been the same, and in JSON in a text."""
    text = drafted({"phone": US, **more}).text
    assert left not in text.replace("examples:", "").replace("example.com", "")
    assert "5550188" not in re.sub(r"[^0-9]", "", text)


KEPT: list[dict[str, Any]] = [
    {"country": "Canada"},
    {"currency": "EUR"},
    {"type": "lead.created"},
    {"consent": "yes"},
    {"flag": False},
    {"none": None},
    {"blank": " "},
    {"zero": 0},
]


@pytest.mark.parametrize("more", KEPT, ids=str)
def test_the_harmless_is_kept(more: dict[str, Any]) -> None:
    """So that the example still looks like what comes."""
    request = example_of(drafted({"phone": US, **more}))["request"]
    assert request["json"].items() >= more.items()


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=3, max_size=12), min_size=2))
def test_no_invented_word_is_one_of_the_samples(words: list[str]) -> None:
    """Whatever the people of a sample are called, others stand in."""
    cast = Cast(" ".join(words))
    for kind in ("name", "company", "city", "message", "form", "product"):
        given_words = {word.casefold() for word in words}
        assert not given_words & set(cast.text(kind).casefold().split()) - {"somebody", kind}


def test_a_cast_that_knows_all_its_people_falls_back() -> None:
    """A sample of all invented names leaves a word for nobody."""
    everyone = "example sample specimen placeholder invented ada bo cy di eve flo gus hal"
    assert Cast(everyone).text("last_name") == "Somebody last_name"


@pytest.mark.parametrize(
    ("original", "region", "country", "is_at_home"),
    [
        ("+61 491 570 156", None, "AU", False),
        ("0491 570 156", "AU", "AU", True),
        ("(416) 555-0188", "CA", "CA", True),
        ("+34 612 345 678", None, "US", False),
        ("612 345 678", "ES", "US", False),
        ("555-444-1122", None, "US", False),
        ("+447700900123", "GB", "US", False),
        ("020", "GB", "GB", True),
    ],
)
def test_a_number_of_fiction_stands_in(
    original: str, region: str | None, country: str, is_at_home: bool
) -> None:
    """Of the same country where that keeps some for fiction, and never the sample's own."""
    cast = Cast(original)
    first, second = cast.phone(original, region), cast.phone(original, region)
    assert first != second
    e164 = read_phone(first, region)
    assert region_of(e164) == country
    assert first.startswith("+") is not is_at_home
    assert e164 != original.replace(" ", "")


def test_every_number_of_fiction_reads() -> None:
    """By the rules of the mapping itself, in both of its forms."""
    for region in ("US", "CA", "AU", "GB", "FR", "DE", "SE"):
        cast, seen = Cast(""), set()
        for _ in range(4):
            number = cast.phone("0", region)
            assert region_of(read_phone(number, region)) == region
            seen.add(number)
        assert len(seen) == 4
    assert spaced("+61491570156") == "+61 491 570 156"
    with pytest.raises(MappingError):
        read_phone(spaced("+61491570156")[1:], None)


def test_a_large_sample_is_cut_to_what_is_read() -> None:
    """With the names of its pairs, and no more."""
    fields = [{"name": f"f{chr(97 + n)}", "value": "x y"} for n in range(20)]
    fields.append({"name": "phone", "value": US})
    request = example_of(drafted({"id": "7", "fields": fields, "more": {"a": 1, "b": [1, 2]}}))
    document = request["request"]["json"]
    assert {"name": "phone", "value": "+12025550123"} in document["fields"]
    assert document.keys() == {"id", "fields"}


def test_a_form_stays_a_form() -> None:
    """Brackets, lists and odd keys come back as they were."""
    body = b"contact[phone]=%2B12025550188&tag=a&tag=b&x[0][y]=1&x[1][y]=&bad]=2&contact[l][]=q"
    draft = drafted(body=body, content_type=FORM)
    assert mapping_of(draft)["phone"]["path"] == "$.contact.phone"
    form = example_of(draft)["request"]["form"]
    assert form["contact[phone]"] == "+12025550123"
    assert isinstance(form["tag"], list)


def test_a_form_that_no_brackets_can_write_loses_them() -> None:
    """`0` and `2` without `1` are keys, which together would be read as a list's."""
    odd = {"phone": US, "a": [], "b": {}}
    draft = drafted(body=b"phone=%2B12025550188&a%5B%5D=1&b[x=2&c[0]=1", content_type=FORM)
    assert "form" in example_of(draft)["request"]
    assert request_parts(odd, media_type=FORM, method="POST") == {"form": {"phone": US}}
    clash = {"a[b]": "1", "a": "2"}
    assert request_parts(clash, media_type=FORM, method="POST") == {"form": {"a": "2"}}
    assert request_parts([1], media_type=FORM, method="POST") == {"json": [1]}
    spaces = {"a": {"b": " x "}}
    assert request_parts(spaces, media_type="text/xml", method="POST") == {"json": spaces}
    wrong = {"a b": "x"}
    assert request_parts(wrong, media_type="text/xml", method="POST") == {"json": wrong}


def test_a_get_is_a_query() -> None:
    """And the mapping takes GET; the token in it is no part of the lead."""
    secrets = "token=s3cret&webhook_secret=s3cret"
    query = f"phone=%2B12025550188&name=Zoe+Roe&{secrets}"
    draft = drafted(body=b"", method="GET", query=query)
    assert mapping_of(draft)["auth"] == {"token": "${SHOP_TOKEN}"}
    said = mapping_of(draft)
    assert said["methods"] == ["GET"]
    assert example_of(draft)["request"]["query"] == {"phone": "+12025550123", "name": "Ada Example"}
    assert "s3cret" not in draft.text


def test_json_in_a_text_is_a_text_again() -> None:
    """With numbers and letters of all kinds, where something in it is read."""
    raw = json.dumps({"phone": US, "naïve": "ü", "price": 1.25, "note": {"a": [True, None]}})
    draft = drafted({"raw": raw, "unread": '{"who": "Zoe"}', "many": "x " * 20})
    assert mapping_of(draft)["decode"] == {"json": "$.raw"}
    inside = json.loads(example_of(draft)["request"]["json"]["raw"])
    assert inside == {"phone": "+12025550123", "naïve": "Example naive"}


def test_json_in_json_is_parsed_from_the_outside_in() -> None:
    """Each text by its path in what was parsed before."""
    inner = json.dumps({"phone": US, "price": 1.25, "price_text": "1"})
    draft = drafted({"raw": json.dumps({"inner": inner})})
    assert mapping_of(draft)["decode"] == {"json": ["$.raw", "$.raw.inner"]}


def test_two_leads_of_a_list_are_two_people() -> None:
    """With names, numbers and ids of their own, as `dedupe` counts them."""
    lead = {
        "id": "L1",
        "name": "Zoe Roe",
        "phone": US,
        "email": "z@z.es",
        "no": 4711,
        "why": "Tea now",
    }
    draft = drafted({"leads": [lead, lead | {"phone": "+12025550189"}]})
    assert mapping_of(draft)["dedupe"]["key"] == "$.id"
    one, two = example_of(draft)["request"]["json"]["leads"]
    assert set(one) <= {"id", "name", "phone", "email", "no", "why"}
    assert all(one[key] != two[key] for key in one)
    calls = example_of(draft)["calls"]
    assert calls[0]["variables"] != calls[1]["variables"]


def test_invented_people_do_not_run_out() -> None:
    """Each number has a text of its own."""
    cast = Cast("")
    assert len({cast.text("language", number) for number in range(9)}) == 9
    assert len({cast.email(number) for number in range(20)}) == 20


@pytest.mark.parametrize("content_type", [JSON, FORM])
@pytest.mark.parametrize(
    "key", ["a" * 2_000, "ü\x81" * 300, "[" + "b" * 400 + "][" + "c" * 700 + "]"]
)
def test_a_key_that_yaml_cannot_have_is_left_out(content_type: str, key: str) -> None:
    """The draft is sound, and reads what it reads."""
    lead = {"phone": US, key: "x", "deep": {"d" * 600: {"e" * 600: "x"}}}
    body = json.dumps(lead) if content_type == JSON else urlencode([("phone", US), (key, "x")])
    draft = drafted(body=body.encode(), content_type=content_type)
    assert phone_of(draft) == "$.phone"
    assert max(map(len, draft.text.splitlines())) < 1_200


SCHEMA = "../schema/mapping.schema.json"


def test_the_file_reads_as_if_a_person_had_written_it() -> None:
    """The keys in the order of the shipped mappings, with remarks."""
    expected = (Path(__file__).parent / "expected_draft.yaml").read_text("utf-8")
    draft = drafted(
        {"id": 7, "event": "lead.created", "phone": US, "first_name": "Zoe", "is_test": False},
        schema=SCHEMA,
    )
    assert draft.text == expected


def test_what_no_form_can_hold_is_left_out() -> None:
    """JSON inside a form may be nested deeper than brackets are read: the rest is drafted."""
    deep: Any = "x"
    for _ in range(MAX_BRACKETS + 1):
        deep = {"a": deep}
    document = {"phone": "+12025550188", "raw": deep}
    made = request_parts(document, media_type="application/x-www-form-urlencoded", method="POST")
    assert made == {"form": {"phone": "+12025550188"}}
