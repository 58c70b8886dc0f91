# Needs Python 3.11 or newer and make; everything else goes into .venv, from the locked and hashed requirements.

PYTHON ?= python3
ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --strip-extras --allow-unsafe
RUNTIME := .venv/runtime.stamp
DEV := .venv/dev.stamp
TEMPLATE := .venv/messages.pot
CATALOGUE := --input-file=$(TEMPLATE) --output-dir=conversations/locale --locale=en --width=120 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

# Where the databases of the tests lie: in memory, where there is enough, for no test outlives a power cut.
BRIEF = $(shell free=$$(df --output=avail /dev/shm 2>/dev/null | tail -1); \
	if [ "$${free:-0}" -gt 4000000 ]; then echo /dev/shm; else echo "$${TMPDIR:-/tmp}"; fi)

# One test more than there are cores, for many of them wait for something.
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check style types layers catalogue catalogue-check template migration-check bench format lock

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(DEV) ## Set up .venv with everything that development needs

demo: $(RUNTIME) ## Run a fictional association with six phones and a clock
	$(BIN)/jagalapak demo $(ARGS)

serve: $(RUNTIME) ## Run the bot with the settings in .env
	$(BIN)/jagalapak serve $(ARGS)

test: $(DEV) ## Run every test, as in: make test ARGS="-k migrations"
	@for browser in chromium chromium-browser google-chrome; do command -v $$browser >/dev/null && exit; done; \
		echo 'No Chromium here: the tests of pages in a browser are skipped.'
	TMPDIR=$(BRIEF) $(BIN)/pytest --numprocesses=$(WORKERS) --dist=worksteal $(ARGS)

check: style types layers catalogue-check ## All that must hold before a change goes in, the tests last
	@$(MAKE) --no-print-directory test

style: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(DEV)
	$(BIN)/mypy

layers: $(DEV)
	$(BIN)/lint-imports

catalogue: template ## Bring the translations in conversations/locale up to the sentences in the code
	$(BIN)/pybabel --quiet update --init-missing $(CATALOGUE)

catalogue-check: template
	$(BIN)/pybabel --quiet update --check $(CATALOGUE)

template: $(DEV)
	$(BIN)/pybabel --quiet extract --mapping=babel.cfg --keywords=_ --keywords=N_ --project=JagaLapak --add-location=file --width=120 --output=$(TEMPLATE) .
	@test "$$(grep -c '^msgid' $(TEMPLATE))" -gt 1 || { echo 'No sentence was found to translate.'; exit 1; }

migration-check: $(DEV) ## Show what the migrations lack to make the tables of the code
	$(BIN)/pytest -q tests/storage/test_migrations.py -k very_tables

bench: $(DEV) ## Measure, and compare with the lower bounds
	$(BIN)/python -m bench $(ARGS)

format: $(DEV) ## Lay out the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(BIN)/pip-compile ## Lock the requirements anew, as in: make lock ARGS=--upgrade
	$(LOCK) $(ARGS) --build-deps-for=editable --output-file=requirements.txt pyproject.toml
	$(LOCK) $(ARGS) --extra=dev --constraint=requirements.txt --output-file=requirements-dev.txt pyproject.toml
	@! grep -n '://' requirements.txt requirements-dev.txt

$(DEV): requirements-dev.txt $(RUNTIME)
	$(PIP) install --require-hashes --requirement requirements-dev.txt
	@touch $@

$(RUNTIME): requirements.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --requirement requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/pip-compile: | $(BIN)/python
	$(PIP) install pip-tools

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "This needs Python 3.11 or newer, as in: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
