"""Promises of `adapter check`: every problem in one run, each at its own line."""

from adapter.shipped import shipped_mappings
from tests.cli.shop import Shop
from tests.running import CRM, TOKEN

SIX_MISTAKES = """\
auth: {tokn: x}
agent: nobody
phone: $.[
variables:
  system_x: $.a
dedupe: {key: $.id, window: soon}
colour: blue
"""
EXAMPLES = """\
examples:
  - name: right
    request: {json: {phone: "+12025550123", name: Ada}}
    calls: [{phone: "+12025550123", variables: {name: Ada}}]
  - name: wrong
    request: {json: {phone: "+12025550123", name: Ada}}
    calls: [{refused: phone_missing}]
"""


def test_six_mistakes_are_six_problems_in_one_run(shop: Shop) -> None:
    """Each with its own line, as compilers print them; status 1."""
    shop.write({"crm": SIX_MISTAKES})
    for paths in ((), (str(shop.folder),), (str(shop.folder / "adapter.yaml"),)):
        shown = shop.run("check", *paths, status=1).stdout
        for line in (1, 2, 3, 5, 6, 7):
            assert shown.count(f"crm.yaml:{line}:") == 1, shown
        assert "6 problems, 0 warnings" in shown


def test_what_must_be_mended_stands_below_the_warnings(shop: Shop) -> None:
    """A folder of mappings that are not in use warns of each one's secret."""
    shop.write({"crm": SIX_MISTAKES, "zoo": CRM.replace(TOKEN, "'${ZOO_TOKEN}'")})
    lines = shop.run("check", status=1).stdout.splitlines()
    problems = [number for number, line in enumerate(lines) if "crm.yaml:" in line]
    (warning,) = [number for number, line in enumerate(lines) if "zoo.yaml:" in line]
    assert len(problems) == 6
    assert warning < min(problems)


def test_json_has_problems_and_examples(shop: Shop) -> None:
    """For editors and pipelines: the same findings as data."""
    shop.write({"crm": SIX_MISTAKES})
    shown = shop.json("check", status=1)
    assert [problem["line"] for problem in shown["problems"]] == [1, 2, 3, 5, 6, 7]
    assert shown["problems"][0].keys() == {"file", "line", "column", "key", "message", "warning"}


def test_an_example_that_fails_is_a_finding(shop: Shop) -> None:
    """Its file and line, and what differs; the one that passes is counted."""
    shop.write({"crm": CRM + EXAMPLES})
    shown = shop.run("check", status=1).stdout
    assert "crm.yaml:9:1: example 'wrong' fails:" in shown
    assert "1 of 2 examples pass" in shown
    assert [each["passes"] for each in shop.json("check", status=1)["examples"]] == [True, False]


def test_a_sound_configuration_is_status_0(shop: Shop) -> None:
    """Unset variables are only warnings, since a check needs no secrets."""
    shop.environ = {}
    shown = shop.run("check").stdout
    assert "warning: " in shown
    assert "0 problems" in shown


def test_the_shipped_mappings_pass(shop: Shop) -> None:
    """Every one of them, with all of its examples."""
    shown = shop.json("check", str(shipped_mappings()))
    assert len({each["source"] for each in shown["examples"]}) >= 4
    assert all(each["passes"] for each in shown["examples"])
