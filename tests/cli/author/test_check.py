"""Promises of `adapter check`: every problem in one run, each at its own line."""

from adapter.cli.run.shipped import shipped_mappings
from tests.cli.shop import Shop
from tests.harness.in_process import AGENTS, CRM, TOKEN
from tests.harness.project import BRAKES

BRAKED = AGENTS + BRAKES
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
    shop.write({"crm": SIX_MISTAKES}, agents=BRAKED)
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
    shop.write({"crm": SIX_MISTAKES}, agents=BRAKED)
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


def test_what_is_off_takes_one_line(shop: Shop) -> None:
    """Its variables are not asked for; what is wrong in itself is told all the same."""
    zoo = CRM.replace(TOKEN, "'${ZOO_TOKEN}'")
    settings = "sources: [crm]\n"
    shop.write({"crm": CRM, "zoo": zoo, "two": zoo}, settings=settings, agents=BRAKED)
    shown = shop.run("check").stdout
    assert shown == (
        "2 mappings are off; their variables are not asked for\n"
        "0 of 0 examples pass in 0 mappings; 0 problems, 0 warnings\n"
    )
    assert len(shop.json("check")["problems"]) == 2
    shop.write(
        {"crm": CRM, "zoo": f"{zoo}colour: blue\n{EXAMPLES}"}, settings=settings, agents=BRAKED
    )
    shown = shop.run("check", status=1).stdout
    assert "ZOO_TOKEN" not in shown
    assert "zoo.yaml:5:1: colour: unknown key" in shown
    assert "1 mapping is off; its variables are not asked for" in shown
    assert "; 1 problem, 0 warnings" in shown
    shop.write({"crm": CRM, "zoo": zoo + EXAMPLES}, settings=settings, agents=BRAKED)
    shown = shop.run("check", status=1).stdout
    assert "example 'wrong' fails" in shown
    assert "1 of 2 examples pass in 1 mapping;" in shown


def test_what_serve_would_want_is_named(shop: Shop) -> None:
    """In one line at the end, with `public_url` where a signature is over it; status 0."""
    shop.environ = {}
    hubspot = CRM.replace(f"token: {TOKEN}", "hubspot: {client_secret: '${HS}', version: v3}")
    shop.write({"crm": hubspot}, agents=BRAKED)
    shown = shop.run("check").stdout
    assert "warning: auth.hubspot: v3 signs the URL: set public_url in adapter.yaml" in shown
    assert shown.endswith(
        "0 problems, 3 warnings\nserve would not start: AGENT_URL, public_url, HS are unset\n"
    )
    served = shop.run("serve", status=2).output
    assert ": auth.hubspot: v3 signs the URL: set public_url" in served
    shop.write(agents=BRAKED)
    assert "1 warning\nserve would not start: AGENT_URL is unset\n" in shop.run("check").stdout
    many = "".join(f"  - {{path: $.a, equals: '${{V{n}}}', reason: no}}\n" for n in range(11))
    shop.write({"crm": f"{CRM}when:\n{many}"}, agents=BRAKED)
    assert "V7, V8 and 2 more are unset" in shop.run("check").stdout


def test_a_mapping_alone_is_checked_against_the_agents_that_are_there(shop: Shop) -> None:
    """Those of --config, of which nothing else is asked."""
    shop.environ = {}
    path = str(shop.folder / "mappings" / "crm.yaml")
    assert "0 problems, 0 warnings\n" in shop.run("check", path).stdout
    shop.write({"crm": CRM.replace("sales", "sails")})
    assert "did you mean 'sales'?" in shop.run("check", path, status=1).stdout
    elsewhere = str(shop.folder / "none.yaml")
    assert "without adapter.yaml" in shop.run("check", path, config=elsewhere).stdout


def test_a_source_is_checked_by_its_name(shop: Shop) -> None:
    """As `try` takes it, also one that is off; another name is answered with the nearest."""
    shop.write({"crm": CRM, "shop": "agent: sales\n"}, agents="sources: [crm]\n" + BRAKED)
    assert "0 problems" in shop.run("check", "crm").stdout
    shown = shop.run("check", "shop", status=1).stdout
    assert shown.count("shop.yaml:") == 2, shown
    refused = shop.run("check", "shp", status=2).stderr
    assert "error: there is no file, folder or source 'shp' (did you mean 'shop'?)" in refused
