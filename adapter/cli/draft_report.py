"""What `adapter new` says of a draft: paths and names alone, nothing that stood in the sample."""

import shlex
from collections.abc import Sequence

import click

from adapter.drafting.draft import Draft
from adapter.drafting.parts import Parts
from adapter.drafting.phones import PhoneChoice, is_phone_name
from adapter.drafting.writing import phone_paths


def print_report(draft: Draft, target: str, sample: str, notes: Sequence[str]) -> None:
    """Print what was found and what comes next; to standard error where the draft is printed."""
    name = draft.parts.order.name
    lines = [f"{title:<14} {text}" for title, text in _rows(draft.parts)]
    lines += [f"note: {note}" for note in (*_doubts(draft), *notes)]
    if target:
        shown = sample if sample == "-" else shlex.quote(sample)
        lines += [f"wrote {target}; next:", "  adapter check", f"  adapter try {name} {shown}"]
    for line in lines:
        click.echo(line, err=not target)


def _rows(parts: Parts) -> list[tuple[str, str]]:
    rows = [("phone", f"{_path_of(parts.phone)}   <- {_why(parts.phone)}")]
    rows += [("each", parts.each)] if parts.each else []
    rows += [
        (f"{{{{{each.name}}}}}", each.leaf.path if each.leaf else "nothing like it in the sample")
        for each in parts.variables
    ]
    rows += [("guard", f"{guard.reason}: {guard.leaf.path}") for guard in parts.guards]
    key = ", ".join(leaf.path for leaf in parts.key.parts)
    rows.append(("dedupe", key or "the phone and the variables: the sample has no id for it"))
    proof = ", ".join(parts.proof.auth)
    rows.append(("auth", f"{proof}: set {', '.join(parts.proof.variables)} in the environment"))
    return rows


def _path_of(phone: PhoneChoice) -> str:
    if phone.split is not None:
        return phone.split.template
    return ", ".join(phone_paths(phone))


def _why(phone: PhoneChoice) -> str:
    if not phone.is_found:
        return "a guess"
    if phone.split is not None:
        return "country and number stand apart"
    first = phone.leaves[0]
    return "by its key" if is_phone_name(first.name) else "it is written as only a phone is"


def _doubts(draft: Draft) -> list[str]:
    parts, found = draft.parts, []
    if not parts.phone.is_found:
        found.append(
            "no phone was found in this sample: capture one of a lead with a phone, or write its"
            " place under `phone`. Where a webhook only names a record, its phone has to be fetched"
            " with `lookup`: docs/mapping.md"
        )
    elif not draft.rings:
        found.append("the example does not ring: the path of the phone is to be mended")
    has_region = parts.order.region or (parts.phone.country and parts.phone.country.code)
    if parts.phone.is_national and not has_region and parts.phone.split is None:
        found.append(
            "the number in this sample has no country: set PHONE_REGION in the environment, or"
            " draft again with --region, or it is refused"
        )
    return found
