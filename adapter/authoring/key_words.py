"""The words of a sender's keys, and those that name somebody else than the lead. Pure."""

import re
import unicodedata
from collections.abc import Iterable

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SIGNS = re.compile(r"[\W_]+")
# A JSON or XML body that was read as a form: its first `=` made a key of it.
_BODY = re.compile(r"""\s*([\[{]\s*["'{\[]|<[?!A-Za-z])""")
# Jotform's `q5_phoneNumber`; and the number behind `telephone1`.
_NUMBERED = re.compile(r"^q\d+_|(?<=[^\W\d_])\d+(?=_|$)")


def words(text: str) -> str:
    """Return a key's words in lower case with `_` between: `q5_phoneNumber` → `phone_number`."""
    # Salesforce marks an admin's own fields so.
    plain = unicodedata.normalize("NFKD", text.removesuffix("__c"))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    spaced = _SIGNS.sub("_", _CAMEL.sub("_", plain)).strip("_").casefold()
    return _NUMBERED.sub("", spaced).strip("_")


def any_of(*alternatives: str) -> re.Pattern[str]:
    """Return a pattern that finds any of these as whole words of a key."""
    return re.compile(rf"(^|_)({'|'.join(alternatives)})s?(_|$)")


def is_body(key: str) -> bool:
    """Whether a key is (the beginning of) a body in JSON or XML, and no field's name."""
    return _BODY.match(key) is not None


FAX = any_of("fax", "telefax", r"\w*fax", "pager")
# Somebody else's: the lead's company, whoever sells to the lead, the one who gets a present.
STRANGER_OWN = any_of(
    "owner", "agent", "rep", "sales_?rep", "salesperson", "seller", "vendor", "assignee",
    "assigned", "host", "created_by", "updated_by", "manager", "staff", "employee", "operator",
    "store", "branch", "dealer", "merchant", "shipping", "delivery", "recipient", "emergency",
    "support", "tracking", "destination", "switchboard", "front_desk", "reception", "guarantor",
    "advisor", "consultant", "realtor", "broker", "hotline", "helpline", "toll_?free", "spouse",
    "partner", "our", "organi[sz]er", "reference", "referrer", "location",
)  # fmt: skip
COMPANY = any_of(
    r"associated_?compan(y|ie)", "compan(y|ie)", "organi[sz]ation", "org", "account", "employer",
    "empresa", "firma", "business", "office", "hq", "societe", "azienda", "unternehmen",
)  # fmt: skip
USER = any_of("user", "member")
# Whom a message or a call reached: the business's own number, where its lead's stands in `from`.
RECEIVER = re.compile(r"(^)(to|called|callee|receiver|inbox|dnis|display(?=_(phone|number)))(_|$)")
# Who pays may be somebody else: a draft may read it where a shop names nobody besides.
PAYER = any_of("billing", "invoice", "payer")
_STRANGERS = (FAX, STRANGER_OWN, RECEIVER, COMPANY, USER, PAYER)


def strangers(keys: Iterable[str]) -> frozenset[str]:
    """Return the words in these keys that say that somebody else than the lead is meant."""
    return frozenset(
        found[2] for key in keys for pattern in _STRANGERS for found in pattern.finditer(words(key))
    )
