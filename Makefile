# Every verb does all of its own set-up: a virtual environment in .venv, from hash-locked requirements.
# A lock is complete: --no-deps keeps pip from asking an index for what a newer release would be.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test soak check format bench lock clean

help:  ## Show what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

demo: $(VENV)/run.stamp  ## See it work: a mock agent, the adapter, and the shipped examples
	@$(BIN)/adapter demo

test: $(VENV)/dev.stamp  ## Run the whole test suite with coverage
	@$(BIN)/python -m tests.run

soak: $(VENV)/dev.stamp  ## Everything at length: every example, storms for 10 minutes (SOAK="--minutes N --seed S"), a bulk import, strangers, a guided fuzzer
	@ADAPTER_TESTS=full $(BIN)/python -m tests.run
	@$(BIN)/python -m tests.soak $(SOAK)
	@$(BIN)/python -m tests.soak.burst
	@$(BIN)/python -m tests.soak.strangers
	@$(BIN)/python -m tests.tables.random_numbers 400
	@$(BIN)/python -m tests.fuzz.guided -max_total_time=300 -rss_limit_mb=1000 -verbosity=0

check: $(VENV)/dev.stamp  ## Lint, types, and the shipped mappings with their examples
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/adapter check mappings

format: $(VENV)/dev.stamp  ## Format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/dev.stamp  ## Measure leads and rings, side by side with what you might run instead (BENCH="--quick" for two minutes)
	@$(BIN)/python -m bench $(BENCH)

lock: $(VENV)/dev.stamp  ## Lock the requirements anew, with hashes, for every supported Python
	$(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --extra run pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --extra dev pyproject.toml -o requirements-dev.txt

clean:  ## Remove what the other verbs made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is %s; try: make PYTHON=python3.12" % sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV) (once) ..."
	@$(PIP) install --require-hashes --no-deps -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV) for development (once) ..."
	@$(PIP) install --require-hashes --no-deps -r requirements-dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run.stamp
