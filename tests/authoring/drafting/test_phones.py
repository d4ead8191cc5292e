"""Promises about which value is taken for the lead's phone."""

from typing import Any

import pytest

from tests.authoring.drafting.drafts import drafted, example_of, mapping_of, phone_of

US = "+12025550188"

CHOICES: list[tuple[str, Any, Any]] = [
    ("the only number", {"phone": US}, "$.phone"),
    ("a mobile before another", {"phone": US, "mobile": "+12025550189"}, ["$.mobile", "$.phone"]),
    ("an empty mobile too", {"phone": US, "mobile": ""}, ["$.mobile", "$.phone"]),
    ("not the fax", {"fax": "+12025550189", "tel": US}, "$.tel"),
    ("not a company's", {"company_phone": "+12025550189", "phone": US}, "$.phone"),
    ("a company's where there is no other", {"company_phone": US}, "$.company_phone"),
    (
        "not the owner's",
        {"owner": {"phone": "+12025550189"}, "lead": {"phone": US}},
        "$.lead.phone",
    ),
    (
        "the lead's, though only the switchboard's is given out",
        {"properties": {"phone": "555-444-1122"}, "associated-company": {"phone": US}},
        "$.properties.phone",
    ),
    ("by its form, in the key of a form builder", {"14": "(555) 678-1210", "5": "x"}, "$['14']"),
    ("by its plus, whatever the key", {"q7": US, "note": "hello"}, "$.q7"),
    ("Spanish", {"teléfono": "612 345 678", "nombre": "Zoe"}, "$['teléfono']"),
    ("German", {"Handynummer": US, "Telefon": "030 123456"}, ["$.Handynummer", "$.Telefon"]),
    ("Japanese", {"電話番号": US}, "$['電話番号']"),
    ("a JSON number", {"Phone Number": 12025550188}, "$['Phone Number']"),
    ("never a timestamp", {"created": "1597336347243", "phone": "202-555-0188"}, "$.phone"),
    ("never a flag", {"phone_verified": "1234567", "mobile_phone": US}, "$.mobile_phone"),
    ("in JSON in a field", {"raw": '{"q": {"phone": "+12025550188"}}'}, "$.raw.q.phone"),
    (
        "in pairs",
        {"fields": [{"name": "name", "value": "Zoe"}, {"name": "phone", "value": US}]},
        "$.fields[?(@.name=='phone')].value",
    ),
    (
        "in pairs, by a question with a quote",
        {"a": [{"label": "What's your phone?", "answer": US}, {"label": "x", "answer": "y"}]},
        "$.a[?(@.label=='What\\'s your phone?')].answer",
    ),
    (
        "by the type of a question that says something else",
        {"a": [{"label": "Reach you?", "type": "INPUT_PHONE_NUMBER", "value": US}]},
        "$.a[?(@.type=='INPUT_PHONE_NUMBER')].value",
    ),
    (
        "pairs whose value is a row of pairs",
        {"p": [{"key": "Target", "value": {"rows": [{"key": "telephone1", "value": US}]}}]},
        "$.p[?(@.key=='Target')].value.rows[?(@.key=='telephone1')].value",
    ),
    ("the first of several", {"phones": [US, "+12025550189"]}, "$.phones[*]"),
    (
        "the mobile of several",
        {"phones": [{"type": "home", "number": "+12025550189"}, {"type": "mobile", "number": US}]},
        ["$.phones[?(@.type=='mobile')].number", "$.phones[*].number"],
    ),
    (
        "the first of several alike",
        {"phones": [{"number": US}, {"number": "+12025550189"}]},
        "$.phones[*].number",
    ),
    (
        "the only one, a mobile",
        {"phones": [{"type": "mobile", "number": US}]},
        "$.phones[?(@.type=='mobile')].number",
    ),
    (
        "a country and a number",
        {"tel": {"country": "+44", "number": "2079460188"}},
        "{$.tel.country}{$.tel.number}",
    ),
    (
        "invented parts",
        {"tel": {"country_code": 1, "area": "555", "phone": "678-1210"}},
        "+{$.tel.country_code}{$.tel.area}{$.tel.phone}",
    ),
    (
        "of numbered fields, by the name in each",
        {"answers": {"3": {"name": "who", "text": "Zoe"}, "7": {"name": "Phone", "answer": US}}},
        "$.answers['7'].answer",
    ),
    (
        "of fields with titles",
        {"fields": {"tel": {"title": "Ring", "value": US}, "roof": {"title": "R", "value": "x y"}}},
        "$.fields.tel.value",
    ),
    ("said twice", {"data": {"tel": US}, "human_fields": {"Tel": US}}, "$.data.tel"),
    ("said twice in one field", {"tel": {"value": US, "raw_value": US}}, "$.tel.value"),
    ("Brevo's mobile", {"attributes": {"SMS": "12025550188"}}, "$.attributes.SMS"),
    ("said twice by the lead", {"tel": US, "mobile": US}, ["$.mobile", "$.tel"]),
    ("not the user's", {"user": {"phone": "+12025550189"}, "phone": US}, "$.phone"),
    ("letters in the place of a phone", {"phone": "555-555-SHIP"}, "$.phone"),
    ("premium rate is one, though it is not rung", {"phone": "+19002345678"}, "$.phone"),
    ("an extension", {"phone": "+1 202-555-0188 x5"}, "$.phone"),
    (
        "the billing address's, not the parcel's",
        {"billing": {"phone": US}, "shipping": {"phone": "+12025550189"}},
        "$.billing.phone",
    ),
    (
        "no more than four",
        {f"phone_{letter}": f"+1202555018{n}" for n, letter in enumerate("abcdef")},
        ["$.phone_a", "$.phone_b", "$.phone_c", "$.phone_d"],
    ),
    ("of lists in a list", [["x"], [US]], "$[1][0]"),
]


