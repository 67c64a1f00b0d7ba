# make demo   install tempkit with its bundled model, sweep it, write a report
# make test   install the test tools too, and run everything
# make docs   build the documentation site into docs/_build/html
# The first of them compiles llama.cpp once; pip keeps the wheel for later.

PYTHON ?= python3
BIN := .venv/bin
# Some virtual machines announce a processor's matrix tiles (AMX) and then crash whoever uses them; text models gain little by them.
NO_AMX := -mno-amx-tile -mno-amx-int8 -mno-amx-bf16
NO_AMX := $(shell echo | $${CC:-cc} $(NO_AMX) -E - >/dev/null 2>&1 && echo "'-DCMAKE_C_FLAGS=$(NO_AMX)' '-DCMAKE_CXX_FLAGS=$(NO_AMX)'")
# The vision part of llama.cpp is not needed for text, and takes a good part of the compile.
PIP := CMAKE_ARGS="-DLLAVA_BUILD=OFF $(NO_AMX) $(CMAKE_ARGS)" $(BIN)/python -m pip --disable-pip-version-check
# Checks the report page's scripts by deno.json, and asks nobody for anything.
DENO := DENO_NO_UPDATE_CHECK=1 $(BIN)/deno
SCRIPTS := tempkit/report/assets/js

.PHONY: demo test lint format messages bench docs linkcheck clean
.DELETE_ON_ERROR:

demo: .venv/.demo
	@$(BIN)/tempkit demo

test: .venv/.test lint
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests/api/public_api.py
	$(BIN)/lint-imports
	$(DENO) check --quiet --no-remote $(SCRIPTS)
	$(DENO) lint --quiet
	$(DENO) fmt --quiet --check

format: .venv/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(DENO) fmt --quiet

# Afterwards every phrase has its place in the catalogues; docs/translating.md says what is left to do.
messages: .venv/.test
	$(BIN)/python -m tempkit.i18n.locale

bench: .venv/.test
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/vocabulary.py
	$(BIN)/python benchmarks/measures.py
	$(BIN)/python benchmarks/report.py
	$(BIN)/python benchmarks/local.py

docs: .venv/.test
	$(BIN)/sphinx-build -W --keep-going --quiet -c docs -d docs/_build/doctrees . docs/_build/html
	@echo "Open docs/_build/html/index.html"

# Asks the sites that pages link to, so it is for people and no test.
linkcheck: .venv/.test
	$(BIN)/sphinx-build --quiet -b linkcheck -c docs -d docs/_build/doctrees . docs/_build/linkcheck

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "tempkit needs Python 3.11 or newer; choose one with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.compiler: | .venv/bin/python
	@command -v $${CXX:-c++} >/dev/null || { echo "tempkit compiles llama.cpp once and finds no C++ compiler; install one, on Debian: apt-get install g++" >&2; exit 1; }
	@touch $@

.venv/.demo: pyproject.toml .venv/.compiler
	@echo "Installing tempkit; the first time this compiles llama.cpp, which takes a few minutes."
	$(PIP) install --quiet --editable '.[local]'
	@touch $@

.venv/.test: pyproject.toml .venv/.compiler
	@echo "Installing tempkit and its test tools; the first time this compiles llama.cpp, which takes a few minutes."
	$(PIP) install --quiet --editable '.[test]'
	@touch $@ .venv/.demo

clean:
	rm -rf .venv dist docs/_build
