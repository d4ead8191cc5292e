"""The report of `adapter new` on a draft: paths and names alone, and no value of the sample."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapter.authoring.drafting.choose.phones import PhoneChoice, is_phone_name
from adapter.authoring.drafting.draft import Draft
from adapter.authoring.drafting.parts import Parts
from adapter.authoring.drafting.write.mapping_text import passed_remark, phone_paths
from adapter.cli.terminal import say

_NAMES = frozenset({"first_name", "last_name", "name"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """The file that has a draft, and the one in which `adapter serve` would look for it."""

    target: Path
    home: Path


def print_report(draft: Draft, written: Written | None, sample: str, notes: Sequence[str]) -> None:
    """Print what was found and what comes next; to standard error where the draft is printed."""
    lines = [f"{title:<14} {text}" for title, text in _part_rows(draft.parts)]
    lines += [f"note: {note}" for note in (*_doubts(draft), *notes)]
    if written is not None:
        lines.append(f"wrote {written.target}; next:")
        lines += [f"  {step}" for step in _steps(draft.parts, written, sample)]
    for line in lines:
        say(line, err=written is None)


def _steps(parts: Parts, written: Written, sample: str) -> Iterator[str]:
    """Yield the next steps, in their order; `serve` looks for mappings in their folder alone."""
    name, target, home = parts.order.name, written.target, written.home
    if target.resolve() != home.resolve():
        there = ", in place of the file that is there" if home.exists() else ""
        yield f"move it to {home}{there}"
    variables = parts.auth.variables
    wanted = " and ".join(f"{name} (or the path of its file in {name}_FILE)" for name in variables)
    yield (
        f"set {wanted} in the environment, and restart a running `adapter serve`: it sees changes"
        " of such a file, and none of its environment"
    )
    yield "adapter check"
    yield f"adapter try {name} {sample if sample == '-' else shlex.quote(sample)}"
    yield f"enter at the CRM: {_webhook_url(parts)}"


def _webhook_url(parts: Parts) -> str:
    """Return the URL for the CRM to post to; the token itself is unknown here."""
    token = "?token=…" if "token" in parts.auth.spec else ""
    host = parts.order.public_url.rstrip("/")
    return f"{host}/hooks/{parts.order.name}{token}{'' if host else ', behind your own host'}"


def _part_rows(parts: Parts) -> list[tuple[str, str]]:
    rows = [("phone", f"{_phone_place(parts.phone)}   <- {_phone_evidence(parts.phone)}")]
    rows += [("each", parts.each)] if parts.each else []
    rows += [
        (
            f"{{{{{variable.name}}}}}",
            variable.leaf.path if variable.leaf else "nothing like it in the sample",
        )
        for variable in parts.variables
    ]
    rows += [("guard", f"{guard.reason}: {guard.leaf.path}") for guard in parts.guards]
    key = ", ".join(leaf.path for leaf in parts.key.parts)
    rows.append(("dedupe", key or "the phone and the variables: the sample has no id for it"))
    auth = ", ".join(parts.auth.spec)
    rows.append(("auth", f"{auth}: set {', '.join(parts.auth.variables)} in the environment"))
    return rows


def _phone_place(phone: PhoneChoice) -> str:
    if phone.split is not None:
        return phone.split.template
    return ", ".join(phone_paths(phone))


def _phone_evidence(phone: PhoneChoice) -> str:
    if not phone.is_found:
        return "a guess"
    if phone.split is not None:
        is_whole = len(phone.split.parts) == 1
        return "international, without its plus" if is_whole else "country and number stand apart"
    first = phone.leaves[0]
    return "by its key" if is_phone_name(first.name) else "it is written as only a phone is"


def _doubts(draft: Draft) -> list[str]:
    parts = draft.parts
    found: list[str] = []
    if not parts.phone.is_found:
        found += map(passed_remark, parts.phone.passed)
        found.append(
            "no phone of the lead was found in this sample: capture one of a lead with a phone, or"
            " write its place under `phone`. Where a webhook only names a record, its phone has to"
            " be fetched with `lookup`: docs/mapping.md"
        )
    elif not draft.rings:
        found.append("the example does not ring: the path of the phone is to be mended")
    if not any(variable.kind in _NAMES for variable in parts.variables):
        found.append(
            "no variable is the lead's name: if the script greets by name, write its path under"
            " `variables`"
        )
    has_region = parts.order.region or (parts.phone.country and parts.phone.country.code)
    if parts.phone.is_national and not has_region and parts.phone.split is None:
        found.append(
            "the number in this sample has no country: set PHONE_REGION in the environment, or"
            " draft again with --region, or it is refused"
        )
    return found
