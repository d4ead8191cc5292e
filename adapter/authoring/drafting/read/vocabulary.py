"""What a sender's keys mean: the words that tell a phone, a lead, a secret. Pure."""

import re
from collections.abc import Iterable, Mapping

from adapter.authoring.key_words import any_of, words


def vocabulary(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


# Keys that say where in a value one is, and not what it is: the key above them does.
GENERIC = vocabulary(
    "value values text full number raw content string_value answer answers e164 formatted "
    "international national val raw_value data display_value plain response email_address"
)
_PARTS = {"first": "first_name", "given": "first_name", "last": "last_name"}
_PARTS |= {"family": "last_name", "middle": "middle_name", "prefix": "salutation"}

# `names: {first, last}` too, and in the languages whose forms say `first` in English.
_NAMED = re.compile(r"(names?|nombres?|nome|nom|naam|namn|navn)$")


def name_of(key: str, above: str) -> str:
    """Return what a value is called, where its own key may say too little."""
    own = words(key)
    if own in _PARTS and _NAMED.search(above):
        return _PARTS[own]
    is_said_above = own in GENERIC or not own or own.isdecimal()
    return above if is_said_above and above else own


def numbered_names(keys: Iterable[str]) -> dict[str, str]:
    """Return the names of Gravity Forms name fields: of field 11 the first name is 11.3."""
    found = set(keys)
    stems = {key[:-2] for key in found if re.fullmatch(r"\d+\.3", key) and f"{key[:-1]}6" in found}
    # An address has parts of these numbers too, and a first line before them.
    stems = {stem for stem in stems if f"{stem}.1" not in found}
    parts = {"2": "salutation", "3": "first_name", "4": "middle_name", "6": "last_name"}
    return {f"{stem}.{part}": name for stem in stems for part, name in parts.items()}


MOBILE = any_of(
    "mobile", "mobil", "mobiel", "cell", "cellular", "celular", "cellulare", "movil", "handy",
    "whatsapp", "gsm", "portable", "telemovel", "mobiltelefon", "mobile_?phone", "cell_?phone",
    "handy_?nummer", "mobil_?nummer", "msisdn", "sms_number", "text_reminder_number", "komorka",
    "mobilnummer", "携帯電話", "手机", "手机号",
)  # fmt: skip
PHONE = any_of(
    r"\w*phone", r"tele?(fono?|fone|foon|phon|fax)?", "telefon_?(nummer|numer|szam)?", "telf",
    "tlf", "tfno", "fono?", "fone", "telefoon_?nummer", r"\w*phone_?(number|num|no|nr)", "msisdn",
    "ruf_?nummer", "contact_?(number|no)", "call_?back_?number", "customer_number", "numero_de_tel",
    "puhelin", "fijo", "fisso", "festnetz", "land_?line", "puhelin_?numero", "telefone",
    "caller_?(id|number)", "電話", "电话", "電話番号",
    "телефон", "τηλεφωνο", "هاتف", "전화", "전화번호", "טלפון",
)  # fmt: skip
# A key with a phone's word that is no number, or no number to ring.
NO_NUMBER = any_of(
    "id", "type", "label", "verified", "valid", "status", "consent", "opt", "opted", "country",
    "code", "prefix", "ext", "extension", "carrier", "hash", "sha256", "count", "at", "time",
    "timestamp", "date", "url", "page", "android", "ios", "model", "device", "os", "calls?_count",
    "confirmed", "preferred", "preference", "do", "not", r"do_?not\w*", "dnd", "is", "has",
    "format", "permission", "dialing", "click", "bounced?", "source", "provider", "token", "key",
    "secret",
)  # fmt: skip
WORK = any_of("work", "other", "secondary", "alt", "alternate", "trabajo", "home")
# What was so before, or how it came to be: no fact about the lead of today.
PAST = vocabulary(
    "versions history previous previous_data old old_values before schema definition options "
    "choices changes_before matches_filters merge_audits identity_profiles preimage pre_image"
)
# Who a lead is in a document; a phone there is the lead's.
LEAD = any_of(
    "lead", "contact", "customer", "person", "prospect", "client", "caller", "buyer", "billing",
    "applicant", "attendee", "invitee", "subscriber", "patient", "submitter", "visitor",
)  # fmt: skip
# Who wrote or rang; a WhatsApp id is a number without its plus, of whatever length.
WA_ID = re.compile(r"(\w+_)?wa_?id")
SENDER = re.compile(rf"from(_number)?|originator|caller|{WA_ID.pattern}")
DIRECTION = re.compile(r"(\w+_)?direction|message_type")
SECRET = re.compile(
    r"(^|_)(secret|password|passwd|pwd|api_?key|google_?key|handshake_?key|access_?token|auth|"
    r"signature|private_?key|webhook_?key|verif(y|ication)_token|client_secret)(_|$)"
)
COUNTRY = re.compile(
    r"(^|_)(country(_code|_iso|_iso_?2|_short_?name|_name)?|pais|land|laenderkennung|paese|pays|"
    r"kraj|nation|countrycode|address_?country)$"
)

# Numbers in parts, and a form builder's field, which says nothing.
CALLING_CODE = re.compile(
    r"(\w+_)?(country|country_?code|calling_code|dial(ing)?_?code|phone_?code|phone_prefix|prefix|"
    r"country_prefix|international_code|isd_?code)"
)
AREA_CODE = re.compile(r"(\w+_)?(area|area_?code|city_?code)")
LOCAL_NUMBER = re.compile(
    r"(\w+_)?(phone|number|phone_?number|mobile|subscriber|line|local_?number)"
)
OPAQUE = re.compile(r"(field|input|question|q|column|answer|text|custom|item)?_?[0-9]*")

# A lead's name, and countries that are not a lead's.
NAME_PARTS = ("first_name", "last_name")
NUMBERED_KINDS = frozenset({*NAME_PARTS, "name"})
NAME_GROUPS = frozenset({"name", "names", "full_name", "nombre", "nombres", "nom", "nome"})
# Where somebody's computer is, or what the shop says of itself.
ELSEWHERE = re.compile(r"(^|_)(ip|geo\w*|browser|device|location|client_details|meta|context)(_|$)")

# Variables by what they are: the first that fits counts, and their order is the file's.
KINDS: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "first_name": r"(\w+_)?(first_?name|f_?name|given_?name|forename|vorname|prenom|voornaam|"
        r"primer_nombre|imie|fornavn|fornamn)",
        "last_name": r"(\w+_)?(last_?name|l_?name|surname|family_?name|nachname|apellidos?|"
        r"nom_de_famille|achternaam|cognome|sobrenome|nazwisko|etternavn|efternamn)",
        "name": r"(\w+_)?(full_?name|display_name|contact_name|customer_name|lead_name|person_name|"
        r"client_name|sender_name|profile_name|caller_name|attendee_name|invitee_name|visitor_name|"
        r"your_name|what_is_your_name|pulse_name)|name|nombre(_completo|_y_apellidos)?|"
        r"nom(_complet)?|naam|nome(_completo)?|namn|navn",
        "company": r"(\w+_)?(company(_?name)?|org_?name|organi[sz]ation(_?name)?|account_?name|"
        r"employer|empresa|firma|societe|azienda|business_name|entreprise)",
        "product": r"(?!messaging)(\w+_)?(product(_?name)?|service|item_name|plan|package|model|"
        r"producto|produit|interest(ed_in)?s?|interes|treatment|course|programme?)",
        "message": r"(\w+_)?(message|mensaje|comments?|nachricht|enquiry|inquiry|question|notes|"
        r"observaciones|kommentar|how_can_we_help\w*)|description|note|details|body",
        "city": r"(\w+_)?(city|town|ciudad|stadt|ville|citta|cidade|localidad)",
        "language": r"(preferred_)?(language|idioma|sprache|langue|locale)",
        "job_title": r"(\w+_)?(job_?title|jobtitle|position|cargo|puesto)",
        "appointment": r"(\w+_)?(appointment|preferred_(date|time|day)|visit)",
        "form": r"(form_?(title|name)|page_name|campaign(_name)?)",
    }.items()
}
# No answer of a person that a voice could use, or one that it should not know.
SKIPPED = vocabulary(
    "id ids uuid guid gid hash url uri link href token ip ipaddress utm gclid gcl fbclid ga "
    "referrer referer agent browser device os consent opt opted gdpr terms privacy accept "
    "accepts accepted newsletter subscribed unsubscribed marketing timestamp created updated "
    "modified at timezone tz api locale currency attempt retry count lat lng latitude longitude "
    "mail email correo address street strasse zip postal postcode birthday birthdate dob "
    "password ssn dni nif iban card captcha honeypot source medium ref slug key code country "
    "flag house mime avatar photo image file host domain username user pretty raw channel oauth "
    "field price amount total tax tag tags direction platform carrier provider encoding version "
    "acceptance agree agreed agreement permission authorize authorise optin legal policy dsgvo "
    "rgpd consentimiento einwilligung zustimmung turnstile honeypot csrf zone"
)
# The same within a word: `recaptcha`, `fluentformnonce`.
SKIPPED_PARTS = re.compile(r"captcha|nonce|consent|gdpr")
# What a machine chose of its own few words: `message_type`, and texts such as `BOOKING_CREATED`.
MACHINES_WORD = re.compile(
    r"(message|content|contact|event|line|record|sms|call|lead|customer|entry|object|resource|form|"
    r"delivery|payment|order|booking|account|number|phone)_(type|status|kind|state|mode|format)|"
    r"\w*status_string|(to|from)_state|(api|powered|messaging)_\w+"
)
MACHINES_TEXT = re.compile(r"[A-Z]+(_[A-Z]+)+|[a-z]+(_[a-z]+)+")
# These say nothing by themselves; a `roof_type` does.
SKIPPED_ALONE = vocabulary(
    "type status kind role category stage method module operation step order object position date "
    "index sort color label subject time test version topic action trigger event state size "
    "format variant scope"
)
TITLES = frozenset({"title", "name", "product_name", "product"})
BOOKED = re.compile(r"(^|_)(\w*event|appointment|booking|meeting|reservation)$")
OFFERED = re.compile(r"(^|_)(scheduled_event|product|service|plan|course|treatment|package)$")
FORM = re.compile(r"(^|_)(form|campaign|page)$")
# A `name` in one of these is no person's.
NAMED_THING = re.compile(r"(^|_)(form|campaign|list|order|tags?|group\w*|event_type|file|page)$")
PRODUCTS = re.compile(r"(^|_)(line_items|items|products|order_items|cart)(_|$)")

