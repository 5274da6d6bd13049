# Every target does its own set-up: a fresh machine needs Python 3.11 to 3.13 and make.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
# Without bytecode `import airflow` takes three times as long.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPATH :=

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint kill

help:  ## What there is to make
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.installed  ## Make the environment in .venv from requirements.lock

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else "Copydesk needs Python 3.11 to 3.13, this is %d.%d; set PYTHON=" % v)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

demo: setup  ## Clean a date of seeds/ in a real Airflow and show what happened
	@sh scripts/demo.sh

test: setup  ## All tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: setup  ## ruff and mypy, strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

kill: setup  ## kill -9 at 200 random moments of merge and publish
	$(BIN)/python -m tests.corpus.kill_rounds --rounds 200
