"""The manifests match the schemas of Kubernetes and are secure. No cluster is needed."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from kubernetes_validate import ValidationError, validate
from ruamel.yaml import YAML
from sqlalchemy import text

from core.db.engine import open_database
from core.db.migrations.upgrade import upgrade
from core.settings import Settings
from core.storage import open_storage
from tests.architecture.source import ROOT
from tests.architecture.test_containers import stage
from tests.architecture.test_documents import SETTINGS
from tests.factories import make_stylization

FOLDER = ROOT / "deploy" / "kubernetes"
KUBERNETES = "1.33"
KUSTOMIZE_KINDS = ("Kustomization", "Component")
KEDA_KINDS = ("ScaledObject", "TriggerAuthentication")


def documents(file: Path) -> list[dict[str, Any]]:
    return list(YAML(typ="safe").load_all(file.read_text(encoding="utf-8")))


def plain(node: Any) -> Any:
    """Resolve anchors and merges, as Kubernetes does."""
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    return [plain(item) for item in node] if isinstance(node, list) else node


FILES = sorted(FOLDER.rglob("*.yaml"))
ALL = [
    plain(document)
    for file in FILES
    for document in documents(file)
    if document["kind"] not in KUSTOMIZE_KINDS
]
KUBERNETES_OBJECTS = [one for one in ALL if one["kind"] not in KEDA_KINDS]


def named(kind: str, name: str) -> dict[str, Any]:
    (found,) = [one for one in ALL if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


def title(document: dict[str, Any]) -> str:
    return f"{document['kind']}-{document['metadata']['name']}"


PODS = {
    title(one): one["spec"]["template"]["spec"]
    for one in KUBERNETES_OBJECTS
    if one["kind"] in ("Deployment", "Job")
}
LABELS = [
    one["spec"]["template"]["metadata"]["labels"]
    for one in KUBERNETES_OBJECTS
    if one["kind"] == "Deployment"
]
CONTAINERS = [
    pytest.param(container, id=f"{name}-{container['name']}")
    for name, pod in PODS.items()
    for container in [*pod.get("initContainers", []), *pod["containers"]]
]


@pytest.mark.parametrize("document", KUBERNETES_OBJECTS, ids=title)
def test_a_manifest_matches_the_schemas_of_kubernetes(document: dict[str, Any]):
    assert validate(document, KUBERNETES, strict=True) == KUBERNETES


def test_the_schemas_find_a_misspelt_field():
    deployment = named("Deployment", "dualtrans-api")
    misspelt = {**deployment, "spec": {**deployment["spec"], "replica": 2}}

    with pytest.raises(ValidationError, match="replica"):
        validate(misspelt, KUBERNETES, strict=True)


@pytest.mark.parametrize(
    "file",
    [file for file in FILES if file.name == "kustomization.yaml"],
    ids=lambda f: f.parent.name,
)
def test_a_kustomization_lists_exactly_the_files_of_its_folder(file: Path):
    (kustomization,) = documents(file)
    listed = set(kustomization.get("resources", [])) | set(kustomization.get("components", []))
    beside = {path.name for path in file.parent.glob("*.yaml")} - {file.name, "secret.example.yaml"}

    assert [name for name in listed if not (file.parent / name).exists()] == []
    assert beside - listed == set()


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl")
def test_kubectl_builds_the_manifests_without_a_number_of_pods():
    built = subprocess.run(
        ["kubectl", "kustomize", str(FOLDER)], capture_output=True, text=True, check=True
    )
    manifests = list(YAML(typ="safe").load_all(built.stdout))

    deployments = [one for one in manifests if one["kind"] == "Deployment"]
    assert len(deployments) == 2
    assert [one for one in deployments if "replicas" in one["spec"]] == []
    assert {one["metadata"].get("namespace", "dualtrans") for one in manifests} == {"dualtrans"}
    assert "image: dualtrans-" not in built.stdout


# The strictest pod security standard, and more


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_a_pod_runs_without_privileges_and_without_a_token(pod: dict[str, Any]):
    context = pod["securityContext"]

    assert context["runAsNonRoot"] is True
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False


@pytest.mark.parametrize("image", ["api", "worker"])
def test_a_pod_runs_as_the_user_of_its_image(image: str):
    user = re.search(r"^USER (\d+):(\d+)$", stage(image), flags=re.MULTILINE)
    assert user is not None

    contexts = [pod["securityContext"] for pod in PODS.values()]

    assert {(str(c["runAsUser"]), str(c["runAsGroup"])) for c in contexts} == {user.groups()}


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_writes_only_to_its_volumes_and_gains_no_privileges(container: dict[str, Any]):
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_has_requests_and_limits(container: dict[str, Any]):
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_uses_an_image_of_the_dockerfile(container: dict[str, Any]):
    assert stage(container["image"].removeprefix("dualtrans-"))


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_reads_its_settings_from_the_config_map_and_the_secret(
    container: dict[str, Any],
):
    sources = [
        (kind, source["name"]) for entry in container["envFrom"] for kind, source in entry.items()
    ]

    assert sources == [("configMapRef", "dualtrans"), ("secretRef", "dualtrans")]
    assert named("ConfigMap", "dualtrans")
    assert named("Secret", "dualtrans")


@pytest.mark.parametrize("name", ["ConfigMap", "Secret"])
def test_every_key_is_a_setting(name: str):
    source = named(name, "dualtrans")
    known = {*SETTINGS, "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}

    assert set(source.get("data", {})) | set(source.get("stringData", {})) <= known


def test_no_secret_has_a_value_and_none_is_in_the_config_map():
    secret = named("Secret", "dualtrans")["stringData"]

    assert set(secret.values()) == {""}
    assert {"DATABASE_URL", "REDIS_URL", "DUALTRANS_SECRET_KEYS"} <= set(secret)
    assert set(secret) & set(named("ConfigMap", "dualtrans")["data"]) == set()


# Starting and stopping


def test_the_probes_of_the_api_use_its_health_routes():
    (api,) = PODS["Deployment-dualtrans-api"]["containers"]
    probes = {
        probe: api[f"{probe}Probe"]["httpGet"] for probe in ("startup", "liveness", "readiness")
    }

    assert probes["liveness"]["path"] == probes["startup"]["path"] == "/healthz"
    assert probes["readiness"]["path"] == "/readyz"
    assert {probe["port"] for probe in probes.values()} == {"http"}
    assert '"--port", "8000"' in stage("api")
    assert api["ports"] == [{"name": "http", "containerPort": 8000}]


def test_the_probe_of_a_worker_reads_the_heartbeat_file_of_its_image():
    (worker,) = PODS["Deployment-dualtrans-worker"]["containers"]
    file = re.search(r"DUALTRANS_HEARTBEAT_FILE=(\S+)", stage("worker"))
    assert file is not None

    assert f"'{file.group(1)}'" in worker["livenessProbe"]["exec"]["command"][-1]
    mounts = {mount["mountPath"] for mount in worker["volumeMounts"]}
    assert str(Path(file.group(1)).parent) in mounts


def test_the_stop_period_of_a_worker_exceeds_the_job_timeout():
    grace = PODS["Deployment-dualtrans-worker"]["terminationGracePeriodSeconds"]

    assert grace > Settings.model_fields["job_timeout_seconds"].default


def test_the_stop_period_of_the_api_exceeds_the_shutdown_timeout_of_its_server():
    pod = PODS["Deployment-dualtrans-api"]
    shutdown = re.search(r'"--timeout-graceful-shutdown", "(\d+)"', stage("api"))
    assert shutdown is not None
    sleep = pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]

    assert pod["terminationGracePeriodSeconds"] > int(shutdown.group(1)) + int(sleep[-1])


@pytest.mark.parametrize("name", ["dualtrans-api", "dualtrans-worker"])
def test_new_pods_wait_for_the_migration(name: str):
    (first,) = PODS[f"Deployment-{name}"]["initContainers"]

    assert first["command"][:3] == ["dualtrans", "migrate", "--wait"]
    assert PODS["Job-dualtrans-migrate"]["containers"][0]["command"] == ["dualtrans", "migrate"]


@pytest.mark.parametrize(
    "document",
    [
        one
        for one in KUBERNETES_OBJECTS
        if one["kind"] in ("Service", "PodDisruptionBudget", "NetworkPolicy")
    ],
    ids=title,
)
def test_every_selector_matches_a_pod(document: dict[str, Any]):
    selector = document["spec"].get("selector", document["spec"].get("podSelector"))
    wanted = selector if document["kind"] == "Service" else selector.get("matchLabels", {})

    assert [labels for labels in LABELS if wanted.items() <= labels.items()] != []


def test_prometheus_scrapes_the_ports_that_serve_metrics():
    ports = {
        one["metadata"]["name"]: one["spec"]["template"]["metadata"]["annotations"][
            "prometheus.io/port"
        ]
        for one in KUBERNETES_OBJECTS
        if one["kind"] == "Deployment"
    }
    (reached,) = named("NetworkPolicy", "dualtrans-worker")["spec"]["ingress"]

    metrics_port = named("ConfigMap", "dualtrans")["data"]["DUALTRANS_METRICS_PORT"]
    assert ports == {"dualtrans-api": "8000", "dualtrans-worker": metrics_port}
    assert reached["ports"] == [{"protocol": "TCP", "port": int(metrics_port)}]
    assert "DUALTRANS_METRICS_HOST=0.0.0.0" in stage("worker")


# The autoscaler; the schemas of Kubernetes do not contain the kinds of KEDA


def test_the_scaler_of_the_workers_refers_to_existing_objects():
    scaler = named("ScaledObject", "dualtrans-worker")["spec"]
    (trigger,) = scaler["triggers"]
    login = named("TriggerAuthentication", trigger["authenticationRef"]["name"])["spec"]

    assert set(scaler) <= {
        *("scaleTargetRef", "pollingInterval", "minReplicaCount", "maxReplicaCount"),
        *("fallback", "advanced", "triggers"),
    }
    assert named("Deployment", scaler["scaleTargetRef"]["name"])
    assert trigger["type"] == "postgresql"
    assert all(isinstance(value, str) for value in trigger["metadata"].values())
    assert login["secretTargetRef"] == [
        {"parameter": "connection", "name": "dualtrans", "key": "DATABASE_URL"}
    ]


def test_the_scaler_counts_queued_and_running_jobs(tmp_path: Path, postgres_url: str):
    settings = Settings(data_dir=tmp_path, database_url=postgres_url)
    database, storage = open_database(settings), open_storage(settings)
    upgrade(database)
    with database.transaction() as session:
        for status in ("queued", "queued", "running", "done", "failed", "cancelled"):
            make_stylization(session, storage, status=status)
    (trigger,) = named("ScaledObject", "dualtrans-worker")["spec"]["triggers"]

    with database.reading() as session:
        counted = session.scalar(text(trigger["metadata"]["query"]))
    database.close()

    assert counted == 3
