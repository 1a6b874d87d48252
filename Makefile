# Everything a person or a machine does with this repository, one line each. `make` alone lists it.

VENV := .venv
BIN := $(VENV)/bin

# The first Python here that DualTrans runs on; `make run PYTHON=/path/to/python` names another.
SUITABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c "$(SUITABLE)" 2>/dev/null && { echo "$$python"; break; }; done)

# The mini program and the runner that shows it in a browser need Node; the service does without.
NODE_IS_THERE := node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && \
	npm --version >/dev/null 2>&1
NODE_PACKAGES := miniprogram/node_modules/.package-lock.json
RUNNER := miniprogram/runner/dist/index.html
RUNNER_SOURCES = $(shell find miniprogram/src miniprogram/runner -name dist -prune -o -print 2>/dev/null)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR: # half a runner is none
.PHONY: help install run runner test test-fast test-miniprogram check check-miniprogram fix openapi \
	settings \
	coverage clean

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: $(VENV)/installed runner ## Install what is missing, then serve: API, worker, queue, mini program
	@exec $(BIN)/dualtrans serve

runner: ## Build the mini program for the browser, where Node is there; never a failure
	@if ! { $(NODE_IS_THERE); }; then \
		echo "Without Node 20 or later there is no mini program to see; everything else is served."; \
	elif ! $(MAKE) --silent $(RUNNER); then \
		echo "The mini program could not be built, see above; everything else is served."; \
	fi

test: $(VENV)/installed-dev ## Run every test that this machine can run
	$(BIN)/python -m pytest

test-miniprogram: $(VENV)/installed-dev $(NODE_PACKAGES) ## Run the tests of the mini program, in a browser too
	@cd miniprogram && npm test --silent

test-fast: $(VENV)/installed-dev ## Run the tests but for the slow ones
	$(BIN)/python -m pytest -m "not slow"

check: $(VENV)/installed-dev ## Check format, lint, imports and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

check-miniprogram: $(NODE_PACKAGES) ## Check types and lint of the mini program
	@cd miniprogram && npm run --silent check

fix: $(VENV)/installed-dev ## Format, and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

settings: $(VENV)/installed-dev ## Write docs/settings.md and .env.example from the settings
	$(BIN)/python -m tests.contracts.settings_documents

openapi: $(VENV)/installed-dev ## Write the API's description, after an intended change
	$(BIN)/python -m tests.contracts.openapi

coverage: $(VENV)/installed-dev ## Run the tests and show the lines that none of them reaches
	$(BIN)/python -m pytest --cov --cov-report=term-missing

install: $(VENV)/installed-dev ## Install everything, the tools of development too

clean: ## Remove the environments and the caches; pictures and history in var/ stay
	rm -rf miniprogram/node_modules miniprogram/runner/dist
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage

# An installation that was broken off leaves no stamp and is taken up again.
$(VENV)/installed: pyproject.toml
	$(call install,all)

$(VENV)/installed-dev: pyproject.toml
	$(call install,all$(comma)dev)

# npm writes this file last, so that it too is missing after an installation that was broken off.
# Its own pauses between tries would let a machine without a network wait a minute for the service.
$(NODE_PACKAGES): miniprogram/package-lock.json
	@$(NODE_IS_THERE) || { \
		echo "The mini program needs Node 20 or later with npm: https://nodejs.org" >&2; exit 1; }
	@echo "Installing the mini program's tools into miniprogram/node_modules: a minute the first time."
	@cd miniprogram && npm ci --no-audit --no-fund --loglevel=error \
		--fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=4000
	@touch $@

$(RUNNER): $(NODE_PACKAGES) $(RUNNER_SOURCES)
	@cd miniprogram && npm run --silent build
	@touch $@

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
