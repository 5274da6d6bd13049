"""A whole Airflow over a PostgreSQL of its own, its servers watched and started again when they die.

Everything lies in one folder: the database, the logs, `secrets.json` (passwords and keys, made once) and, while it
is up, `stack.json` (where it listens and which processes it is). Everything listens on loopback.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.live import compose
from tests.live.api import DAG, Api
from tests.live.postgres import Postgres
from tests.live.service import NotReady, Service, free_port, listens

ROOT = Path(__file__).parents[2]
USERS = {"admin": "admin", "viewer": "viewer"}  # name and Airflow role
BIN = Path(sys.executable).parent
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def secrets_of(folder: Path) -> dict[str, str]:
    """The passwords and keys of a stack's folder, made when it has none; readable by its owner alone."""
    file = folder / "secrets.json"
    if not file.exists():
        made = {name: secrets.token_urlsafe(24) for name in ("postgres", "api", "jwt", *USERS)}
        made["fernet"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(made, out)
    found: dict[str, str] = json.loads(file.read_text())
    return found


@dataclass(slots=True)
class Stack:
    """The servers, in the order in which they start."""

    folder: Path
    raw: str
    home: str
    port: int = 0
    workers: int = 0  # Celery workers, in the topology of docker-compose.yml; 0 is the LocalExecutor
    settings: Mapping[str, str] = field(default_factory=dict)  # environment over ours
    services: dict[str, Service] = field(default_factory=dict, init=False)

    def start(self, tell: Callable[[str], None]) -> None:
        """Start everything and wait until it is healthy and the DAGs are there; raises NotReady with a log's end."""
        (self.folder / "services").mkdir(parents=True, exist_ok=True)
        self.port = free_port(self.port)
        keys = secrets_of(self.folder)
        api = Api(self.url, "admin", keys["admin"])
        postgres = Postgres(self.folder, keys["postgres"])
        tell("PostgreSQL ...")
        self.services["postgres"] = postgres
        postgres.start()
        environment = self._environment(postgres, keys)
        if self.workers:
            environment |= self._celery(postgres, keys)
        tell("Airflow's tables ...")
        self._run(environment, "db", "migrate")
        tell("API server, DAG processor, triggerer ...")
        self._launch("api-server", environment)
        self._launch("dag-processor", environment)
        self._launch("triggerer", environment, "--skip-serve-logs")
        # A task that starts before the API server listens fails to connect.
        self.services["api-server"].wait_until(api.answers)
        tell("Scheduler ...")
        self._launch("scheduler", environment, "--skip-serve-logs")
        for number in range(1, self.workers + 1):
            named = (f"--celery-hostname=worker-{number}@%h", f"--pid={self.folder}/worker-{number}.pid", "--skip-serve-logs")
            self._launch(f"worker-{number}", environment, *named, command="celery worker")
        if self.workers:  # only now: the API server writes the permissions, and two who do are in each other's way
            self._add_users(environment, keys)
        self.services["scheduler"].wait_until(api.is_healthy)
        self.services["dag-processor"].wait_until(lambda: api.knows(DAG))
        self._tell_where(postgres)

    def stop(self) -> None:
        """End every server and whatever it started; what schedules ends first, the database last."""
        (self.folder / "stack.json").unlink(missing_ok=True)
        postgres = self.services.pop("postgres", None)
        for service in self.services.values():
            service.ask_to_end()
        with ThreadPoolExecutor() as pool:
            list(pool.map(Service.end, self.services.values()))
        if postgres:
            postgres.ask_to_end()
            postgres.end()

    def revive(self) -> list[str]:
        """Start again what died, as an orchestrator would; returns the names."""
        dead = [service for service in self.services.values() if not service.is_running()]
        for service in dead:
            service.signal_all(9)  # what a killed server left behind would work beside the new one
            service.start()
        if dead:
            self._tell_where(self.services["postgres"])
        return [service.name for service in dead]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _launch(self, name: str, environment: Mapping[str, str], *options: str, command: str = "") -> None:
        log = self.folder / "services" / f"{name}.log"
        self.services[name] = Service(name, [str(BIN / "airflow"), *(command or name).split(), *options], environment, log)
        self.services[name].start()

    def _run(self, environment: Mapping[str, str], *command: str) -> None:
        done = subprocess.run([BIN / "airflow", *command], env=dict(environment), capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotReady(f"airflow {' '.join(command[:2])} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def _add_users(self, environment: Mapping[str, str], keys: Mapping[str, str]) -> None:
        """The user manager of docker-compose.yml keeps its users in the database."""
        for name, role in USERS.items():
            person = {"username": name, "firstname": name, "lastname": "of this machine", "email": f"{name}@localhost"}
            given = person | {"role": role.capitalize(), "password": keys[name]}
            self._run(environment, "users", "create", *(f"--{option}={value}" for option, value in given.items()))

    def _celery(self, postgres: Postgres, keys: Mapping[str, str]) -> dict[str, str]:
        """Redis, and what docker-compose.yml sets for its workers."""
        redis, port = shutil.which("redis-server"), free_port()
        if not redis:
            raise NotReady("redis-server is not installed: `make live` installs it where apt-get is")
        options = ["--bind", "127.0.0.1", "--port", str(port), "--requirepass", keys["jwt"], "--save", "", "--dir", str(self.folder)]
        self.services["redis"] = Service("redis", [redis, *options], os.environ, self.folder / "services" / "redis.log")
        self.services["redis"].start()
        self.services["redis"].wait_until(lambda: listens(port))
        names = {"POSTGRES": "postgres", "REDIS": "jwt", "ADMIN": "admin"}
        variables = {f"{name}_PASSWORD": keys[key] for name, key in names.items()} | {
            "AIRFLOW_FERNET_KEY": keys["fernet"],
            "AIRFLOW_SECRET_KEY": keys["api"],
            "AIRFLOW_JWT_SECRET": keys["jwt"],
            "AIRFLOW_UID": str(os.getuid()),
            "COPYDESK_RAW": self.raw,
            "COPYDESK_HOME": self.home,
            "AWS_ACCESS_KEY_ID": "nobody",  # no store here
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "WORKER_CONCURRENCY": str(CORES),
            "PARALLELISM": str(self.workers * CORES),
        }
        places = {
            "@postgres/airflow": f"@127.0.0.1:{postgres.port}/postgres",
            "@redis:6379": f"@127.0.0.1:{port}",
            "http://api-server:8080": self.url,
            "/data/raw": self.raw,
            "/data/home": self.home,
        }
        return compose.environment("worker", variables, places) | dict(self.settings)

    def _tell_where(self, postgres: Any) -> None:
        where = {"url": self.url, "database": postgres.url, "pids": {name: service.pid for name, service in self.services.items()}}
        part = self.folder / "stack.json.part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(where, out)
        part.replace(self.folder / "stack.json")

    def _environment(self, postgres: Postgres, keys: Mapping[str, str]) -> dict[str, str]:
        passwords = self.folder / "passwords.json"
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps({user: keys[user] for user in USERS}))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "COPYDESK_"))}
        inherited.pop("PYTHONDONTWRITEBYTECODE", None)  # without bytecode Airflow starts three times as slowly
        return inherited | {
            "AIRFLOW_HOME": str(self.folder),
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": str(CORES),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__FERNET_KEY": keys["fernet"],
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in USERS.items()),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__SECRET_KEY": keys["api"],
            "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt"],
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": postgres.url,
            "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
            "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",  # a task of a second should not wait for one
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "COPYDESK_RAW": self.raw,
            "COPYDESK_HOME": self.home,
            **self.settings,
        }
