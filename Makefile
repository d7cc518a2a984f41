# Everything people and CI run. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO_STAMP := $(VENV)/.installed-for-demo

.DEFAULT_GOAL := help
.PHONY: help install demo test test-python lint format

help: ## list the targets
	@awk -F':.*## ' '/^[a-z][a-z0-9-]*:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv from the pinned constraints, with everything the tests need

UV_INSTALL = $(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python -c constraints.txt

# What the demo needs, and no more: heavy libraries such as Spark and the estimators come with `install`.
$(DEMO_STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else "Maestro needs Python 3.11 to 3.13, this is %d.%d: make PYTHON=python3.12" % v[:2])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null \
	  || { echo "$(VENV) has no pip, and Python cannot install it: install python3-venv (Debian), remove $(VENV), and try again" >&2; exit 1; }
	@echo "made $(VENV); getting uv, which installs the rest"
	@$(BIN)/python -m pip install -q --disable-pip-version-check 'uv>=0.5'
	@echo "installing Airflow, Feast, MLflow and what they need (about 250 packages) into $(VENV): once, some minutes on a slow line"
	$(UV_INSTALL) -e '.[airflow,demo]'
	@touch $@

$(STAMP): $(DEMO_STAMP)
	$(UV_INSTALL) -e '.[airflow,catboost,demo,git,lightgbm,mysql,openlineage,optuna,postgres,redis,s3,spark,xgboost]' --group dev
	@touch $@

demo: $(DEMO_STAMP) ## the three pipelines on real data in a real Airflow, here (UI=1 leaves the UI running, PROOF=1 writes docs/proof.md)
	$(BIN)/maestro demo $(if $(UI),--ui) $(if $(PROOF),--proof docs/proof.md)

test: test-python ## everything that proves the Python side and the chart
	@$(BIN)/python ci/not_tested.py build/not-tested

test-python: install
	NOT_TESTED=build/not-tested/python.json PYTHONPATH=ci $(BIN)/python -m pytest -p not_tested tests --ignore=tests/chart --ignore=tests/e2e -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: proof
PROPERTIES = tests/features/test_point_in_time_oracle.py tests/tables/test_csv_properties.py tests/tables/test_instants.py
proof: install ## the properties of CSV files, windows and joins by time, with ten times the examples of `make test`
	$(BIN)/python -m pytest $(PROPERTIES) -n 2 --hypothesis-profile=proof

.PHONY: fuzz
MINUTES ?= 15
fuzz: install ## damaged and awkward files of every kind, read beside other libraries (MINUTES=15, ONLY=parquet)
	@PYTHONPATH=tests/fuzz $(BIN)/python -m fuzzing --minutes $(MINUTES) $(if $(ONLY),--only $(ONLY))

lint: install ## ruff, import-linter, mypy, codespell
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/codespell

.PHONY: changelog
changelog: install ## put the fragments in changes/ into CHANGELOG.md: make changelog VERSION=0.2.0
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt --group release
	$(BIN)/towncrier build --version $(VERSION)

.PHONY: release version
release: install ## wheel, source distribution, chart, bill of materials, licences and checksums in dist/release, and the images (IMAGES=0: none; DRY=1: only say what)
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt --group release
	@ci/deps >&2
	$(BIN)/python ci/release.py $(if $(DRY),--dry-run) $(if $(filter 0,$(IMAGES)),--no-images)

version: install ## write the package's version into the charts, image tags, tests and pages that repeat it: make version VERSION=0.2.0
	$(BIN)/python ci/version.py $(VERSION)
	$(MAKE) chart-reference

.PHONY: reference
reference: install ## write the reference pages and the tables of checks, methods, rules, alerts and decisions in docs/ from the code
	$(BIN)/python ci/extension_reference.py

.PHONY: docs
docs: install ## build the documentation site into build/site; a broken link or a stale reference fails
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt --group docs
	$(BIN)/python ci/extension_reference.py --check
	$(BIN)/python ci/docs_site.py

format: install ## let ruff rewrite the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# --- beside the peers, in one run
.PHONY: bench
BENCHES = shapes checks drift anomalies training
bench: install ## compare with peers, whole processes in turn: CPU seconds (ONLY=drift, PROOF=1 writes docs/proof.md, ROWS='1000000 10000000'; ONLY=before BEFORE=COMMIT for earlier code)
	$(if $(filter-out anomalies before database shapes training,$(or $(ONLY),$(BENCHES))),bench/peers/environment)
	@$(BIN)/python -m compileall -q src bench # as an installed package is
	@for name in $(or $(ONLY),$(BENCHES)); do $(BIN)/python bench/$$name.py || exit $$?; done

.PHONY: import-proof
import-proof: install ## import and run Great Expectations' own definitions (GX=a checkout of version 1.2 or before) and compare the verdicts
	@test -n "$(GX)" || { echo "name a checkout: make import-proof GX=path/to/great_expectations" >&2; exit 1; }
	@$(BIN)/python -W ignore bench/import_proof.py $(GX) --write docs/import.md

.PHONY: first-projects
first-projects: install ## ten public tables, each from an empty folder to a judged model in under two minutes of processor time (ONLY="iris wine")
	@$(BIN)/python bench/first_projects.py $(ONLY)

# --- the chart and the images
.PHONY: deps render diff image test-chart lint-chart chart-reference
ENV ?= minikube
RENDER_VALUES = -f values/$(ENV).yaml $(if $(wildcard ci/$(ENV)-values.yaml),-f ci/$(ENV)-values.yaml)
# No archive of the official chart (exit code 3) is no reason to skip the tests that do without it; they say so themselves.
SUBCHARTS = $(sort $(patsubst %/tests/,%,$(dir $(wildcard charts/*/tests/*_test.yaml))))
CHART_TOOLS = ci/deps || test $$? -eq 3

deps: ## Helm and its tools into .tools/, the official Airflow chart into charts/
	ci/deps

render: ## print the manifests: make render ENV=prod
	@ci/deps >&2
	@.tools/helm template maestro . --namespace maestro $(RENDER_VALUES)

diff: ## what an upgrade would change in the cluster: make diff ENV=prod VALUES=your-values.yaml (RELEASE=, NAMESPACE=)
	@ci/deps >&2
	@ENV=$(ENV) VALUES="$(VALUES)" RELEASE=$(or $(RELEASE),maestro) NAMESPACE=$(or $(NAMESPACE),maestro) ci/diff || test $$? -eq 1

image: install ## build the wheel and both images (BUILDER=docker|podman|buildah, REGISTRY=, VERSION=, CA_BUNDLE=)
	ci/build

test: test-chart

# Helm spends a third of its time on collecting garbage, and ends before that matters.
test-chart: export GOGC = 800
test-chart: install ## unit suites of all charts, then the composition with the official chart
	@$(CHART_TOOLS)
	.tools/helm-unittest -f 'tests/chart/unit/*_test.yaml' .
	.tools/helm-unittest $(SUBCHARTS)
	NOT_TESTED=build/not-tested/chart.json PYTHONPATH=ci $(BIN)/python -m pytest -p not_tested tests/chart charts -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: mutants
mutants: install ## make deliberate mistakes in what decides and count those the tests notice (MINUTES=15, SEED=, KIND=comparison, FILE='checks/* metrics/*', COUNT= of each part, ALL=1 every test for each)
	@PYTHONPATH=tests/mutation $(BIN)/python -m mutating_python --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) $(if $(KIND),--kind $(KIND)) $(if $(FILE),--file '$(FILE)') $(if $(COUNT),--count $(COUNT)) $(if $(ALL),--all-tests)

.PHONY: mutants-chart
mutants-chart: install ## make deliberate mistakes in the chart and count those its tests notice (MINUTES=15, SEED=, KIND=port, FILE=values/prod.yaml, QUICK=1)
	@$(CHART_TOOLS)
	@PYTHONPATH=tests/mutation $(BIN)/python -m mutating --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) $(if $(KIND),--kind $(KIND)) $(if $(FILE),--file $(FILE)) $(if $(QUICK),--quick)

lint: lint-chart

lint-chart: install ## helm lint for every environment, workflows, shell scripts, stale references
	@$(CHART_TOOLS)
	ci/lint

chart-reference: install ## write values.schema.json, the reference in docs/chart.md and the counts of the comparison
	$(BIN)/python ci/values_reference.py
	$(BIN)/python tests/chart/measure.py --write

# --- on the cluster KUBECONFIG names: kubectl on PATH, images loaded or pullable; tests/e2e/conftest.py lists the settings
.PHONY: e2e chaos drill upgrade load long-task custom-resources e2e-tools
E2E = $(BIN)/python -m pytest -v -rs --timeout 5400 -p no:cacheprovider

e2e-tools: install
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt --group e2e
	ci/deps

e2e: e2e-tools ## images, installation, scripts, pipelines and security on a real cluster
	$(E2E) $(sort $(wildcard tests/e2e/test_*.py))

.PHONY: joblib-clusters
joblib-clusters: install ## a fit on Ray and on Spark, both of this machine, without Kubernetes
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt -e '.[ray,spark]'
	$(E2E) tests/e2e/drills/test_joblib_clusters.py

chaos drill upgrade load long-task custom-resources: e2e-tools
	$(E2E) tests/e2e/drills/test_$(subst -,_,$@).py

chaos: ## break each part of the Celery profile while runs go on
drill: ## back up, lose everything, restore
upgrade: ## upgrade, roll back and uninstall while a run goes on
load: ## 100 runs at once, then 30 minutes of steady scheduling
long-task: ## a task of 31 minutes, which one worker runs once (E2E_LONG_MINUTES=)
custom-resources: ## a step as a custom resource, created, watched and deleted; the definitions of three operators
