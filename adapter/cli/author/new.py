"""`adapter new`."""

import os
import sys
from pathlib import Path

import click

from adapter.authoring.drafting.draft import Draft, draft_mapping
from adapter.authoring.drafting.parts import Order
from adapter.cli.author.new_output import Written, print_report
from adapter.cli.author.sample import check_is_a_document, read_sample
from adapter.cli.options import check_exists, config_option, fail
from adapter.cli.terminal import lines_of, say
from adapter.compiler.keys.context import MappingContext
from adapter.compiler.load import load_config
from adapter.config.config import Config
from adapter.errors import IntakeError
from adapter.values.countries import suggest_country
from adapter.values.numbering_plans import is_region
from adapter.values.source_names import SOURCE_NAME
from adapter.webhook.request import Request

_SCHEMA = Path("schema") / "mapping.schema.json"
_STDOUT = "-"


@click.command()
@click.argument("name", metavar="NAME --from SAMPLE")
@click.option(
    "--from", "sample", default="", metavar="SAMPLE", help="The captured request; `-` for stdin."
)
@click.option("--content-type", default="", help="How to read the body; guessed if not given.")
@click.option("--region", default="", help="The country of national numbers: an ISO code.")
@click.option(
    "-o", "--output", default="", help="The file to write, if not mappings/NAME.yaml; `-` prints."
)
@config_option
def command(
    name: str, sample: str, content_type: str, region: str, output: str, config_path: Path
) -> None:
    """Draft mappings/NAME.yaml from a captured request, for the first agent.

    The sample is a file with a raw body, a HAR file or a curl command, or the id of a stored
    webhook. The draft has no personal data and no secret of it. Status 1 where it has no phone.
    """
    if not SOURCE_NAME.fullmatch(name):
        fail(f"error: a source's name has lower-case letters, digits and '-', found {name!r}")
    if not sample:
        raise click.UsageError(
            "Missing option '--from': name the captured request, as in"
            f" `adapter new {name} --from lead.json`"
        )
    code = _region_code(region)
    config, around, folder = _settings(config_path)
    home = folder / f"{name}.yaml"
    target = Path(output) if output not in ("", _STDOUT) else home
    if output != _STDOUT and target.exists():
        fail(f"error: {target} is there already: remove it, or name another file with -o FILE")
    request = read_sample(sample, content_type, config)
    draft = _draft(request, _order(name, code, config, _schema_path(config_path, home)), around)
    _write(draft, target, is_printed=output == _STDOUT)
    notes = [*_notes(name, config_path), *_size_notes(request, config)]
    if output == _STDOUT:
        print_report(draft, None, sample, notes)
    else:
        print_report(draft, Written(target=target, home=home), sample, notes)
    sys.exit(0 if draft.parts.phone.is_found else 1)


def _region_code(text: str) -> str | None:
    code = text.upper()
    if code and not is_region(code):
        near = suggest_country(text)
        hint = f" (did you mean {near}?)" if near else ""
        fail(f"error: --region wants an ISO code such as ES, found {text!r}{hint}")
    return code or None


def _settings(path: Path) -> tuple[Config, MappingContext, Path]:
    """Return the settings, what mappings need to know of them, and the folder of mappings."""
    check_exists(path)
    loaded = load_config(path, os.environ, is_lenient=True)
    if loaded.sound is None or loaded.context is None:
        listed = "\n".join(str(problem) for problem in loaded.problems if not problem.is_warning)
        fail(f"{listed}\nerror: mend these settings first: a draft is made for an agent of theirs")
    folder = Path(loaded.files[1])
    if not folder.is_dir():
        fail(f"error: there is no folder {folder} to write the mapping to: make it")
    return loaded.sound, loaded.context, folder


def _order(name: str, region: str | None, config: Config, schema: str) -> Order:
    agent = next(iter(config.agents.values()))
    return Order(
        name=name,
        agent=agent.name,
        needed=agent.variables,
        public_url=config.public_url,
        region=region,
        schema=schema,
    )


def _schema_path(config_path: Path, target: Path) -> str:
    """Return the way from the mapping to its schema, or "" where there is none."""
    schema = config_path.parent / _SCHEMA
    if not schema.is_file():
        return ""
    return Path(os.path.relpath(schema, target.parent)).as_posix()


def _draft(request: Request, order: Order, around: MappingContext) -> Draft:
    """Return a sound draft, or end with status 2."""
    check_is_a_document(request)
    try:
        draft = draft_mapping(request, order, around)
    except IntakeError as error:
        fail(
            f"error: this sample cannot be read as {_media_type(request.header('content-type'))}:"
            f" {error.detail}; say what it is with --content-type"
        )
    if not isinstance(draft.parts.reading.document, dict | list):
        fail("error: expected an object or a list with a lead in it, found one value alone")
    if draft.problems:
        fail(*draft.problems, "error: this draft would be no sound mapping; nothing was written")
    return draft


def _media_type(content_type: str | None) -> str:
    return (content_type or "JSON").partition(";")[0]


def _notes(name: str, config_path: Path) -> list[str]:
    """Return the other steps that must be taken before the mapping works."""
    sound = load_config(config_path, os.environ, is_lenient=True).sound
    if sound is None or name not in sound.off:
        return []
    if os.environ.get("ADAPTER_SOURCES"):
        restart = "restart a running `adapter serve`, which sees no change of its environment"
        return [f"add {name} to ADAPTER_SOURCES, or it stays off; then {restart}"]
    return [f"add {name} to `sources` in {config_path}, or it stays off"]


def _size_notes(request: Request, config: Config) -> list[str]:
    size, most = len(request.body), config.max_body_bytes
    if size <= most:
        return []
    return [f"this body has {size:,} bytes, and max_body is {most:,}: raise that in adapter.yaml"]


def _write(draft: Draft, target: Path, *, is_printed: bool) -> None:
    if is_printed:
        say(*lines_of(draft.text))
        return
    try:
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(draft.text)
    except OSError as error:
        fail(f"error: cannot write {target}: {error.strerror}")
