# Every target sets up what it needs in .venv, from the pinned and hashed requirements.lock.
PYTHON ?= python3
DATE   ?= $(shell date +%F)
UV     := .venv/bin/uv
RUN    := .venv/bin/python
READY  := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help report test test-all lab check bench bench-peers docs lock clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /make \1|/p' Makefile | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(RUN) -m pip install --quiet --disable-pip-version-check "$$(grep -o '^uv==[^ ]*' requirements.lock)"
	$(UV) pip install --quiet --compile-bytecode --python $(RUN) --require-hashes --requirements requirements.lock
	$(UV) pip install --quiet --python $(RUN) --no-deps --editable .
	@touch $@

report: $(READY)  ## make tonight's edition of reports (DATE=2025-10-28 for another date)
	@$(RUN) -m toolkit nightly --date $(DATE)

test: $(READY)  ## run the tests, on every core
	$(RUN) -m pytest -n auto -m "not slow"

test-all: test  ## run the slow tests too: kernels, browsers, builds
	$(RUN) -m pytest -n auto -m slow

lab: $(READY)  ## explore in JupyterLab
	$(RUN) -m jupyterlab notebooks

check: $(READY)  ## format, lint, types, committed files
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	$(RUN) -m toolkit data verify

bench: $(READY)  ## measure, and print ratios
	@for script in benchmarks/*.py; do echo "== $$script"; $(RUN) $$script || exit 1; done

bench-peers:  ## install the programs that the benchmarks compare with, apart from ours
	sh benchmarks/peers.sh .peers

docs: $(READY)  ## build the documentation into site/
	.venv/bin/mkdocs build --strict --quiet

lock: pyproject.toml  ## pin the dependencies again, after pyproject.toml has changed
	$(UV) pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --quiet --output-file requirements.lock

clean:  ## remove what make has made, editions too
	rm -rf .venv .peers site build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find reports -mindepth 1 ! -name README.md -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
