# Everything here works on a machine that has only Python 3.11 or newer with pip, and make.

# The first Python that is new enough; name another with `make PYTHON=/path/to/python setup`.
PYTHON ?= $(shell for found in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$found -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$found && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := $(BIN)/uv
CATALOGUES := i18n/zh_CN/LC_MESSAGES
COMPILED := $(CATALOGUES)/duban.mo
# Three test processes: two cores are never idle while one waits for the servers that some tests start.
TEST_PROCESSES ?= 3
PYTEST = $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadscope --no-loadscope-reorder

# uv does not read pip's settings: a mirror named for pip is passed on.
ifneq ($(strip $(PIP_INDEX_URL)),)
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

# Bytecode is kept even where the shell forbids it: else every command that a test starts compiles all it imports anew,
# three seconds each time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test e2e test-all check serve bundle bench campaign crowd year format lock catalogue

help: ## Show what make can do
	@grep -E '^[a-z0-9-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

setup: $(READY) ## Create .venv with the pinned dependencies; quick when nothing changed

# Without uv the same lock is installed by pip: slower, same versions.
$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Duban needs Python 3.11 or newer; none was found."; exit 1; }
	@echo "Setting up $(VENV): half a minute, once."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV) || { \
		echo "This Python cannot put pip into a new environment; its own pip does it instead."; \
		$(PYTHON) -m venv --clear --without-pip $(VENV) && \
		$(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
	@{ $(BIN)/python -m pip install --quiet "uv>=0.9" && $(UV) pip sync --quiet --python $(BIN)/python requirements.lock; } || { \
		echo "uv could not install the dependencies; pip does it instead (about a minute)."; \
		$(BIN)/python -m pip install --quiet --upgrade pip && \
		$(BIN)/python -m pip install --quiet -r requirements.lock; }
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)

# The Chinese catalogues, compiled: anew whenever one of them has changed.
$(COMPILED): $(wildcard $(CATALOGUES)/*.po) | $(READY)
	@$(BIN)/python -m i18n.compile >/dev/null

demo: $(READY) $(COMPILED) ## Play six months of a sample round and show what came of it
	@$(BIN)/duban demo

test: $(READY) $(COMPILED) ## Run the tests, but for those that take long
	$(PYTEST) -m "not e2e and not slow" $(PYTEST_ARGS)

e2e: $(READY) $(COMPILED) ## Run those that take long: whole installations, browsers, a crowd, odd requests, crashes
	$(PYTEST) -m "e2e or slow" $(PYTEST_ARGS)

# In one run, because the first wait most of the time, and the others fill their gaps.
test-all: $(READY) $(COMPILED) ## Run all tests at once, with three times as many made-up examples
	DUBAN_EXAMPLES=100 $(PYTEST) $(PYTEST_ARGS)

check: $(READY) $(COMPILED) ## What CI runs before the tests: format, lint, types, catalogue, docs, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m i18n.compile --check
	$(BIN)/python -m pytest -q tests/contracts/test_docs.py tests/contracts/test_migrations.py

serve: $(READY) $(COMPILED) ## Run the clock, the delivery and a Prefect server until stopped
	@$(BIN)/duban serve

# The engines that Duban is compared with have pins of their own, and so an environment of their own.
bench: $(READY) $(COMPILED) $(VENV)-bench/.ready ## Measure speed beside raw SQL and other engines; QUICK=1 for a short run
	@$(BIN)/python -m bench $(if $(QUICK),--quick) $(BENCH_ARGS)

$(VENV)-bench/.ready: pyproject.toml
	@echo "Installing the engines to compare with into $(VENV)-bench; without them they are left out."
	@$(PYTHON) -m venv --clear --without-pip $(VENV)-bench
	@{ $(UV) pip install --quiet --python $(VENV)-bench/bin/python --group bench || { \
		$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1" && \
		$(BIN)/python -m pip --python $(VENV)-bench/bin/python install --quiet --group bench; }; } \
		&& touch $@ || echo "The engines could not be installed."

campaign: $(READY) $(COMPILED) ## Kill the programs and the database 560 times; say what was lost (about 15 minutes)
	@$(BIN)/python -m tests.campaign $(ARGS)

# SEED=7 plays that one; ARGS="--seeds 200 --postgres" many on PostgreSQL; TWINS=1 takes the guards out one by one.
year: $(READY) $(COMPILED) ## Live through an office's year by seed and look whether every promise holds
	@$(BIN)/python -m tests.year $(if $(SEED),--seed $(SEED)) $(if $(TWINS),--twins) $(ARGS)

crowd: $(READY) $(COMPILED) ## Let 200 people work in the browser for five minutes; say what failed or was lost
	@$(BIN)/python -m tests.crowd $(ARGS)

races: $(READY) $(COMPILED) ## Send the same change from several browsers at once, 204 times on each database
	DUBAN_RACES=34 $(BIN)/python -m pytest -q tests/web/test_races.py $(ARGS)

bundle: $(READY) $(COMPILED) ## Pack everything for a machine without internet into dist/
	@$(BIN)/python -m bundle

format: $(READY) ## Format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Pins stay as they are unless LOCK_ARGS=--upgrade says otherwise.  No address goes into the file.
lock: ## Pin the dependencies anew in requirements.lock
	@test -x $(UV) || { $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet "uv>=0.9"; }
	$(UV) pip compile --quiet --universal --no-strip-extras --no-header --python-version 3.11 \
		--group dev $(LOCK_ARGS) --output-file requirements.lock pyproject.toml

catalogue: $(READY) ## Compile the Chinese catalogues into duban.mo and list what is untranslated
	@$(BIN)/python -m i18n.compile
