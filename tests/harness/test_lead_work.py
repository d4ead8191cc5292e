"""A lead does not come to cost more unseen: counted, where seconds would only be guessed.

Who spends more raises a bound, and says in the commit what it buys. Who saves lowers it.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.harness.adapter_process import AdapterProcess
from tests.harness.in_process import CRM, write_project
from tests.harness.lead_work import work_of_a_lead

# A little above what `python -m tests.harness.lead_work` counts.
MOST_WORK: Mapping[str, int] = {
    "adapter": 1330,
    "aiohttp": 155,
    "httpx_aiohttp": 14,
    "jsonpath_ng": 710,
    "phonenumbers": 225,
    "sqlalchemy": 40,
    "SQL statements": 33,
}
# A little above the modules that each command imports today, until it has ended or is ready.
MOST_IMPORTS: Mapping[tuple[str, ...], int] = {
    ("check",): 610,
    ("calls", "list"): 1110,
    ("serve",): 1560,
}


def test_a_lead_makes_little_run(tmp_path: Path) -> None:
    """From the route to the settled call, alone in a warm adapter: functions and statements."""
    work = work_of_a_lead(tmp_path)
    assert work.keys() == MOST_WORK.keys()
    assert all(work.values()), work
    grown = {name: count for name, count in work.items() if count > MOST_WORK[name]}
    assert not grown, f"more than {MOST_WORK}"


@pytest.mark.parametrize("command", MOST_IMPORTS, ids=" ".join)
def test_a_command_imports_little(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Each module is read before anything else happens: the start of a command is its imports."""
    write_project(tmp_path, {"crm": CRM})
    environ = {"AGENT_URL": "http://127.0.0.1:9/", "PYTHONPROFILEIMPORTTIME": "1"}
    with AdapterProcess(tmp_path, *command, environ=environ) as process:
        if command == ("serve",):
            process.event("ready")
        else:
            process.ended()
        said = process.stderr
    modules = [line for line in said.splitlines() if line.startswith("import time:")]
    assert 100 < len(modules) <= MOST_IMPORTS[command]
