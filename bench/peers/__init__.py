"""What a user would run instead of the adapter: each does the same work and stores nothing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from json import loads
from pathlib import Path
from urllib.parse import urlsplit

from bench import packages
from bench.contestants import ADAPTER, Contestant, Place

_HERE = Path(__file__).parent
_N8N = packages.CACHE / "n8n"
_WEBHOOK, _NGINX = packages.CACHE / "webhook" / "root", packages.CACHE / "nginx" / "root"


def _versions_of_npm(peer: Path, *names: str, compiled: Sequence[str] = ()) -> Mapping[str, str]:
    modules = packages.npm(peer, compiled)
    of_node = subprocess.run([packages.node(), "--version"], check=True, capture_output=True)
    manifests = {name: (modules / name / "package.json").read_text("utf-8") for name in names}
    of_packages = {name: loads(manifest)["version"] for name, manifest in manifests.items()}
    return {"node": of_node.stdout.decode().strip().lstrip("v"), **of_packages}


def _install_flask() -> Mapping[str, str]:
    packages.venv(_HERE / "flask")
    lines = (_HERE / "flask" / "requirements.txt").read_text("utf-8").split()
    return dict(line.split("==") for line in lines)


def _install_webhook() -> Mapping[str, str]:
    for name in ("jq", "openssl", "curl"):
        packages.program(name)
    return {"webhook": packages.debian_version(packages.debian("webhook", ["webhook"]), "webhook")}


def _install_nginx() -> Mapping[str, str]:
    names = ["nginx", "libnginx-mod-http-js", "libnginx-mod-http-ndk"]
    root = packages.debian("nginx", names)
    return {name: packages.debian_version(root, name) for name in names[:2]}


def _install_n8n() -> Mapping[str, str]:
    versions = _versions_of_npm(_HERE / "n8n", "n8n", compiled=["sqlite3"])
    home = _N8N / "home"
    if not home.exists():  # its tables and its workflow, made once
        (new := _N8N / "new home").mkdir(exist_ok=True)
        n8n, workflow = _HERE / "n8n" / "n8n.sh", _HERE / "n8n" / "workflow.json"
        environ = {**os.environ, **N8N.environ, "PORT": "0"}
        packages.run([str(n8n), "import:workflow", f"--input={workflow}"], new, environ)
        packages.run([str(n8n), "update:workflow", "--all", "--active=true"], new, environ)
        new.rename(home)
    return versions


def _gunicorn(_: Place, port: int) -> Sequence[str]:
    gunicorn = packages.CACHE / "flask" / "venv" / "bin" / "gunicorn"
    settings = ["--threads", "16", "--keep-alive", "60", "--bind", f"127.0.0.1:{port}"]
    return [str(gunicorn), *settings, "--chdir", str(_HERE / "flask"), "service:app"]


def _node_red(place: Place, port: int) -> Sequence[str]:
    for name in ("settings.js", "flows.json"):
        shutil.copy(_HERE / "node_red" / name, place.folder)
    red = packages.CACHE / "node_red" / "node_modules" / "node-red" / "red.js"
    return [packages.node(), str(red), "--userDir", str(place.folder), "flows.json"]


def _n8n(place: Place, _: int) -> Sequence[str]:
    if not (place.folder / ".n8n").exists():  # else it is started again after a kill
        shutil.copytree(_N8N / "home" / ".n8n", place.folder / ".n8n")
    return [str(_HERE / "n8n" / "n8n.sh"), "start"]


def _webhook(_: Place, port: int) -> Sequence[str]:
    webhook, hooks = _WEBHOOK / "usr" / "bin" / "webhook", _HERE / "webhook" / "hooks.json"
    listen = ["-ip", "127.0.0.1", "-port", str(port), "-urlprefix", "hooks"]
    return [str(webhook), "-template", "-hooks", str(hooks), *listen]


def _nginx(place: Place, port: int) -> Sequence[str]:
    conf = (_HERE / "nginx" / "nginx.conf").read_text("utf-8")
    filled = {
        "modules": str(_NGINX / "usr" / "lib" / "nginx" / "modules"),
        "scripts": str(_HERE / "nginx"),
        "agent": urlsplit(place.agent_url).netloc,
        "port": str(port),
        "api_key": "bench-key",
        "timeout_ms": str(place.timeout_ms),
    }
    for name, text in filled.items():
        conf = conf.replace(f"{{{name}}}", text)
    path = place.folder / "nginx.conf"
    path.write_text(conf, encoding="utf-8")
    nginx = str(_NGINX / "usr" / "sbin" / "nginx")
    return [nginx, "-p", str(place.folder), "-c", str(path), "-e", "stderr"]


NODE = Contestant(
    name="Node, express, axios",
    about="the vendor's sample as a service, with keep-alive",
    install=lambda: _versions_of_npm(_HERE / "express", "express", "axios"),
    command=lambda _, port: [packages.node(), str(_HERE / "express" / "service.js")],
    environ={"NODE_PATH": str(packages.CACHE / "express" / "node_modules")},
)
STARLETTE = Contestant(
    name="Starlette, aiohttp",
    about="the adapter's own libraries, bare",
    install=lambda: {name: version(name) for name in ("starlette", "uvicorn", "aiohttp")},
    command=lambda _, port: [sys.executable, str(_HERE / "starlette" / "service.py")],
)
FLASK = Contestant(
    name="Flask, requests",
    about="gunicorn, one process, 16 threads, a session each",
    install=_install_flask,
    command=_gunicorn,
    share=0.3,
)
NODE_RED = Contestant(
    name="Node-RED",
    about="two function nodes around a persistent request node, no editor",
    install=lambda: _versions_of_npm(_HERE / "node_red", "node-red"),
    command=_node_red,
)
WEBHOOK = Contestant(
    name="webhook, a script",
    about="Debian's webhook; jq, openssl and curl for each lead",
    install=_install_webhook,
    command=_webhook,
    environ={"SCRIPT": str(_HERE / "webhook" / "ring.sh")},
    share=0.05,
)
N8N = Contestant(
    name="n8n",
    about="webhook, code and request nodes; SQLite, executions not saved",
    install=_install_n8n,
    command=_n8n,
    environ={"N8N": str(_N8N / "node_modules" / ".bin" / "n8n")},
    share=0.02,
)
NGINX = Contestant(
    name="nginx, njs",
    about="one worker; the limit of the machine",
    install=_install_nginx,
    command=_nginx,
)
CONTESTANTS = {
    "adapter": ADAPTER,
    "node": NODE,
    "starlette": STARLETTE,
    "flask": FLASK,
    "node-red": NODE_RED,
    "webhook": WEBHOOK,
    "n8n": N8N,
    "nginx": NGINX,
}