# Flags of those who must not ring, and names of events.
FLAGS = (
    (
        "test",
        re.compile(r"is_?test(_lead|_mode)?|test(_lead|_mode|_submission|_event)?|test_?data"),
    ),
    (
        "do_not_call",
        re.compile(
            r"(\w+_)?(do_?not_?(call|phone|contact|disturb)|dont_call|no_?call|dnd|dnc|black_?list(ed)?|"
            r"unsubscribed|opted_?out|has_?opted_?out|phone_number_is_opted_out|opted_out_of_(calls?|"
            r"phone)|robinson|is_blocked)"
        ),
    ),
    ("deleted", re.compile(r"(is_)?deleted|is_?spam|spam")),
    ("bulk", re.compile(r"is_bulk_(update|edit)|is_import(ed)?")),
)
OTHER_CHANNEL = re.compile(r"e?_?mail|sms|push|text|newsletter|marked")
EVENT = re.compile(
    r"(event|event_?(type|name|kind)|topic|action|trigger|trigger_?(type|event)|message_name|webhook_?event|"
    r"type|operation|event_?key|subscription_?type|resource_action)"
)
EVENT_HEADER = re.compile(r"x-[a-z-]+-(topic|event)")
HAPPENING = re.compile(
    r"(?i)(^|[._/:\s-]|(?<=[a-z]))(creat\w*|add(ed)?|new\w*|insert\w*|submi\w+|subscrib\w*|"
    r"subscription|response|lead\w*|register\w*|registration|book\w*|signup|sign_up|captured?|"
    r"received|completed)($|[._/:\s-]|(?=[A-Z_]))"
)
OTHERWISE = re.compile(
    r"(?i)updat|chang|delet|remov|cancel|edit|merg|unsubscri|archiv|lost|partial|reschedul|reject|"
    r"declin|no_?show|(^|[._/:\s-])(sent|read|delivered|failed|paid|expired)"
)