@pytest.mark.parametrize(("what", "document", "expected"), CHOICES, ids=[c[0] for c in CHOICES])
def test_the_leads_phone_is_taken(what: str, document: Any, expected: Any) -> None:
    """By its key and by what it looks like; and the sample's own number is nowhere."""
    draft = drafted(document)
    assert draft.parts.phone.is_found
    assert phone_of(draft) == expected
    assert "5550188" not in draft.text.replace("-", "")


NONE: list[tuple[str, Any, Any]] = [
    ("nothing at all", {}, "$.phone"),
    ("an empty place", {"lead": {"mobile": None}}, "$.lead.mobile"),
    ("beside the name", {"contact": {"firstname": "Zoe"}}, "$.contact.phone"),
    ("beside the name, wrapped", {"p": {"lastname": {"value": "Roe"}}}, "$.p.phone.value"),
    (
        "beside the name as a whole",
        {"contact": {"name": "Zoe"}, "x": {"name": 1}},
        "$.contact.phone",
    ),
    ("beside a name in parts", {"lead": {"names": {"first": "Zoe"}}}, "$.lead.phone"),
    ("not an owner's, nor beside his name", {"owner": {"first_name": "Z", "phone": US}}, "$.phone"),
    ("not beside a company's", {"company": {"first_name": "Zoe"}}, "$.phone"),
    ("a fax is none", {"fax": US}, "$.phone"),
    ("the switchboard is none", {"associated-company": {"phone": US}}, "$.phone"),
    ("an id is none", {"id": "4155550132", "zip": "20250"}, "$.phone"),
    ("a date is none", {"day": "2015-01-01", "x": "10.0.0.1", "price": "12.5"}, "$.phone"),
    ("a place for the lead's own is empty", {"phone": "", "company_phone": US}, "$.phone"),
    ("words are none", {"phone": "please call"}, "$.phone"),
    ("what is too long is none", {"phone": "1" * 70}, "$.phone"),
    ("a flag is none", {"mobile": True}, "$.phone"),
    ("ids of records", [{"objectId": 123, "subscriptionType": "contact.creation"}], "$.phone"),
    ("a map by number", {"people": {"+12025550188": {"x": 1}, "a@b.example": {"y": 1}}}, "$.phone"),
    ("a text", "hello", "$.phone"),
    ("two digits are no number", {"tel": {"country": "1", "phone": "12"}}, "$.tel.phone"),
    ("JSON of nothing", {"phone": "{}"}, "$.phone"),
    ("plain digits are none, but by their key", {"q7": "2025550188"}, "$.phone"),
    ("a plus alone is none", {"score": "+5", "n": 12025550188}, "$.phone"),
]


