"""`adapter backup` and `adapter restore`."""

from pathlib import Path

import click

from adapter.cli.configuration import sound_config
from adapter.cli.options import (
    check_whereabouts,
    config_option,
    errors_reported,
    json_option,
    settings_alone,
)
from adapter.cli.output import counted
from adapter.cli.terminal import print_json, say
from adapter.clock import iso, utc_now
from adapter.ledger.copies import Restored, back_up, restore
from adapter.ledger.sqlite.copying import Contents


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@config_option
def backup(file: Path, as_json: bool, config_path: Path) -> None:
    """Copy the ledger to FILE, also while an adapter runs, and check the copy.

    Only its owner may read FILE. An earlier backup of that name is replaced once the new one is
    whole.
    """
    config = settings_alone(config_path)
    check_whereabouts(config)
    with errors_reported():
        contents = back_up(config.database, file)
    if as_json:
        print_json({"file": str(file), **_contents_json(contents)})
    else:
        say(f"{file}: {_contents_text(contents)}")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@config_option
def restore_command(file: Path, as_json: bool, config_path: Path) -> None:
    """Put a backup in the place of the ledger, with all agents paused; no adapter may run.

    The backup is checked first. The ledger that was there is kept under another name.
    """
    config = sound_config(config_path)
    check_whereabouts(config)
    with errors_reported():
        restored = restore(config.database, file, agents=config.agents, now=utc_now)
    if as_json:
        print_json(_restored_json(restored, file))
    else:
        _print_restored(restored, file)


def _print_restored(restored: Restored, file: Path) -> None:
    say(f"{restored.ledger} is now what {file} has: {_contents_text(restored.contents)}")
    if restored.kept is not None:
        say(f"the ledger that was there is kept: {restored.kept}")
    if restored.removed:
        say(f"removed: {', '.join(map(str, restored.removed))}")
    say(
        f"paused: {', '.join(restored.paused) or 'no agent is known'}",
        f"held by that or before: {counted(restored.held, 'call')}",
        f"under way in the backup, now uncertain and not redialled:"
        f" {counted(restored.recovered, 'call')}",
        "",
        f"It knows nothing of what came after {_moment(restored.contents)}: rings, leads, blocks,"
        " people to forget.",
        "Before `adapter resume --all`, while `adapter serve` runs:",
        "1. compare `adapter calls list --state held` with what the agents"
        " have rung since; `adapter block` those who were",
        "2. look at `adapter calls list --state uncertain`, and say with `adapter calls resolve`"
        " what became of them",
        "3. block and forget again whom you blocked and forgot since",
        "4. let the senders send again what came since, or compare with their own lists",
    )


def _contents_text(contents: Contents) -> str:
    webhooks, calls = counted(contents.webhooks, "webhook"), counted(contents.calls, "call")
    return f"{webhooks}, {calls}, up to {_moment(contents)}"


def _moment(contents: Contents) -> str:
    return iso(contents.last_at) or "nothing yet"


def _contents_json(contents: Contents) -> dict[str, object]:
    return {
        "webhooks": contents.webhooks,
        "calls": contents.calls,
        "last_at": iso(contents.last_at),
    }


def _restored_json(restored: Restored, file: Path) -> dict[str, object]:
    return {
        "ledger": str(restored.ledger),
        "file": str(file),
        **_contents_json(restored.contents),
        "kept": None if restored.kept is None else str(restored.kept),
        "removed": [str(path) for path in restored.removed],
        "paused": list(restored.paused),
        "held": restored.held,
        "uncertain": restored.recovered,
    }
