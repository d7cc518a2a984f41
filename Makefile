# Everything people and CI run. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test test-python lint format

help: ## list the targets
	@awk -F':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv from the pinned constraints

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else "Maestro needs Python 3.11 to 3.13, this is %d.%d: make PYTHON=python3.12" % v[:2])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check 'uv>=0.5'
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt -e '.[airflow,demo,postgres,redis,s3]' --group dev
	@touch $@

demo: install ## the three pipelines on real data in a real Airflow, here (UI=1 leaves the UI running, PROOF=1 writes docs/proof.md)
	$(BIN)/maestro demo $(if $(UI),--ui) $(if $(PROOF),--proof docs/proof.md)

test: test-python ## everything that proves the Python side and the chart

test-python: install
	$(BIN)/python -m pytest tests --ignore=tests/chart --ignore=tests/e2e

lint: install ## ruff, import-linter, mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: install ## let ruff rewrite the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
