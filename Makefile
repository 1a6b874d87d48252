# Everything a person or a machine does with this repository, one line each. `make` alone lists it.

VENV := .venv
BIN := $(VENV)/bin

# The first Python here that DualTrans runs on; `make run PYTHON=/path/to/python` names another.
SUITABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c "$(SUITABLE)" 2>/dev/null && { echo "$$python"; break; }; done)

.DEFAULT_GOAL := help
.PHONY: help install run test test-fast check fix openapi coverage clean

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/installed ## Install what is missing, then serve: API, worker and queue, until Ctrl-C
	@exec $(BIN)/dualtrans serve

test: $(VENV)/installed-dev ## Run every test that this machine can run
	$(BIN)/python -m pytest

test-fast: $(VENV)/installed-dev ## Run the tests but for the slow ones
	$(BIN)/python -m pytest -m "not slow"

check: $(VENV)/installed-dev ## Check format, lint, imports and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

fix: $(VENV)/installed-dev ## Format, and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

openapi: $(VENV)/installed-dev ## Write the API's description anew, after a change that is meant
	$(BIN)/python -m tests.contracts.openapi

coverage: $(VENV)/installed-dev ## Run the tests and show the lines that none of them reaches
	$(BIN)/python -m pytest --cov --cov-report=term-missing

install: $(VENV)/installed-dev ## Install everything, the tools of development too

clean: ## Remove the environment and the caches; pictures and history in var/ stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage

# An installation that was broken off leaves no stamp and is taken up again.
$(VENV)/installed: pyproject.toml
	$(call install,all)

$(VENV)/installed-dev: pyproject.toml
	$(call install,all$(comma)dev)

comma := ,

define install
	@test -n "$(PYTHON)" || { \
		echo "DualTrans needs Python 3.11, 3.12 or 3.13 with its venv module, and found none." >&2; \
		echo "On Debian or Ubuntu: sudo apt install python3 python3-venv" >&2; \
		echo "If it is installed elsewhere: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; \
		exit 1; }
	@echo "Installing DualTrans into $(VENV): some minutes the first time."
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --editable ".[$(1)]"
	@touch $@
endef
