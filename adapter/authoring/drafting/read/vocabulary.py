"""What a sender's keys mean: the words that tell a phone, a lead, a secret. Pure."""

import re
from collections.abc import Iterable

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
SECRET = re.compile(
    r"(^|_)(secret|password|passwd|pwd|api_?key|google_?key|handshake_?key|access_?token|auth|"
    r"signature|private_?key|webhook_?key|verif(y|ication)_token|client_secret)(_|$)"
)
COUNTRY = re.compile(
    r"(^|_)(country(_code|_iso|_iso_?2|_short_?name|_name)?|pais|land|laenderkennung|paese|pays|"
    r"kraj|nation|countrycode|address_?country)$"
)
EMPTY = (None, "")
