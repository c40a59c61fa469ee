# make demo    solve the examples into output/ (needs no TeX)
# make test    everything the tests need, and the tests
# make check   lint, types, tests
# make bench   the ratios of benchmarks/
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check bench crosscheck tex clean

demo: .venv/installed
	$(BIN)/symconv solve $$(grep -L "^\[\[questions" examples/*.toml) -o output --to pdf,tex,md

test: .venv/installed-dev tex
	$(BIN)/python -m pytest -q

check: .venv/installed-dev tex
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q

bench: .venv/installed-dev
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/sheets.py
	$(BIN)/python benchmarks/checking.py

# torch is large and only for this: the CPU build of the pinned release
crosscheck: .venv/installed-dev
	$(BIN)/python -m pip install -q torch==2.13.0
	$(BIN)/python -m pytest -q -m crosscheck tests/crosscheck_*.py

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("symconv needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install -q -e .
	touch $@

.venv/installed-dev: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install -q -e ".[dev]"
	touch $@ .venv/installed

tex:
	@sh tests/install_tex.sh

clean:
	rm -rf .venv output/*.pdf output/*.tex output/*.typ output/*.md output/*.json
