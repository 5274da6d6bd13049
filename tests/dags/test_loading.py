"""What Airflow executes when it loads dags/ and plugins/."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.dags.conftest import ROOT

LOAD_PLUGINS = """
import json, sys
from airflow import plugins_manager
plugins_manager.ensure_plugins_loaded()
print(json.dumps({name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}))
"""
PARSE_DAG = """
import json, runpy, sys
import airflow.sdk
before = set(sys.modules)
runpy.run_path("dags/clean_articles.py")
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def _answer(program: str, **settings: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], env=os.environ | settings, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def _bare(plugins: Path) -> set[str]:
    """Modules of the package that Airflow's plugin loader executed under their bare file names."""
    loaded = json.loads(_answer(LOAD_PLUGINS, AIRFLOW__CORE__PLUGINS_FOLDER=str(plugins)))
    package = str(plugins / "copydesk") + os.sep
    return {name for name, file in loaded.items() if file and file.startswith(package) and name.split(".")[0] != "copydesk"}


def test_the_plugin_loader_stays_out_of_the_package() -> None:
    assert _bare(ROOT / "plugins") == set()


def test_without_the_ignore_file_it_would_not(tmp_path: Path) -> None:
    """Witness of the test above: the same look at a folder without `.airflowignore` finds modules."""
    shutil.copytree(ROOT / "plugins", tmp_path / "plugins", ignore=shutil.ignore_patterns(".airflowignore"))
    assert "policy" in _bare(tmp_path / "plugins")


def test_parsing_the_dag_loads_nothing_heavy() -> None:
    """Airflow parses the file every half minute: it needs the errors of the retry policy and the settings of the form."""
    loaded = json.loads(_answer(PARSE_DAG))
    assert {name for name in loaded if name.startswith("copydesk")} <= {"copydesk", "copydesk.errors", "copydesk.model", "copydesk.policy"}
    assert not {name.split(".")[0] for name in loaded} & {"numpy", "pandas", "pyarrow", "selectolax", "bs4", "fsspec", "rich"}
