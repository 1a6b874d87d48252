"""Dockerfile and compose files are valid and secure. No container engine is needed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.architecture.source import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE_FILES = ("docker-compose.yml", "docker-compose.gpu.yml")
OWN_SERVICES = ("api", "worker", "migrate")
THIRD_PARTY_SERVICES = ("redis", "postgres")


def compose(name: str) -> dict[str, Any]:
    content: dict[str, Any] = YAML(typ="safe").load((ROOT / name).read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = compose("docker-compose.yml")["services"]
    return found


def stage(name: str) -> str:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)
    return next(text for text in stages if text.splitlines()[0].endswith(f" AS {name}"))


@pytest.mark.parametrize("name", COMPOSE_FILES)
def test_a_compose_file_follows_the_compose_specification(name: str):
    schema = ["--builtin-schema", "vendor.compose-spec", "--no-cache", name]

    process = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *schema],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert process.returncode == 0, process.stdout


def test_the_dockerfile_passes_its_linter():
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert hadolint is not None

    process = subprocess.run(
        [hadolint, "--no-color", "Dockerfile"], cwd=ROOT, capture_output=True, text=True
    )

    assert process.returncode == 0, process.stdout


def copied_packages(image: str) -> set[str]:
    return set(re.findall(r"^COPY ([a-z]+) \1$", stage(f"build-{image}"), flags=re.MULTILINE))


def test_the_api_image_is_built_without_torch_model_and_worker():
    assert "[app,postgres,heic]" in stage("build-api")
    assert copied_packages("api") == {"styling", "imaging", "core", "app", "cli"}


def test_the_worker_image_is_built_without_web_framework_and_api():
    assert "[worker,postgres]" in stage("build-worker")
    assert copied_packages("worker") == {"styling", "imaging", "core", "cli", "model", "worker"}


@pytest.mark.parametrize("image", ["api", "worker"])
def test_an_image_runs_as_a_numeric_user_with_a_health_check(image: str):
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", stage(image), flags=re.MULTILINE)
    assert "HEALTHCHECK" in stage(image)


@pytest.mark.parametrize("service", OWN_SERVICES)
def test_a_service_is_built_from_an_existing_stage(services: dict[str, Any], service: str):
    assert stage(services[service]["build"]["target"])


@pytest.mark.parametrize("service", [*OWN_SERVICES, *THIRD_PARTY_SERVICES])
def test_a_service_writes_only_to_its_volumes_and_gains_no_privileges(
    services: dict[str, Any], service: str
):
    assert services[service]["read_only"] is True
    assert services[service]["cap_drop"] == ["ALL"]
    assert services[service]["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("service", THIRD_PARTY_SERVICES)
def test_a_third_party_server_runs_as_its_own_user_with_a_health_check(
    services: dict[str, Any], service: str
):
    assert services[service]["user"] not in ("", "root", "0")
    assert services[service]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("service", THIRD_PARTY_SERVICES)
def test_queue_and_database_are_reachable_only_from_the_inside_network(
    services: dict[str, Any], service: str
):
    assert "ports" not in services[service]
    assert services[service]["networks"] == ["inside"]


@pytest.mark.parametrize("service", ["api", "worker"])
def test_api_and_worker_start_after_the_migration(services: dict[str, Any], service: str):
    waits_for = services[service]["depends_on"]

    assert waits_for["migrate"] == {"condition": "service_completed_successfully"}
    assert waits_for["redis"]["condition"] == "service_healthy"


def test_the_queue_keeps_its_notifications(services: dict[str, Any]):
    command = " ".join(services["redis"]["command"])

    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_no_secret_has_a_default():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")

    secrets = re.findall(r"\$\{(?:POSTGRES_PASSWORD|DUALTRANS_SECRET_KEYS)(.)(.)", text)

    assert set(secrets) == {(":", "?")}


def test_the_stop_period_of_a_worker_exceeds_the_job_timeout(services: dict[str, Any]):
    from core.settings import Settings

    job_seconds = Settings.model_fields["job_timeout_seconds"].default

    assert int(services["worker"]["stop_grace_period"].removesuffix("s")) > job_seconds


def test_the_stop_period_of_the_api_exceeds_the_shutdown_timeout_of_its_server(
    services: dict[str, Any],
):
    shutdown = re.search(r'"--timeout-graceful-shutdown", "(\d+)"', stage("api"))
    assert shutdown is not None

    grace = int(services["api"]["stop_grace_period"].removesuffix("s"))

    assert grace > int(shutdown.group(1))


def test_the_gpu_file_adds_a_device_to_the_worker_and_changes_nothing_else():
    services = compose("docker-compose.gpu.yml")["services"]

    assert list(services) == ["worker"]
    devices = services["worker"]["deploy"]["resources"]["reservations"]["devices"]
    assert devices == [{"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}]