@pytest.mark.parametrize(("what", "document", "expected"), NONE, ids=[c[0] for c in NONE])
def test_where_there_is_none_the_draft_says_so(what: str, document: Any, expected: Any) -> None:
    """It is sound all the same, guesses by the keys, and its example is refused."""
    draft = drafted(document)
    assert not draft.parts.phone.is_found
    assert phone_of(draft) == expected
    assert "# No phone of the lead was found in the sample" in draft.text
    assert example_of(draft)["calls"] == [{"refused": "phone_missing"}]


PASSED = [
    ({"company": {"phone": US}}, "$.company.phone is a company's number and is not taken"),
    ({"phone": "", "company_phone": US}, "$.company_phone is a company's number and is not taken"),
    ({"owner": {"phone": US}}, "$.owner.phone is not the lead's by its key and is not taken"),
    (
        [{"name": "Z", "org": {"tel": US}}] * 2,
        "$[*].org.tel is a company's number and is not taken",
    ),
]


@pytest.mark.parametrize(("document", "remark"), PASSED)
def test_a_number_that_is_passed_over_is_named(document: Any, remark: str) -> None:
    """With what to write if it is the lead's after all; a fax, a flag or a word is no number."""
    others = {"company_fax": US, "org": {"phone_verified": True}, "firma": {"phone": "none"}}
    draft = drafted(document | others if isinstance(document, dict) else document)
    assert len(draft.parts.phone.passed) == 1
    assert f"# {remark}; write it as `phone:` if it is the lead's." in draft.text


def test_no_country_is_guessed() -> None:
    """A national number waits for somebody to state its country."""
    draft = drafted({"phone": "612 345 678"})
    assert mapping_of(draft)["phone"]["region"] == "${PHONE_REGION:-}"
    assert "The sample's number has no country" in draft.text


def test_a_stated_region_is_written() -> None:
    """And makes a national number recognisable whose key says nothing."""
    draft = drafted({"q7": "0491 570 156"}, region="AU")
    assert mapping_of(draft)["phone"] == {"path": "$.q7", "region": "AU"}
    assert example_of(draft)["calls"][0]["phone"] == "+61491570157"
    assert not drafted({"visitor": "0491570156"}, region="AU").parts.phone.is_found
    assert phone_of(drafted({"Field3": "0491570156", "Field4": "12"}, region="AU")) == "$.Field3"
    assert not drafted({"Field3": "0491570156"}).parts.phone.is_found


REGIONS: list[tuple[Any, Any, str]] = [
    ({"phone": "0491 570 156", "country": "AU"}, "$.country", "+61491570157"),
    ({"phone": "020 7946 0188", "Country": "United Kingdom"}, "$.Country", "+442079460123"),
    ({"phone": "030 23125188", "land": "Deutschland"}, "$.land", "+493023125123"),
    ({"phone": "612 345 678", "país": "España"}, "$['país']", "+12025550123"),
    ({"phone": "0188", "country": ""}, "$.country", "+12025550123"),
    ({"phone": "01 99 00 11 88", "country": "Atlantis"}, "$.country", "+12025550123"),
    (
        {
            "phone": "070-174 06 88",
            "country": "SE",
            "ip": {"country": "FR"},
            "org": {"country": "ES"},
        },
        "$.country",
        "+46701740605",
    ),
    (
        {"a": {"country": "FR"}, "b": {"country": "CA", "phone": "(416) 555-0188"}},
        "$.b.country",
        "+14165550123",
    ),
]