# Ids and times. A submission or a lead comes once; an event's id stays when it is sent again.
SUBMISSION_ID = re.compile(
    r"(\w+_)?(submission|lead|leadgen|entry|response|enquiry|inquiry|booking)_?(id|uuid)|"
    r"unique_?id|resource_id|submissionid|entryid|leadid"
)
EVENT_ID = re.compile(
    r"(event|message|notification|delivery|webhook_event|trigger)_?(id|uuid)|(message|call|sms)_sid"
)
RECORD_ID = re.compile(r"id|uuid|uri|gid|record_id|order_id|order_number")
PERSON_ID = re.compile(
    r"vid|(contact|person|customer|prospect|subscriber|object|entity|pulse|item|record)_?id"
)
LOOKED_UP = re.compile(r"(lead|leadgen|deal|ticket|response)_?id")
# An id in one of these is the lead's, or the event's.
RECORD = re.compile(
    r"(^|_)(data|payload|record|item|object|current|entry|submission|response|order|deal|booking|"
    r"message|event|notification|result|resource|body|details?|properties|new|sobject|meta|call)s?$"
)
SUBMITTED = re.compile(
    r"(\w+_)?(submitted_?(at|on)?|submit_time|submission_?(time|date|at)|occurred_?(at|on)|"
    r"event_?(time|timestamp)|trigger_?time|happened_?at)"
)
# An id in one of these is that of a thing beside the lead: a form, an owner, an address.
BESIDE_LEAD = re.compile(
    r"(^|_)(form|owner|user|address|location|company|app|account|organi[sz]ation|campaign|"
    r"tracking|list|tags?|fields?|answers?|questions?|definition|creator|shop|store|product|meta|"
    r"workflow|agent|team|inbox|business|workspace|portal|tenant|webhook|integration|organi[sz]er)(_|$)"
)
CREATED = re.compile(r"created_?(at|time|on)?|date_created|creat(ion|e)_?(time|date)|timestamp")
ZONE = re.compile(r"(^|_)(time_?zone|tz)$")
OTHERS_ZONE = re.compile(
    r"(^|_)(company|organi[sz]ation|account|business|shop|event_type|event_time|user|calendar)"
)

