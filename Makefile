# Every target does its own set-up: a fresh machine needs Python 3.11 to 3.13 and make.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
# The lock pins every extra and installs none: each target takes what it needs.
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --constraint requirements.lock
# Without bytecode `import airflow` takes three times as long.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPATH :=

.DEFAULT_GOAL := help
.PHONY: help setup demo up test live live-shared live-alone lint bench bench-metadata bench-warc train kill

help:  ## What there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: $(VENV)/.installed  ## Make the environment in .venv, as pinned in requirements.lock

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else "Copydesk needs Python 3.11 to 3.13, this is %d.%d; set PYTHON=" % v)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(INSTALL) -e '.[airflow,dev,s3]'
	@touch $@

# What only one target needs, an extra of pyproject.toml each: $(VENV)/.extra-train for training.
$(VENV)/.extra-%: $(VENV)/.installed
	$(INSTALL) -e '.[$*]'
	@touch $@

# A project-local Airflow on SQLite, which `dags test` is at ease with; what has a UI needs PostgreSQL.
DEMO_DATE := 2026-11-02
DEMO_HOME := $(CURDIR)/.copydesk
DEMO_FILE := seeds/raw/$(DEMO_DATE)/wire-desk/harbour-dredging-vote.txt
AIRFLOW := AIRFLOW_HOME=$(CURDIR)/.airflow AIRFLOW__CORE__LOAD_EXAMPLES=False \
	AIRFLOW__CORE__DAGS_FOLDER=$(CURDIR)/dags AIRFLOW__CORE__PLUGINS_FOLDER=$(CURDIR)/plugins \
	COPYDESK_RAW=$(CURDIR)/seeds/raw COPYDESK_HOME=$(DEMO_HOME) $(BIN)/airflow

demo: setup  ## Clean a date of seeds/ in a real Airflow and show what happened
	@mkdir -p .airflow
	@echo "Migrating a local Airflow in .airflow/ ..."
	@$(AIRFLOW) db migrate > .airflow/demo.log 2>&1 || { tail -n 40 .airflow/demo.log; exit 1; }
	@echo "airflow dags test clean_articles, date $(DEMO_DATE), raw files in seeds/raw/ ..."
	@$(AIRFLOW) dags test clean_articles -c '{"date": "$(DEMO_DATE)"}' >> .airflow/demo.log 2>&1 || { tail -n 60 .airflow/demo.log; exit 1; }
	@echo
	@[ -t 1 ] || export COLUMNS=120; $(BIN)/copydesk summary $(DEMO_HOME) --date $(DEMO_DATE)
	@echo
	@echo "One document with its cuts marked: copydesk show $(DEMO_FILE)"
	@echo
	@$(BIN)/copydesk show $(DEMO_FILE)
	@echo "Read it:  $(BIN)/python -c \"import pyarrow.parquet as pq; print(pq.read_table('.copydesk/corpus/articles').to_pandas())\""
	@echo "The log:  .airflow/demo.log"

up: setup $(VENV)/.extra-stack  ## A whole Airflow with its UI on loopback, over seeds/, until Ctrl-C
	@exec $(BIN)/python -m tests.live $(OPTIONS)

test: setup  ## The tests, but for those of `make live`
	$(BIN)/python -m pytest -n 2 --dist loadfile --ignore tests/live

live: setup $(VENV)/.extra-stack $(VENV)/.debian  ## Tests in a whole Airflow: PostgreSQL, its UI in a real browser
	@$(MAKE) --no-print-directory --keep-going --jobs=2 live-shared live-alone

# What shares one Airflow, and beside it what needs none or its own.
live-shared: SHARED = shared
live-alone: SHARED = not shared
live-shared live-alone: setup $(VENV)/.extra-stack $(VENV)/.debian
	$(BIN)/python -m pytest -v --durations=12 -m "$(SHARED)" tests/live

# RUNLEVEL=1: what apt installs is not started, the tests start servers of their own.
$(VENV)/.debian: Makefile
	@for program in chromium redis-server docker-compose; do \
		command -v $$program > /dev/null && continue; \
		command -v apt-get > /dev/null || { echo "install $$program, then make $(MAKECMDGOALS) again"; exit 1; }; \
		sudo=; test "$$(id -u)" = 0 || sudo=sudo; \
		$$sudo apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive $$sudo -E apt-get install -qq --no-install-recommends $$program > /dev/null || exit 1; \
	done
	@touch $@

lint: setup  ## ruff and mypy, strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup $(VENV)/.extra-bench  ## Quality against cost, of Copydesk and its peers; the data must lie beside the checkout
	$(BIN)/python -m tests.bench $(OPTIONS)

bench-metadata: setup $(VENV)/.extra-bench  ## Metadata against trafilatura and htmldate, field by field
	$(BIN)/python -m tests.bench.metadata $(OPTIONS)

bench-warc: setup $(VENV)/.extra-bench  ## A web archive of 2,000 pages, read and cleaned, against fastwarc and trafilatura
	$(BIN)/python -m tests.bench.warc $(OPTIONS)

# The development data lies beside the checkout; other data: make train PAGES=... TEXTS=...
PAGES ?= ../shared/bench/wcxb-dev.parquet
TEXTS ?= ../shared/bench/text-dev.jsonl
train: setup $(VENV)/.extra-train  ## Fit all models again, from labelled pages and texts
	$(BIN)/copydesk train html $(PAGES)
	$(BIN)/copydesk train meaning $(TEXTS) $(PAGES)
	$(BIN)/copydesk train text $(TEXTS) $(PAGES)

kill: setup  ## Kill -9 at 200 random moments of merge and publish
	$(BIN)/python -m tests.corpus.kill_rounds --rounds 200

# For docker-compose.yml: fresh secrets, made once and never stored in the repository.
secret = $(shell $(PYTHON) -c 'import secrets; print(secrets.token_hex(24))')
.env:
	@umask 077; printf '%s\n' \
		'POSTGRES_PASSWORD=$(secret)' 'REDIS_PASSWORD=$(secret)' 'ADMIN_PASSWORD=$(secret)' \
		'AIRFLOW_SECRET_KEY=$(secret)' 'AIRFLOW_JWT_SECRET=$(secret)' \
		'AWS_ACCESS_KEY_ID=copydesk' 'AWS_SECRET_ACCESS_KEY=$(secret)' \
		"AIRFLOW_FERNET_KEY=$$($(PYTHON) -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())')" \
		"AIRFLOW_UID=$$(id -u | sed 's/^0$$/50000/')" 'COPYDESK_RAW=$(CURDIR)/seeds/raw' 'COPYDESK_HOME=$(CURDIR)/.copydesk' > $@
	@mkdir -p .copydesk && chmod g+rwx .copydesk
	@echo "Wrote .env: set COPYDESK_RAW and COPYDESK_HOME there to your own folders."
