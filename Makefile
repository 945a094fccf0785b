# make report          the whole pipeline, then the path of the page
# make report EFFORT=0.5   the same at another effort, as a DVC experiment
# make report JOBS=4   on so many processes; by default one a core
# make test            lint, types and tests
# make extra NAME=...  the experiments of extra/NAME/params.yaml, outside the default run
# make compare A=... B=...   a page with what differs between two revisions or DVC experiments; HEAD and the workspace by default
# make page-file       the report as one HTML file without animations: reports/modescope.html
# make page-pdf        the same on paper, by the Chromium or Chrome that is installed: reports/modescope.pdf
# make soak            odd and hostile input, kills and full disks, on real processes, into soak/results.md
# make mutation        puts faults into the code and counts those that no test notices: mutants/results.md
# make coverage        the tests again, and the lines that none of them runs
# make setup, make bench, make clean

PYTHON ?= python3
BIN := .venv/bin
# Every command below uses the environment of this checkout, whichever shell make was started from.
export PATH := $(CURDIR)/$(BIN):$(PATH)

ifdef JOBS
export MODESCOPE_JOBS := $(JOBS)
endif

A ?= HEAD
B ?= workspace

# DVC commits an experiment with git, which refuses without a name; a stand-in serves where none is configured.
IDENTITY := $(shell git config user.email >/dev/null 2>&1 || echo env GIT_AUTHOR_NAME=modescope GIT_AUTHOR_EMAIL=modescope@localhost GIT_COMMITTER_NAME=modescope GIT_COMMITTER_EMAIL=modescope@localhost)

.PHONY: report extra compare page-file page-pdf test setup scm bench soak mutation coverage clean

report: setup scm
ifdef EFFORT
	@git rev-parse --git-dir >/dev/null 2>&1 || { echo "modescope: EFFORT: a DVC experiment needs git; set effort in params.yaml, then \`make report\`" >&2; exit 1; }
	python -m modescope set 'effort=$(EFFORT)'
	$(IDENTITY) dvc exp run
else
	python -m modescope check
	dvc repro
endif
	@echo "The page: reports/html/index.html"

extra: setup
	sh stages/python.sh stages/extra.py '$(NAME)'
	@echo "The page: extra/$(NAME)/reports/html/index.html"

compare: setup
	sh stages/python.sh stages/compare.py '$(A)' '$(B)'

page-file: setup
	sh stages/python.sh stages/page_file.py

page-pdf: setup
	sh stages/python.sh stages/page_pdf.py

test: setup
	ruff check .
	ruff format --check .
	mypy
	pytest -n 2 --dist loadfile --no-loadscope-reorder

setup: $(BIN)/.installed

# One at a time: a second `make setup` waits for the lock on this folder, which the system gives up with the process that
# has it, and then finds everything installed.
ALONE := import fcntl, os, sys; folder = os.open(".", os.O_RDONLY); fcntl.flock(folder, fcntl.LOCK_EX); os.set_inheritable(folder, True); os.execvp(sys.argv[1], sys.argv[1:])

ifndef INSIDE
$(BIN)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"modescope needs Python 3.11 or newer, {sys.executable} is {v.major}.{v.minor}: set PYTHON=")'
	@$(PYTHON) -c '$(ALONE)' $(MAKE) --no-print-directory INSIDE=1 $@
else
$(BIN)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
endif

# A downloaded archive has no git repository, which DVC has to be told.
scm:
	@if git rev-parse --git-dir >/dev/null 2>&1; \
	then ! grep -qs no_scm .dvc/config.local || dvc config --local --unset core.no_scm; \
	else dvc config --local core.no_scm true; fi

bench: setup
	python -m benchmarks

soak: setup
	python -m soak

mutation: setup
	python -m mutants

coverage: setup
	coverage erase
	coverage run -m pytest -n 2 --dist loadfile --no-loadscope-reorder
	coverage combine --quiet
	coverage report

clean:
	rm -rf .venv .checkpoints timings.csv .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis data runs history scores/progress media plan digests reports/html reports/compare reports/modescope.html reports/modescope.pdf
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