@pytest.mark.parametrize(("document", "path", "phone"), REGIONS)
def test_the_country_that_the_document_states_is_read(document: Any, path: str, phone: str) -> None:
    """The nearest to the phone, and the lead's; the example has a number of that country."""
    draft = drafted(document)
    region = mapping_of(draft)["phone"]["region"]
    assert region["path"] == path
    assert region["default"] == "${PHONE_REGION:-}"
    assert example_of(draft)["calls"][0]["phone"] == phone


@pytest.mark.parametrize("region", ["US", "AU", "ES"])
@pytest.mark.parametrize("more", [{}, {"mobile": "0491 570 999"}, {"phones": ["(202) 555-0177"]}])
def test_beside_a_country_that_nobody_knows_the_example_is_international(
    more: dict[str, Any], region: str
) -> None:
    """There a national number is refused, whichever region counts where no country stands."""
    draft = drafted({"phone": "(202) 555-0188", "country": "Atlantis", **more}, region=region)
    assert mapping_of(draft)["phone"]["region"] == {"path": "$.country", "default": region}
    assert example_of(draft)["calls"][0]["phone"].startswith("+1202555")


@pytest.mark.parametrize(
    ("document", "each"),
    [
        ({"contacts": [{"phone": US}, {"phone": "+12025550189"}]}, "$.contacts[*]"),
        ([{"phone": US}, {"phone": 12025550188}], "$[*]"),
        ({"entry": [{"changes": [{"value": {"phone": US}}]}]}, "$.entry[*].changes[*]"),
        ({"people": [{"raw": '{"phone": "+12025550188"}'}]}, "$.people[*]"),
    ],
)
def test_a_list_of_leads_rings_each(document: Any, each: str) -> None:
    """One call for each, and the example shows two at most."""
    draft = drafted(document)
    assert mapping_of(draft)["each"] == each
    assert len(example_of(draft)["calls"]) in (1, 2)
    assert "5550188" not in draft.text


def test_lone_soap_notifications_are_a_list_of_one() -> None:
    """Salesforce sends up to a hundred, and wants its receipt."""
    body = (
        b'<e:Envelope xmlns:e="urn:e"><e:Body><notifications><Notification><Id>04l1</Id>'
        b'<sObject type="sf:Lead" b="1">x<Phone>+12025550188</Phone><Own_Note__c>Tea &amp; cake'
        b"</Own_Note__c><Tag>a</Tag><Tag>b</Tag></sObject></Notification></notifications></e:Body>"
        b"</e:Envelope>"
    )
    draft = drafted(body=body, content_type="text/xml")
    said = mapping_of(draft)
    assert said["each"] == "$.Envelope.Body.notifications.Notification[*]"
    assert said["respond"] == "salesforce_ack"
    assert said["variables"]["own_note"] == "$.sObject.Own_Note__c"
    assert "Tea" not in draft.text


def test_xml_of_all_sorts_comes_back() -> None:
    """Attributes alone, signs that YAML or XML would take for more, and a header beside it."""
    body = b"<lead source='web &quot;x&quot;'><phone>+12025550188</phone><kind id='7'/></lead>"
    draft = drafted(body=body, content_type="text/xml", headers={"X-Shop-Topic": "lead.created"})
    request = example_of(draft)["request"]
    assert request["headers"] == {"x-shop-topic": "lead.created"}
    assert "<kind id" in request["text"]
    draft = drafted(
        body=b"<a><phone>+12025550188</phone><currency>$${</currency></a>", content_type="text/xml"
    )
    assert "phone" in example_of(draft)["calls"][0]