# Secrets that prove the sender.
SIGNED_HEADER = re.compile(r".*(signature|hmac|sig-hash).*")
KEY_HEADER = re.compile(
    r"x-.*(secret|token|api-?key|auth|password)|(x-)?api-?key|x-[a-z]+-key|apikey|webhook-secret"
)
BODY_SECRET = re.compile(
    r"(\w+_)?(google_key|handshake_?key|webhook_?(secret|key|token)|shared_?secret|secret(_key|_token)?|"
    r"verification_token|security_token|api_?key|auth_token)"
)
BODY_TOKENS = frozenset({"token"})
# Bitrix24's, of whatever object it stands in.
NESTED_SECRETS = frozenset({"application_token"})
# Fields of a query that prove the sender and say nothing of a lead.
QUERY_TOKENS = frozenset({"token", "access_token", "api_key", "apikey", "key", "secret", "code"})

# Lists of pairs, and of somebody's several phones. Of labels the first that names each pair alone
# counts: Meta, Google, Tally, Fillout, Calendly and more.
LABELS = (
    *("column_id", "name", "label", "question", "title", "field_name", "fieldName", "field"),
    *("key", "ref", "code", "slug", "id", "type"),
)
PAIR_VALUES = (
    *("value", "values", "string_value", "stringValue", "answer", "answers", "text", "content"),
    *("response", "val", "field_value", "fieldValue"),
)
RECORD_KEYS = vocabulary("timestamp from created_at created date time sent_at sender author")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "choice": ("choice", "label"),
    "choices": ("choices", "labels"),
}
LABEL_TITLES = ("name", "label", "title", "question")
COLLECTION = re.compile(
    r"(^|_)(address(es)?|\w*phones?|e?mails?|tel|telephones?|numbers?|mobiles?)$"
)
PREFERRED = ("primary", "is_primary", "isPrimary", "main", "default", "is_default", "preferred")
ENTRY_KINDS = ("type", "label", "kind", "use")
MOBILE_KIND = re.compile(r"(?i)mobil|cell|movil|whatsapp|handy")

# Values that may stay in an example.
CURRENCY = re.compile(r"(^|_)currency$")
ENUMERATION = re.compile(
    r"(^|_)(type|kind|event|action|topic|status|role|entity|object|stage|operation|trigger|module|"
    r"format|flag|change|category|method|use)$"
)
BOOLEANS = vocabulary("true false yes no on off 0 1 y n")
HARMLESS = vocabulary(
    "lead leads contact contacts customer customers "
    "person people company order orders form forms response submission submitted submit create "
    "created creation add added insert inserted new update updated subscribe subscribed web email "
    "phone number text choice choices short long multiple date url file work home mobile cell main "
    "other primary active open pending paid enabled disabled type event notification page leadgen "
    "webhook input select dropdown checkbox textarea hidden invitee booking item items object "
    "workflow api app user website site list object"
)
