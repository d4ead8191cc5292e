"""How a sender proves itself, by what its request carries. Pure.

A secret of the sample is never kept: the mapping names a variable of the environment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.authoring.drafting.read.leaves import Leaf
from adapter.authoring.drafting.read.vocabulary import (
    BODY_SECRET,
    BODY_TOKENS,
    KEY_HEADER,
    NESTED_SECRETS,
    SIGNED_HEADER,
)
from adapter.authoring.yaml_text import Env

# Header → the parts of `hmac`. Each as the shipped mapping of that vendor has it.
_SIGNATURES: Mapping[str, Mapping[str, Any]] = {
    # Meta and whoever followed GitHub: docs.github.com "Validating webhook deliveries"
    "x-hub-signature-256": {"header": "X-Hub-Signature-256", "prefix": "sha256="},
    "x-hub-signature": {  # mappings/intercom.yaml
        "header": "X-Hub-Signature",
        "algorithm": "sha1",
        "prefix": "sha1=",
    },
    "typeform-signature": {  # mappings/typeform.yaml
        "header": "Typeform-Signature",
        "encoding": "base64",
        "prefix": "sha256=",
    },
    "calendly-webhook-signature": {  # mappings/calendly.yaml
        "header": "Calendly-Webhook-Signature",
        "prefix": "v1=",
        "signed": "{timestamp}.{body}",
        "timestamp": {"field": "t"},
        "tolerance": "3m",
    },
    "x-shopify-hmac-sha256": {  # mappings/shopify.yaml
        "header": "X-Shopify-Hmac-SHA256",
        "encoding": "base64",
    },
    "x-wc-webhook-signature": {  # mappings/woocommerce.yaml
        "header": "X-WC-Webhook-Signature",
        "encoding": "base64",
    },
    "tally-signature": {"header": "Tally-Signature", "encoding": "base64"},  # mappings/tally.yaml
    "x-fs-signature": {  # mappings/formstack.yaml
        "header": "X-FS-Signature",
        "prefix": "sha256=",
    },
    "x-webflow-signature": {  # mappings/webflow.yaml
        "header": "X-Webflow-Signature",
        "signed": "{timestamp}:{body}",
        "timestamp": {"header": "X-Webflow-Timestamp"},
    },
}
_STANDARD = frozenset({"webhook-id", "webhook-timestamp", "webhook-signature"})
_MIN_TOKEN = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class AuthChoice:
    """The mapping's `auth`, a remark beside it, and the variables that must be set.

    `secret` is the leaf that holds the secret, where the body does.
    """

    spec: Mapping[str, Any]
    remark: str = ""
    variables: tuple[str, ...] = ()
    secret: Leaf | None = None


def env_prefix(name: str) -> str:
    """Return what a source's variables begin with: `my-form` → `MY_FORM`."""
    prefix = name.upper().replace("-", "_")
    return f"SOURCE_{prefix}" if prefix[0].isdecimal() else prefix


def choose_auth(
    name: str, headers: Mapping[str, str], leaves: Sequence[Leaf], public_url: str
) -> AuthChoice:
    """Return the best proof that the request shows; a token where it shows none."""
    prefix = env_prefix(name)
    signed = _signed(prefix, headers, public_url)
    if signed is not None:
        return signed
    secret = next((leaf for leaf in leaves if is_body_secret(leaf, leaves)), None)
    if secret is not None:
        return _body(prefix, secret)
    return _basic(prefix, headers) or _header(prefix, headers) or _token(prefix, name, headers)


def _signed(prefix: str, headers: Mapping[str, str], public_url: str) -> AuthChoice | None:
    secret = Env(name=f"{prefix}_SECRET")
    if headers.keys() >= _STANDARD:
        auth = {"standard_webhooks": {"secret": secret}}
        return AuthChoice(
            spec=auth,
            remark="Set it to the secret whsec_… that the sender shows.",
            variables=(secret.name,),
        )
    if "x-hubspot-signature" in headers or "x-hubspot-signature-v3" in headers:
        return _hubspot(prefix, headers, public_url)
    for header, parts in _SIGNATURES.items():
        if header in headers and _fits(parts, headers[header]):
            first = {"header": parts["header"], "secret": secret}
            auth = {"hmac": first | {key: parts[key] for key in parts if key != "header"}}
            remark = "Set it to what the sender calls its signing secret."
            return AuthChoice(spec=auth, remark=remark, variables=(secret.name,))
    return None


