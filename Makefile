# Targets make their own environment and never touch the system's Python.
PYTHON ?= $(shell python3.11 -c 'import sys; print(sys.executable)' 2>/dev/null || echo python3)
PYTHON312 ?= $(shell python3.12 -c 'import sys; print(sys.executable)' 2>/dev/null \
	|| ls $(HOME)/.pyenv/versions/3.12*/bin/python3.12 2>/dev/null | tail -n 1)
VENV ?= .venv
VENV312 ?= .venv312
# cpu or gpu: which Faiss is installed
FAISS ?= cpu
# an environment with another Faiss is made anew
STAMP := .installed$(patsubst %,-%,$(filter-out cpu,$(FAISS)))
COLLECTION ?=
OUTPUT ?= quickstart-out
# where benchmarks write; benchmarks/results and docs/performance.md are the project's
RESULTS ?= build/bench
PAGE ?= $(RESULTS)/performance.md
# tests of a file stay in one process; more threads than cores would slow them down
WORKERS ?= --numprocesses auto --maxprocesses 4 --dist loadfile
SIDE_BY_SIDE ?= OMP_NUM_THREADS=1
BENCHMARKS ?= $(filter-out report,$(basename $(notdir \
	$(shell grep -l '"--json"' benchmarks/*.py))))
# smaller than by default, so that each takes minutes
BENCH_download ?= --megabytes 512 --rounds 3
BENCH_sampler ?= --scale 0.1
BENCH_index_kinds ?= --passages 100000
BENCH_latency ?= --passages 100000 --rounds 3
BENCH_search_rate ?= --passages 100000

.PHONY: help quickstart test test-slow test-gpu test-pyserini2 bench check format clean

help:
	@echo "make quickstart                   search a collection from start to finish"
	@echo "  COLLECTION=DIR OUTPUT=DIR2      one of your own"
	@echo "make test                         run the tests"
	@echo "make check                        lint, format and types, as CI does"
	@echo "make test-pyserini2               tests that touch Pyserini, on Python 3.12"
	@echo "make test-slow                    the tests that take minutes"
	@echo "make test-gpu                     the tests that need an NVIDIA GPU"
	@echo "make bench                        measure what docs/performance.md shows"

quickstart: $(VENV)/$(STAMP)
	$(VENV)/bin/tasb quickstart --output "$(OUTPUT)" $(if $(COLLECTION),--collection "$(COLLECTION)")

test: $(VENV)/$(STAMP)
	$(SIDE_BY_SIDE) $(VENV)/bin/python -m pytest $(WORKERS) -m "not slow and not gpu"

test-slow: $(VENV)/$(STAMP)
	$(VENV)/bin/python -m pytest -m "slow and not gpu"

test-gpu: $(VENV)/$(STAMP)
	$(VENV)/bin/python -m pytest -m gpu

test-pyserini2: $(VENV312)/$(STAMP)
	$(SIDE_BY_SIDE) $(VENV312)/bin/python -m pytest $(WORKERS) -m "pyserini and not slow and not gpu"

# One after the other; one that fails is NOT RUN on the page.
bench: $(VENV)/$(STAMP)
	@mkdir -p $(RESULTS)
	-$(foreach name,$(BENCHMARKS),rm -f $(RESULTS)/$(name).json; $(VENV)/bin/python benchmarks/$(name).py $(BENCH_$(name)) --json $(RESULTS)/$(name).json;)
	$(VENV)/bin/python benchmarks/report.py --results $(RESULTS) --output $(PAGE)

check: $(VENV)/$(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

format: $(VENV)/$(STAMP)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

clean:
	rm -rf $(VENV) $(VENV312) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/$(STAMP): setup.cfg pyproject.toml constraints/py311.txt constraints/py312.txt
	$(call install,$(PYTHON),$(VENV))

$(VENV312)/$(STAMP): setup.cfg pyproject.toml constraints/py312.txt
	@test -n "$(PYTHON312)" || { echo "no Python 3.12; say PYTHON312=/path/to/python3.12"; exit 1; }
	$(call install,$(PYTHON312),$(VENV312))

# Python 3.11 and 3.12 have a list of pinned packages; others take the newest that fit.
define install
	@$(1) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed: say PYTHON=/path/to/python3.11"'
	@$(1) -m venv --clear $(2)
	@echo "Installing into $(2); this takes a minute or two ..."
	@pins=constraints/py$$($(1) -c 'import sys; print("%d%d" % sys.version_info[:2])').txt; \
	$(2)/bin/python -m pip install --quiet --disable-pip-version-check $$(test ! -f $$pins || echo --constraint $$pins) --editable ".[$(FAISS),dev]"
	@touch $@
endef
