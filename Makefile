# One task runner for people and CI. `make help` lists the targets.
#
#   make practice ARGS='--rounds 5 --strategy martingale'    options for crashbot
#   make test ARGS='tests/limits -x'                         options for pytest
#   make PYTHON=/usr/bin/python3.12                          another Python for .venv

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=

.DEFAULT_GOAL := setup
.PHONY: setup practice doctor test soak lint format format-check types contracts schema check clean help

setup: $(READY)  ## set up in .venv: system packages (Debian), Python packages, crashbot itself

# The stamp is made last, so that a set-up that was cut off is taken up again.
$(READY): pyproject.toml .ci/system-packages.sh
	@.ci/system-packages.sh
	@python=$$(.ci/system-packages.sh --python) || exit 1; \
	if ! $(BIN)/python -c 'import sys, tkinter, pip; assert sys.version_info >= (3, 11)' 2>/dev/null; then \
		echo "Making $(VENV) with $$python"; \
		"$$python" -m venv --clear $(VENV) || exit 1; \
	fi
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@
	@echo "Ready. Play the practice tables: make practice"

practice: setup  ## let the bot play the practice tables; ARGS='--rounds 5' hands options on
	@$(BIN)/crashbot practice $(ARGS)

doctor: setup  ## what is installed, what works, what to do about what is missing
	@$(BIN)/crashbot doctor $(ARGS)

test: setup  ## all tests, end-to-end tests with a real browser and a PostgreSQL server included
	@.ci/system-packages.sh --tests
	@$(BIN)/python -m pytest $(ARGS)

soak: setup  ## the long form: many rounds, all faults, kills, benchmarks; report in reports/
	@$(BIN)/python -m benchmarks.soak $(ARGS)

lint: setup  ## ruff check
	@$(BIN)/python -m ruff check .

format: setup  ## put the code into ruff's form
	@$(BIN)/python -m ruff format .
	@$(BIN)/python -m ruff check --fix-only --quiet .

format-check: setup
	@$(BIN)/python -m ruff format --check .

types: setup  ## mypy --strict
	@$(BIN)/python -m mypy

contracts: setup  ## which room may import which
	@$(BIN)/lint-imports --no-cache --no-logo

schema: setup  ## after a change of the models: schema.sql and the newest migration, written anew
	@$(BIN)/python -m bot.database.migrations.freeze

check: format-check lint types contracts  ## everything that CI runs before the tests

clean:  ## remove .venv, caches and reports (your own data stay where they are)
	rm -rf $(VENV) build dist reports *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
