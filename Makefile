# The commands of this repository. `make` without a target lists them.

VENV := .venv
BIN := $(VENV)/bin

# The first supported Python on this machine; `make run PYTHON=/path/to/python` selects another one.
SUPPORTED := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c "$(SUPPORTED)" 2>/dev/null && { echo "$$python"; break; }; done)

# The mini program and its browser version (the runner) need Node. The service does not.
HAS_NODE := node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && \
	npm --version >/dev/null 2>&1
NODE_PACKAGES := miniprogram/node_modules/.package-lock.json
RUNNER := miniprogram/runner/dist/index.html
RUNNER_SOURCES = $(shell find miniprogram/src miniprogram/runner -name dist -prune -o -print 2>/dev/null)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR: # an incomplete runner must not be served
.PHONY: help install run runner test test-fast test-miniprogram check check-miniprogram fix openapi \
	settings coverage clean

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: $(VENV)/installed runner ## Install missing packages, then run API, worker, queue and mini program
	@exec $(BIN)/dualtrans serve

runner: ## Build the browser version of the mini program; without Node, print a note
	@if ! { $(HAS_NODE); }; then \
		echo "Node 20 or later is not installed: the service runs without the mini program."; \
	elif ! $(MAKE) --silent $(RUNNER); then \
		echo "The mini program could not be built (see above): the service runs without it."; \
	fi

test: $(VENV)/installed-dev ## Run all tests
	$(BIN)/python -m pytest -n auto --dist worksteal

test-miniprogram: $(VENV)/installed-dev $(NODE_PACKAGES) ## Run the tests of the mini program, including those in a browser
	@cd miniprogram && npm test --silent

test-fast: $(VENV)/installed-dev ## Run all tests except the slow ones
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow"

check: $(VENV)/installed-dev ## Check format, lint, import rules and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

check-miniprogram: $(NODE_PACKAGES) ## Check types and lint of the mini program
	@cd miniprogram && npm run --silent check

fix: $(VENV)/installed-dev ## Format the code and apply the automatic fixes of the linter
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

settings: $(VENV)/installed-dev ## Generate docs/settings.md and .env.example from the settings
	$(BIN)/python -m tests.contracts.settings_documents

openapi: $(VENV)/installed-dev ## Write the OpenAPI snapshot after an intended change of the API
	$(BIN)/python -m tests.contracts.openapi

coverage: $(VENV)/installed-dev ## Run the tests and list the lines that they do not reach
	$(BIN)/python -m pytest --cov --cov-report=term-missing

install: $(VENV)/installed-dev ## Install all packages, including the development tools

clean: ## Remove environments and caches; the data in var/ stays
	rm -rf miniprogram/node_modules miniprogram/runner/dist
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage

# An interrupted installation leaves no stamp file, so the next run repeats it.
$(VENV)/installed: pyproject.toml
	$(call install,all)

$(VENV)/installed-dev: pyproject.toml
	$(call install,all$(comma)dev)

# npm writes this file last, so it is missing after an interrupted installation. The short retry
# timeouts keep a machine without a network from waiting a minute.
$(NODE_PACKAGES): miniprogram/package-lock.json
	@$(HAS_NODE) || { \
		echo "The mini program needs Node 20 or later with npm: https://nodejs.org" >&2; exit 1; }
	@echo "Installing the tools of the mini program into miniprogram/node_modules; this takes a minute."
	@cd miniprogram && npm ci --no-audit --no-fund --loglevel=error \
		--fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=4000
	@touch $@

$(RUNNER): $(NODE_PACKAGES) $(RUNNER_SOURCES)
	@cd miniprogram && npm run --silent build
	@touch $@

comma := ,

define install
	@test -n "$(PYTHON)" || { \
		echo "DualTrans needs Python 3.11, 3.12 or 3.13 with the venv module; none was found." >&2; \
		echo "On Debian or Ubuntu: sudo apt install python3 python3-venv" >&2; \
		echo "If Python is installed elsewhere: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; \
		exit 1; }
	@echo "Installing DualTrans into $(VENV); this takes some minutes."
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --editable ".[$(1)]"
	@touch $@
endef