def _fits(parts: Mapping[str, Any], value: str) -> bool:
    """Whether the value is of the form that the vendor writes; a sample may have it masked."""
    prefix = parts.get("prefix", "")
    return not prefix or "timestamp" in parts or value.startswith(prefix) or "=" not in value


def _hubspot(prefix: str, headers: Mapping[str, str], public_url: str) -> AuthChoice:
    version = headers.get("x-hubspot-signature-version", "v1").strip()
    version = "v3" if "x-hubspot-signature-v3" in headers else version
    if version not in ("v1", "v2", "v3"):
        version = "v1"
    if version != "v1" and not public_url:
        remark = (
            f"The sample is signed ({version}): set public_url in adapter.yaml and write "
            f'{{hubspot: {{client_secret: "${{…}}", version: {version}}}}}.'
        )
        return _by_token(prefix, remark)
    secret = Env(name=f"{prefix}_CLIENT_SECRET")
    auth = {"hubspot": {"client_secret": secret, "version": version}}
    return AuthChoice(
        spec=auth, remark="Set it to the app's client secret.", variables=(secret.name,)
    )


def is_body_secret(leaf: Leaf, leaves: Sequence[Leaf]) -> bool:
    """Whether a value, mostly one at the top of the body, is a secret that proves the sender."""
    if leaf.each or not isinstance(leaf.value, str) or not leaf.text:
        return False
    if leaf.key in NESTED_SECRETS or len(leaf.place) != 1:
        return leaf.key in NESTED_SECRETS
    if leaf.key in BODY_TOKENS:
        # An order's or a response's own token is its name, not a secret.
        is_shop = any(other.key == "cart_token" for other in leaves)
        return len(leaf.text) >= _MIN_TOKEN and not is_shop
    return BODY_SECRET.fullmatch(leaf.key) is not None


def _body(prefix: str, leaf: Leaf) -> AuthChoice:
    secret = Env(name=f"{prefix}_SECRET")
    auth = {"body": {"path": leaf.path, "value": secret}}
    return AuthChoice(
        spec=auth,
        remark="Set it to the secret that each body repeats.",
        variables=(secret.name,),
        secret=leaf,
    )


def _basic(prefix: str, headers: Mapping[str, str]) -> AuthChoice | None:
    if not headers.get("authorization", "").casefold().startswith("basic "):
        return None
    user, password = Env(name=f"{prefix}_USERNAME"), Env(name=f"{prefix}_PASSWORD")
    auth = {"basic": {"username": user, "password": password}}
    return AuthChoice(
        spec=auth,
        remark="Set both to what you entered at the sender.",
        variables=(user.name, password.name),
    )


def _header(prefix: str, headers: Mapping[str, str]) -> AuthChoice | None:
    for header in headers:
        if header != "x-webhook-token" and KEY_HEADER.fullmatch(header):
            secret = Env(name=f"{prefix}_SECRET")
            name = "-".join(part.capitalize() for part in header.split("-"))
            auth = {"header": {"name": name, "value": secret}}
            return AuthChoice(
                spec=auth, remark="Set it to the value of this header.", variables=(secret.name,)
            )
    return None


def _token(prefix: str, name: str, headers: Mapping[str, str]) -> AuthChoice:
    signed = next((header for header in headers if SIGNED_HEADER.fullmatch(header)), None)
    if signed is not None:
        return _by_token(prefix, f"Write `hmac` instead if you know how {signed} is made.")
    return _by_token(prefix, f"Enter …/hooks/{name}?token=… at the sender.")


def _by_token(prefix: str, remark: str) -> AuthChoice:
    token = Env(name=f"{prefix}_TOKEN")
    return AuthChoice(spec={"token": token}, remark=remark, variables=(token.name,))
