"""The shipped ways to run it: locked down, one process a ledger, secrets as files."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from adapter.compiler.load import load_strict
from tests.harness.doc_pages import ROOT, blocks

yaml = YAML(typ="safe", pure=True)
KUBERNETES: list[Any] = list(yaml.load_all((ROOT / "deploy/kubernetes.yaml").read_text()))
COMPOSE: Any = yaml.load((ROOT / "deploy/compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def kind(name: str) -> list[Any]:
    """Return the Kubernetes objects of a kind."""
    return [each for each in KUBERNETES if each["kind"] == name]


DEPLOYMENT = kind("Deployment")[0]["spec"]
POD = DEPLOYMENT["template"]["spec"]
(CONTAINER,) = POD["containers"]


def test_one_process_serves_the_ledger() -> None:
    """The old Pod is gone before the new one opens the ledger, and there is one."""
    assert DEPLOYMENT["replicas"] == 1
    assert DEPLOYMENT["strategy"] == {"type": "Recreate"}


def test_the_pod_is_locked_down() -> None:
    """Not root, only the ledger and /tmp to write, no privileges, no cluster token."""
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["securityContext"]["runAsUser"] == POD["securityContext"]["fsGroup"] == 10001
    assert POD["automountServiceAccountToken"] is False
    assert CONTAINER["securityContext"]["readOnlyRootFilesystem"] is True
    assert CONTAINER["securityContext"]["runAsNonRoot"] is True
    assert CONTAINER["securityContext"]["allowPrivilegeEscalation"] is False
    assert CONTAINER["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    writable = {m["mountPath"] for m in CONTAINER["volumeMounts"] if not m.get("readOnly")}
    assert writable == {"/data", "/tmp"}


def test_the_pod_is_probed_and_drains() -> None:
    """Alive and ready are two questions; ending takes longer than the longest attempt."""
    assert CONTAINER["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "webhooks"}
    assert CONTAINER["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "webhooks"}
    assert POD["terminationGracePeriodSeconds"] >= 30


def test_volumes_are_all_there() -> None:
    """Every mount has its volume, the ledger's is durable, and secrets are for us alone."""
    volumes = {volume["name"]: volume for volume in POD["volumes"]}
    assert volumes.keys() == {mount["name"] for mount in CONTAINER["volumeMounts"]}
    claim = volumes["ledger"]["persistentVolumeClaim"]["claimName"]
    assert claim in [each["metadata"]["name"] for each in kind("PersistentVolumeClaim")]
    assert oct(volumes["secrets"]["secret"]["defaultMode"]) == "0o440"
    maps = {each["metadata"]["name"] for each in kind("ConfigMap")}
    assert {volumes[name]["configMap"]["name"] for name in ("settings", "mappings")} == maps


def test_the_config_maps_load_with_secrets_from_files(tmp_path: Path) -> None:
    """As the Pod sees them: settings, mappings, and NAME_FILE for every secret."""
    settings, mappings = (each["data"] for each in kind("ConfigMap"))
    (tmp_path / "mappings").mkdir()
    for name, text in settings.items():
        (tmp_path / name).write_text(text)
    for name, text in mappings.items():
        (tmp_path / "mappings" / name).write_text(text)
    (tmp_path / "secret").write_text("a-secret-in-a-file\n")
    given = {each["name"]: each["value"] for each in CONTAINER["env"]}
    files = {name: str(tmp_path / "secret") for name in given if name.endswith("_FILE")}
    folder = {"ADAPTER_MAPPINGS": str(tmp_path / "mappings")}
    config = load_strict(tmp_path / "adapter.yaml", given | files | folder)
    assert config.agents["sales"].secret.reveal() == "a-secret-in-a-file"
    assert config.database.startswith("sqlite:////data/")
    assert set(config.sources) == {"generic"}


