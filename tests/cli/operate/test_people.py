"""Promises of `block`, `unblock`, `forget` and `pause --source`: on a ledger that nobody serves."""

from tests.cli.operate.test_ledger_commands import leave
from tests.cli.shop import ADA, BEN, Shop

CARL = "+12025550167"


def test_a_list_of_numbers_is_blocked_from_a_file(shop: Shop) -> None:
    """By the column `phone`, else the first; what is no number is left out, said, and status 1."""
    leave(shop.folder, {"phone": BEN}, has_engine=False)
    rows = f'name,phone\nAda,"{ADA}"\n"Ben, B.",+1 (202) 555-0145\nNobody,12\nAda again,{ADA}\n'
    path = shop.file("stop.csv", b"\xef\xbb\xbf" + rows.encode())
    result = shop.run("block", "--file", path, "--note", "a list", status=1)
    assert "2 numbers blocked, 1 call ended" in result.stdout
    assert "stop.csv:4: " in result.stderr
    (call,) = shop.json("calls")["calls"]
    assert (call["state"], call["reason"]) == ("ignored", "blocked")
    shown = shop.json("block", "--list")["blocked"]
    assert [(row["phone"], row["note"]) for row in shown] == [(ADA, "a list"), (BEN, "a list")]
    plain = shop.file("plain.csv", f"{CARL};lead\n")
    assert "left out" in shop.run("block", "--file", plain, status=1).stderr  # not a comma
    assert shop.json("block", "--file", shop.file("one.csv", f"{CARL}\n"))["added"] == 1


def test_numbers_are_blocked_and_unblocked_by_name(shop: Shop) -> None:
    """As often as one likes."""
    assert shop.json("block", ADA, BEN) == {"phones": [ADA, BEN], "added": 2, "calls": 0}
    assert shop.json("block", ADA)["added"] == 0
    assert ADA in shop.run("block", "--list").stdout
    assert "1 number unblocked" in shop.run("unblock", ADA).stdout
    assert [row["phone"] for row in shop.json("block", "--list")["blocked"]] == [BEN]
    assert "name a number" in shop.run("block", status=2).output
    shown = shop.run("block", ADA[2:], status=1).stderr
    assert "found no country code; write numbers as +12025550123" in shown
    assert "the mapping" not in shown


def test_a_person_is_forgotten(shop: Shop) -> None:
    """The command says how much it erased, and no byte of the ledger has the number."""
    leave(shop.folder, {"phone": ADA, "name": "Ada"}, {"phone": BEN}, has_engine=False)
    assert "1 call and 1 webhook erased" in shop.run("forget", ADA).stdout
    stored = b"".join(path.read_bytes() for path in shop.folder.glob("adapter.db*"))
    assert ADA[2:].encode() not in stored
    assert BEN[2:].encode() in stored
    assert shop.json("forget", ADA) == {"calls": 0, "webhooks": 0}


def test_a_source_is_paused_and_resumed(shop: Shop) -> None:
    """Its calls are held as `source_burst`, and freed."""
    leave(shop.folder, {"phone": ADA}, has_engine=False)
    assert "paused" in shop.run("pause", "--source", "crm").stdout
    assert shop.json("calls")["calls"][0]["reason"] == "source_burst"
    assert shop.json("resume", "--source", "crm")["sources"]["crm"]["state"] == "live"
    assert shop.json("calls")["calls"][0]["state"] == "waiting"
    assert "name an agent" in shop.run("pause", "sales", "--source", "crm", status=2).output
    for command in ("pause", "resume"):
        shown = shop.run(command, "crm", status=2).output
        assert "no such agent; there are: sales" in shown
        assert "crm is a source: --source crm" in shown
