# One command set, the same in CI. Every target sets up what it needs; nothing but Python is needed.

SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null)
ARGS ?=

SOURCES := $(shell find src -name '*.py' -o -name '*.po')
CHECKED := src tests tools hatch_build.py $(wildcard bench)

.PHONY: setup demo chromium screenshots test test-slow test-all lint format bench lock man clean

setup: .venv/.compiled .venv/.assets ## make .venv with accord in it, and what its pages use

demo: setup ## three nodes, one agreement; ARGS=--once runs through and ends
	$(BIN)/accord demo $(ARGS)

chromium: setup ## for the browser tests: installed where it is missing and root may use apt
	@$(BIN)/python -m tests.browser.chromium

screenshots: chromium ## every page into build/screenshots; ARGS="--room publishing --lang ru"
	$(BIN)/python -m tools.screenshots $(ARGS)

test: chromium ## what CI runs first, there with coverage, which takes a fifth longer
	$(BIN)/python -m pytest -n logical --dist worksteal $(if $(CI),--cov --cov-report=term) $(ARGS)

test-slow: chromium ## the remainder, minutes long
	$(BIN)/python -m pytest -n logical --dist worksteal -m slow --hypothesis-profile=thorough $(ARGS)

test-all: chromium ## everything, with many more generated examples
	$(BIN)/python -m pytest -n logical --dist worksteal -m "slow or not slow" \
		--hypothesis-profile=thorough --cov --cov-report=term $(ARGS)

# What pytest has made of a test and of its plugins is kept: making it again takes each of its
# processes some seconds. An empty variable is one that is not set.
test test-slow test-all: export PYTHONDONTWRITEBYTECODE =

lint: setup ## style, types, layers, budgets, messages
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy $(CHECKED)
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/check_budgets.py
	$(BIN)/python tools/check_messages.py

format: setup
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/ruff format $(CHECKED)

bench: setup ## half an hour; writes docs/benchmarks.md; ARGS="--only NAME" measures one part again
	$(BIN)/python -m bench $(ARGS)

man: setup ## writes build/accord.1, the manual page
	@mkdir -p build
	$(BIN)/accord manual --lang en > build/accord.1

lock: ## renews the locks, those of the peers that are measured too (needs uv)
	uv pip compile $(LOCK_OPTIONS) -o requirements.lock pyproject.toml
	uv pip compile $(LOCK_OPTIONS) -c requirements.lock --group dev -o requirements-dev.lock pyproject.toml
	for peer in opentaxii medallion; do \
		uv pip compile $(LOCK_OPTIONS) -o bench/peers/$$peer.txt bench/peers/$$peer.in; done

LOCK_OPTIONS := --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --quiet

clean:
	rm -rf .venv build dist htmlcov __pycache__ .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache node_modules src/accord/web/assets
	find $(wildcard src tests tools bench) -name __pycache__ -type d -prune -exec rm -rf {} +
	find src -name '*.mo' -delete

# uv when it is there, because it is five times faster. pip has the second word: uv does not read
# pip's configuration, in which a site may name its own mirror and certificates.
export UV_SYSTEM_CERTS := 1
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517
UV_INSTALL := $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python --compile-bytecode,false)

LOCKED := --require-hashes -r requirements-dev.lock
ITSELF := --no-build-isolation --no-deps --editable .

# The environment is laid anew when the lock changes, so that it never holds what the lock does not.
.venv/.locked: requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
		"Accord needs Python 3.11 or later, and this is " + sys.version.split()[0])'
	@echo "Setting up .venv (once; a minute or two) ..."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(UV_INSTALL) $(LOCKED) || $(PIP_INSTALL) $(LOCKED)
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml hatch_build.py
	@$(UV_INSTALL) $(ITSELF) || $(PIP_INSTALL) $(ITSELF)
	@touch $@

# Bytecode is compiled here because PYTHONDONTWRITEBYTECODE may keep imports from doing it.
.venv/.compiled: .venv/.installed $(SOURCES)
	@$(BIN)/python -m compileall -q src
	@$(BIN)/python hatch_build.py
	@touch $@

# Without Node, or without its registry, this says so, leaves no stamp, and is tried again next time.
.venv/.assets: package-lock.json tools/copy_assets.py | .venv/.locked
	@$(BIN)/python tools/copy_assets.py $@
