# Two commands: `make demo` shows it, `make test` checks it. Both set up .venv first.

PYTHON ?= python3
BIN := .venv/bin
# setuptools warns of every editable installation of a flat layout.
PIP := PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check
# Training needs PyTorch; without it its tests are skipped, and its lines are not counted as untested.
COVERAGE = UNTESTABLE="$$($(BIN)/python -c 'import torch' 2> /dev/null || echo 'gpt486/training/*')"
PROMPT ?= One morning, a little girl named Mia

.PHONY: demo test check-all lint setup clean

demo: .venv/ready
	@$(BIN)/gpt486 build -o build
	@echo
	@$(BIN)/gpt486 run build -p "$(PROMPT)" -n 160
	@$(BIN)/gpt486 compare build -p "$(PROMPT)" -n 16 --with emulator

test: .venv/ready-dev lint
	$(COVERAGE) $(BIN)/pytest -n 2 -m "not slow" --cov --cov-report=term

check-all: .venv/ready-dev lint
	$(COVERAGE) $(BIN)/pytest -n 2 --cov --cov-report=term

lint: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict

setup: .venv/ready-dev

.venv/ready: pyproject.toml setup.py
	@echo "setting up .venv (a minute or so) ..."
	@$(PYTHON) -m venv .venv
	@$(PIP) -e .
	@touch $@

.venv/ready-dev: .venv/ready
	@echo "adding what the tests need ..."
	@$(PIP) -e ".[dev]"
	@touch $@

clean:
	rm -rf .venv build
