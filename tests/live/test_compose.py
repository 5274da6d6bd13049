"""docker-compose.yml, read by docker-compose itself (no engine is needed for that)."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.live import compose
from tests.live.stack import ROOT

AIRFLOW = {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}
SECRETS = [
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "ADMIN_PASSWORD",
    "AIRFLOW_FERNET_KEY",
    "AIRFLOW_SECRET_KEY",
    "AIRFLOW_JWT_SECRET",
    "AWS_SECRET_ACCESS_KEY",
]


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """What `make .env` writes."""
    done = subprocess.run(
        ["make", "--always-make", "--dry-run", "--no-print-directory", ".env"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    writes = done.stdout.split(" > .env")[0]
    lines = subprocess.run(["sh", "-c", writes], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return dict(line.split("=", 1) for line in lines)


def _config(variables: dict[str, str], folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    command = ["docker-compose", "--env-file", str(folder / "env"), "-f", str(compose.FILE), *options, "config"]
    return subprocess.run(command, env={"PATH": "/usr/bin:/bin:/usr/local/bin"}, capture_output=True, text=True, check=False)


def _services(variables: dict[str, str], folder: Path, *options: str) -> dict[str, Any]:
    done = _config(variables, folder, *options)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = yaml.safe_load(done.stdout)["services"]
    return found


def test_docker_compose_takes_the_file_with_what_make_env_writes(made: dict[str, str], tmp_path: Path) -> None:
    services = _services(made, tmp_path)
    assert set(services) >= AIRFLOW | {"postgres", "redis"}
    for name in AIRFLOW:
        assert not services[name]["user"].startswith("0:"), name
    for name in set(services) - {"init"}:
        assert services[name]["healthcheck"]["test"], name
        waits = services[name].get("depends_on", {})
        assert all(how["condition"] in ("service_healthy", "service_completed_successfully") for how in waits.values()), name
        assert all(str(port).startswith("127.0.0.1:") for port in services[name].get("ports", [])), name


def test_the_environment_that_the_live_tests_run_with_is_the_one_of_docker_compose(made: dict[str, str], tmp_path: Path) -> None:
    told = {name: str(value) for name, value in _services(made, tmp_path)["worker"]["environment"].items()}
    assert compose.environment("worker", made, {}) == told


@pytest.mark.parametrize("name", SECRETS)
def test_nothing_starts_without_a_secret_of_its_own(made: dict[str, str], tmp_path: Path, name: str) -> None:
    assert len({made[secret] for secret in SECRETS}) == len(SECRETS)
    done = _config({key: value for key, value in made.items() if key != name}, tmp_path)
    assert done.returncode
    assert f"${{{name}:?is not set" in done.stderr
    with pytest.raises(compose.Missing, match=f"{name} is not set"):
        compose.services(made | {name: ""})


def test_with_the_profile_s3_the_corpus_lives_on_a_store_of_its_own(made: dict[str, str], tmp_path: Path) -> None:
    on_it = made | {"RAW_URI": "s3://copydesk/raw", "HOME_URI": "s3://copydesk/home", "AWS_ENDPOINT_URL": "http://s3:8333"}
    services = _services(on_it, tmp_path, "--profile", "s3")
    worker, store = services["worker"]["environment"], services["s3"]["environment"]
    assert (worker["COPYDESK_RAW"], worker["COPYDESK_HOME"]) == ("s3://copydesk/raw", "s3://copydesk/home")
    assert "-bucket=copydesk" in services["s3"]["command"]
    assert worker["AWS_ENDPOINT_URL"] == "http://s3:8333"
    assert {name: worker[name] for name in store} == store
    assert services["s3"]["healthcheck"]["test"]
