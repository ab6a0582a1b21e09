# make setup | run | test | test-all | stress | interop: the whole interface. Everything lives in .venv and .venv-interop.
PYTHON ?= python3
BIN := .venv/bin
# One more than there are cores: many tests wait for processes that they started.
export PYTEST_XDIST_AUTO_NUM_WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

.PHONY: setup run check test test-all stress interop

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "okta-actions needs Python 3.11 or newer; set PYTHON=…")'
	@echo "Setting up .venv with what okta-actions needs. The first time this takes about a minute …"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

run: setup
	@exec $(BIN)/okta-actions serve --http --sandbox

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Of large tables of cases a sample, which is another one with each commit.
test: check
	$(BIN)/pytest --numprocesses auto --dist loadfile --sample

test-all: check
	$(BIN)/pytest --numprocesses auto --dist loadfile

# Other people's MCP and Okta clients, the conformance suite and the Inspector; without them the tests in tests/interop skip.
interop: .venv-interop/ready

.venv-interop/ready: tests/interop/install tests/interop/package-lock.json $(wildcard examples/*.txt tests/interop/*.txt)
	PYTHON=$(PYTHON) tests/interop/install

# What takes too long for the suite: 5,000 arbitrary calls of each action, and processes that refresh, die, crash and start again.
stress: setup
	$(BIN)/pytest tests/server/test_arbitrary_calls.py --hypothesis-profile=stress --numprocesses auto --dist load
	$(BIN)/python tests/support/refreshing.py
	$(BIN)/python tests/support/killing.py --times 40 --random 50
	$(BIN)/python tests/support/crashing.py --times 40 --random 50
	$(BIN)/python tests/support/restarting.py --times 100