def test_a_changed_config_map_reaches_the_pod() -> None:
    """Kubernetes updates what is mounted as a folder, never what is mounted by `subPath`."""
    mounts = {each["name"]: each for each in CONTAINER["volumeMounts"]}
    assert not [each for each in CONTAINER["volumeMounts"] if "subPath" in each]
    given = {each["name"]: each.get("value", "") for each in CONTAINER["env"]}
    assert given["ADAPTER_CONFIG"] == f"{mounts['settings']['mountPath']}/adapter.yaml"
    assert given["ADAPTER_MAPPINGS"] == mounts["mappings"]["mountPath"]
    assert all(
        path.startswith(f"{mounts['secrets']['mountPath']}/")
        for name, path in given.items()
        if name.endswith("_FILE")
    )


def test_no_secret_stands_in_an_environment() -> None:
    """Keys and tokens come as files, in both."""
    (mine,) = (COMPOSE["services"]["adapter"]["environment"],)
    for name in [*mine, *(each["name"] for each in CONTAINER["env"])]:
        assert name.endswith("_FILE") or not re.search(r"KEY|SECRET|TOKEN", name)


def test_the_readmes_part_of_a_pod_is_the_shipped_one() -> None:
    """What a reader copies is what the tests here check."""
    (shown,) = [b for b in blocks("yaml") if b.text.startswith("containers:")]
    (part,) = yaml.load(shown.text)["containers"]
    assert part["image"] == CONTAINER["image"]
    assert part["securityContext"].items() <= CONTAINER["securityContext"].items()
    assert all(each in CONTAINER["env"] for each in part["env"])
    assert all(each in CONTAINER["volumeMounts"] for each in part["volumeMounts"])


def test_compose_is_locked_down_beside_an_application() -> None:
    """Read-only but for the ledger; mappings mounted; the admin listener is not published."""
    adapter = COMPOSE["services"]["adapter"]
    assert adapter["read_only"] is True
    assert adapter["cap_drop"] == ["ALL"]
    assert adapter["ports"] == ["8080:8080"]
    assert adapter["volumes"] == ["ledger:/data", "./mappings:/etc/adapter/mappings:ro"]
    assert int(adapter["stop_grace_period"].removesuffix("s")) >= 30
    assert COMPOSE["services"]["app"]["profiles"] == ["app"]
    assert COMPOSE["services"]["mock-agent"]["profiles"] == ["mock"]


@pytest.mark.parametrize("service", ["adapter", "app"])
def test_compose_secrets_are_files(service: str) -> None:
    """Each one that a service names is declared, and read from where it is mounted."""
    named = COMPOSE["services"][service]["secrets"]
    assert set(named) <= COMPOSE["secrets"].keys()
    environment = COMPOSE["services"][service]["environment"]
    files = {value for name, value in environment.items() if name.endswith("_FILE")}
    assert files == {f"/run/secrets/{name}" for name in named}


def test_the_image_runs_as_nobody_and_ends_politely() -> None:
    """A user by number, a health check, SIGTERM, and a volume for the ledger."""
    last = DOCKERFILE.split("FROM ")[-1]
    assert re.search(r"^USER 10001:10001$", last, re.M)
    assert re.search(r'^HEALTHCHECK .* CMD \["adapter", "health"\]$', last, re.M)
    assert re.search(r"install --directory --owner 10001 --group 0 --mode 0770 /data$", last, re.M)
    assert re.search(r"^STOPSIGNAL SIGTERM$", last, re.M)
    assert re.search(r"^VOLUME /data$", last, re.M)
    assert "sqlite:////data/" in last
    assert last.index("USER") < last.index("ENTRYPOINT")


def test_the_image_is_made_of_hashed_requirements() -> None:
    """Every distribution has one version and its hashes, and pip insists on them."""
    assert "--require-hashes --no-deps -r requirements.txt" in DOCKERFILE
    text = (ROOT / "requirements.txt").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if re.match(r"[A-Za-z]", line)]
    assert len(lines) > 15
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []
