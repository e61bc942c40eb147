# Everything a developer or a newcomer runs. Needs nothing but make and Python 3.11 or later.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BASE_PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
PYTHON := $(VENV)/bin/python
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
PYTEST_ARGS ?= -n 2 --dist loadgroup
PYTHON_ADVICE := On Debian or Ubuntu: apt install python3 python3-venv. On macOS: brew install python.

.PHONY: help run test check screenshots bench release-check soak messages clean

help: ## Say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | column -t -s '|'

$(PYTHON):
	@$(if $(BASE_PYTHON),$(BASE_PYTHON) tools/make_venv.py $(VENV),echo "Bihuan needs Python 3.11 or later. $(PYTHON_ADVICE)" >&2; exit 1)

$(RUNTIME): requirements.txt | $(PYTHON)
	@echo "installing what Bihuan needs (once; about a minute) …"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	@echo "installing what the tests need (once) …"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(RUNTIME) ## Start the whole house on http://127.0.0.1:8000 (PORT and BIHUAN_DATA change port and data folder)
	@exec $(PYTHON) manage.py up

test: $(DEVELOPMENT) ## Run everything that the continuous integration runs
	@$(PYTHON) tools/prepare_tests.py
	@$(MAKE) --no-print-directory check
	@$(PYTHON) -m pytest $(PYTEST_ARGS)

check: $(DEVELOPMENT) ## Lint, system checks, missing migrations
	@$(PYTHON) -m ruff check .
	@BIHUAN_ENV=test $(PYTHON) manage.py check --fail-level WARNING
	@BIHUAN_ENV=test $(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

screenshots: $(DEVELOPMENT) ## Make the pictures of the README from a running demo shop
	@$(PYTHON) tools/screenshots.py

bench: $(DEVELOPMENT) ## Measure CPU milliseconds per operation and write docs/performance.md
	@$(PYTHON) -m benchmarks.run

soak: $(DEVELOPMENT) ## The fault tests, long: BIHUAN_SEEDS seeds for each fault, and ten thousand refunds
	@BIHUAN_SEEDS=$${BIHUAN_SEEDS:-20} $(PYTHON) -m pytest tests/faults
	@BIHUAN_LONG=1 $(PYTHON) -m pytest tests/workflows/settling/test_chaos.py tests/workflows/settling/test_walks.py tests/workflows/money/test_refund_protocol.py

release-check: test soak bench ## Everything, with the long gates

messages: $(DEVELOPMENT) ## Collect texts into the .po files (needs gettext) and compile them
	@$(PYTHON) manage.py makemessages --locale zh_Hans --no-location --no-wrap --ignore '$(VENV)' --ignore var
	@$(PYTHON) manage.py compilemessages

clean: ## Remove what was installed and built; data in var/ stays
	@rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis staticfiles
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
