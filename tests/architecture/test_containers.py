"""The containers' files are valid and keep their promises; no engine is needed to see it."""

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
OURS = ("api", "worker", "migrate")
OTHERS = ("redis", "postgres")


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

    verdict = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *schema],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert verdict.returncode == 0, verdict.stdout


def test_the_dockerfile_passes_its_linter():
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert hadolint is not None

    verdict = subprocess.run(
        [hadolint, "--no-color", "Dockerfile"], cwd=ROOT, capture_output=True, text=True
    )

    assert verdict.returncode == 0, verdict.stdout


def test_the_api_image_is_built_without_torch_model_and_worker():
    assert "[app,postgres,heic]" in stage("build-api")
    assert re.findall(r"^COPY (app|model|worker) ", stage("build-api"), flags=re.MULTILINE) == [
        "app"
    ]


@pytest.mark.parametrize("image", ["api", "worker"])
def test_an_image_runs_as_a_numbered_user_and_tells_its_health(image: str):
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", stage(image), flags=re.MULTILINE)
    assert "HEALTHCHECK" in stage(image)


@pytest.mark.parametrize("service", OURS)
def test_a_service_of_ours_is_built_from_a_stage_that_exists(
    services: dict[str, Any], service: str
):
    assert stage(services[service]["build"]["target"])


@pytest.mark.parametrize("service", [*OURS, *OTHERS])
def test_a_service_can_write_only_its_volume_and_gain_no_rights(
    services: dict[str, Any], service: str
):
    assert services[service]["read_only"] is True
    assert services[service]["cap_drop"] == ["ALL"]
    assert services[service]["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("service", OTHERS)
def test_a_server_of_others_runs_as_its_own_user_and_tells_its_health(
    services: dict[str, Any], service: str
):
    assert services[service]["user"] not in ("", "root", "0")
    assert services[service]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("service", OTHERS)
def test_queue_and_database_are_reached_from_inside_alone(services: dict[str, Any], service: str):
    assert "ports" not in services[service]
    assert services[service]["networks"] == ["inside"]


@pytest.mark.parametrize("service", ["api", "worker"])
def test_api_and_worker_start_after_the_migration(services: dict[str, Any], service: str):
    waits_for = services[service]["depends_on"]

    assert waits_for["migrate"] == {"condition": "service_completed_successfully"}
    assert waits_for["redis"]["condition"] == "service_healthy"


def test_the_queue_keeps_what_waits(services: dict[str, Any]):
    command = " ".join(services["redis"]["command"])

    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_no_secret_has_a_default():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")

    secrets = re.findall(r"\$\{(?:POSTGRES_PASSWORD|DUALTRANS_SECRET_KEYS)(.)(.)", text)

    assert set(secrets) == {(":", "?")}


def test_a_worker_is_given_longer_to_stop_than_a_job_may_take(services: dict[str, Any]):
    from core.settings import Settings

    job_seconds = Settings.model_fields["job_timeout_seconds"].default

    assert int(services["worker"]["stop_grace_period"].removesuffix("s")) > job_seconds


def test_the_api_is_given_longer_to_stop_than_its_server_drains(services: dict[str, Any]):
    drains = re.search(r'"--timeout-graceful-shutdown", "(\d+)"', stage("api"))
    assert drains is not None

    grace = int(services["api"]["stop_grace_period"].removesuffix("s"))

    assert grace > int(drains.group(1))


def test_the_gpu_file_gives_the_worker_a_device_and_changes_nothing_else():
    services = compose("docker-compose.gpu.yml")["services"]

    assert list(services) == ["worker"]
    devices = services["worker"]["deploy"]["resources"]["reservations"]["devices"]
    assert devices == [{"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}]
