"""Promises of `capture` and `serve --capture`: the URL once, to the person alone."""

import re
import signal

import httpx

from tests.cli.shop import Shop
from tests.harness.adapter_process import AdapterProcess, free_port
from tests.harness.log_leaks import HEARD

URL = re.compile(r"^http://127\.0\.0\.1:\d+/hooks/shop/([A-Za-z0-9_-]{32})$", re.M)


def token_in(text: str) -> str:
    """Return the token of the one URL in a text; from now on no log line may hold it."""
    (token,) = URL.findall(text)
    HEARD.secret(token)
    return str(token)


def test_a_capture_is_opened_listed_and_closed(shop: Shop) -> None:
    """It opens without an adapter too, says that none runs, and gives the next step."""
    result = shop.run("capture", "shop", "--for", "10m")
    token = token_in(result.stdout)
    assert "adapter webhooks list --source shop" in result.stdout
    assert "adapter new shop --from WEBHOOK_ID" in result.stdout
    assert "`public_url` is not set" in result.stderr
    assert "no adapter is running" in result.stderr
    (row,) = shop.json("capture")["captures"]
    assert (row["source"], row["webhooks"]) == ("shop", 0)
    listed = shop.run("capture").stdout
    assert "shop" in listed
    assert token not in listed
    assert "is closed" in shop.run("capture", "shop", "--close").stdout
    assert shop.run("capture").stdout == "none\n"
    assert "no capture of this name" in shop.run("capture", "shop", "--close", status=2).output


def test_a_capture_opened_before_the_start_is_open_after_it(shop: Shop) -> None:
    """`serve` finds it in the ledger; the running adapter is asked from then on."""
    public, admin = free_port(), free_port()
    settings = f"listen: 127.0.0.1:{public}\nadmin_listen: 127.0.0.1:{admin}\n"
    shop.write(settings=f"{settings}public_url: https://hooks.example.com\n")
    opened = shop.json("capture", "shop")
    assert opened["url"].startswith("https://hooks.example.com/hooks/shop/")
    token = opened["url"].rpartition("/")[2]
    HEARD.secret(token)
    with AdapterProcess(shop.folder, environ=shop.environ) as adapter:
        url = f"{adapter.public}/hooks/shop/{token}"
        assert httpx.post(url, json={"name": "Ada"}, trust_env=False).status_code == 200
        assert adapter.event("webhook_captured")["source"] == "shop"
        result = shop.run("capture", "shop")
        assert result.stderr == ""
        assert "https://hooks.example.com/hooks/shop/" in result.stdout
        assert httpx.post(url, json={"name": "Ada"}, trust_env=False).status_code == 404
        (webhook,) = shop.json("webhooks", "list", "--source", "shop")["webhooks"]
        assert webhook["reason"] == "captured"
        shown = shop.run("webhooks", "show", webhook["id"]).stdout
        assert "\nheaders       host: 127.0.0.1" in shown
        assert "\n              content-type: application/json\n" in shown
        assert shown.endswith('\nbody          {"name":"Ada"}\nno calls\n')
        refused = shop.run("webhooks", "replay", webhook["id"], status=2).output
        assert "never rings" in refused
        for word in ("try", "send"):
            assert f"`adapter {word} shop {webhook['id']}`" in refused


def test_wrong_words_end_with_status_2(shop: Shop) -> None:
    """And with what was expected."""
    for arguments, said in (
        (["capture", "--close"], "name a source"),
        (["capture", "--for", "1h"], "name a source"),
        (["capture", "shop", "--for", "1h", "--close"], "not both"),
        (["capture", "shop", "--for", "2d"], "at most 24h"),
        (["capture", "Shop"], "lower-case letters"),
        (["capture", "crm"], "source crm has a mapping: use `adapter try`"),
        (["serve", "--capture", "crm"], "source crm has a mapping"),
        (["serve", "--capture", "No"], "lower-case letters"),
    ):
        assert said in shop.run(*arguments, status=2).output, arguments


def test_serve_tells_the_url_to_standard_output_and_not_to_the_log(shop: Shop) -> None:
    """A plain line for the person; what came outlives a kill -9, and so does the capture."""
    command = ("serve", "--capture", "shop", "--capture", "shop")
    with (
        (shop.folder / "told").open("w", encoding="utf-8") as told,
        AdapterProcess(shop.folder, *command, environ=shop.environ, stdout=told) as adapter,
    ):
        port = adapter.public.rpartition(":")[2]
        text = (shop.folder / "told").read_text(encoding="utf-8")
        token = token_in(text)
        assert text == f"http://127.0.0.1:{port}/hooks/shop/{token}\n"
        url = f"{adapter.public}/hooks/shop/{token}"
        answer = httpx.post(url, json={"name": "Ada"}, trust_env=False)
        assert answer.status_code == 200
        assert httpx.post(f"{url}x", trust_env=False).status_code == 404
        adapter.signal(signal.SIGKILL)
        adapter.ended()
        assert token not in adapter.stderr
        assert adapter.event("capture_opened")["for_s"] == 3600
    with AdapterProcess(shop.folder, environ=shop.environ) as adapter:
        status = httpx.get(f"{adapter.admin}/api/status", trust_env=False).json()
        assert [row["webhooks"] for row in status["captures"]] == [1]
        kept = httpx.get(f"{adapter.admin}/api/webhooks", trust_env=False).json()["webhooks"]
        assert [row["id"] for row in kept] == [answer.json()["webhook"]]
        again = f"{adapter.public}/hooks/shop/{token}"
        assert httpx.post(again, json={"name": "Ben"}, trust_env=False).status_code == 200
        adapter.signal(signal.SIGTERM)
        assert adapter.ended() == 0
        assert token not in adapter.stderr
