"""The setting `proxy`: an address, or what the environment says."""

from typing import Annotated, Any

from pydantic import BeforeValidator, InstanceOf

from adapter.compiler.fields import patterns
from adapter.compiler.fields.shape import Hidden, expected
from adapter.compiler.yaml.environment import Variables
from adapter.compiler.yaml.findings import Findings
from adapter.config.proxy import PROXY_EXPECTED, Proxy

FROM_ENVIRONMENT = "env"
_URL_NAMES = ("HTTPS_PROXY", "https_proxy")
_EXEMPTION_NAMES = ("NO_PROXY", "no_proxy")


def _proxy(value: Any) -> Proxy | str | None:
    if value in ("", FROM_ENVIRONMENT):
        return value or None
    try:
        return Proxy.from_url(value if isinstance(value, str) else "")
    except ValueError as error:
        raise expected(f"env, or {error}") from None


ProxySetting = Annotated[
    InstanceOf[Proxy] | str | None,
    BeforeValidator(_proxy, json_schema_input_type=patterns.PROXY),
    Hidden(),
]


def proxy_of(setting: Proxy | str | None, variables: Variables, findings: Findings) -> Proxy | None:
    """Return the proxy that a setting means; what is wrong with the environment's is reported."""
    if not isinstance(setting, str):
        return setting
    try:
        url = _first(_URL_NAMES, variables)
        if not url:
            message = "the environment has no HTTPS_PROXY: calls and look-ups go out directly"
            findings.add(("proxy",), message, is_warning=True)
            return None
        # Other programs take an address without its scheme, so the environment may have one.
        url = url if "://" in url else f"http://{url}"
        return Proxy.from_url(url, _first(_EXEMPTION_NAMES, variables))
    except ValueError as error:
        is_ours = str(error) == PROXY_EXPECTED
        findings.add(("proxy",), f"HTTPS_PROXY: expected {error}" if is_ours else str(error))
        return None


def _first(names: tuple[str, ...], variables: Variables) -> str:
    found = (variables.read(name) for name in names)
    return next((each.text for each in found if each is not None), "")
