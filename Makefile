# `make run` and `make test` are all that a new user needs; they set up everything in .venv
PYTHON ?= python3
CONSTRAINTS = -c constraints.txt
BIN = .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYDEVD_DISABLE_FILE_VALIDATION = 1
EXP = exp_cifar100_budget
HIDE = ^\#\|\s*(hide|eval:\s*false)

GRID_TABLES = budget table1 dcs emp sslight dspnet latency synergies detection pilots recipes minute

.PHONY: help run test bench docs look sweep $(GRID_TABLES) export readme check nbdev clean

help:                   ## this list
	@grep -E '^[a-z$$()_A-Z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/; s/$$(GRID_TABLES)/$(GRID_TABLES)/'

# --- set-up: one environment, made again when what it is made from has changed

.venv/run: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3,11) and "dynssl needs Python 3.11 or later, this is %d.%d; try make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv .venv
	@echo 'installing (a few minutes: torch and torchvision come together from the index)'
	pip install -q --disable-pip-version-check $(CONSTRAINTS) -e '.[run]'
	@touch $@

.venv/dev: .venv/run
	pip install -q --disable-pip-version-check $(CONSTRAINTS) -e '.[dev]'
	@touch $@

.venv/bench: .venv/run
	pip install -q --disable-pip-version-check $(CONSTRAINTS) -e '.[bench]'
	@touch $@

.venv/docs: .venv/run
	pip install -q --disable-pip-version-check $(CONSTRAINTS) -e '.[docs]'
	@touch $@

# --- what a user runs

run: .venv/run          ## the main job: half the compute on CIFAR-100, a table, figures and the page results/run.html
	@python -m dynssl.sweep $(EXP) $(ARGS)

test: .venv/dev         ## drift check, every notebook, every experiment at its smallest
	@bash .ci/test

bench: .venv/bench      ## speed against lightly, kornia and torchvision, as ratios, to results/bench/
	python bench/run.py

docs: .venv/docs        ## the website, to _docs/site: every notebook, experiments as their committed rows draw them
	python .ci/docs.py

$(GRID_TABLES): .venv/run ## a committed table: all its settings and seeds, one on each core; a stopped one goes on
	@python -m dynssl.sweep $@ $(ARGS)

sweep: .venv/run        ## the same by its name, or all of them: make sweep GRID=all
	@python -m dynssl.sweep $(GRID) $(ARGS)

# --- what a developer runs

export: .venv/dev       ## notebooks cleaned, module rebuilt from nothing
	nbdev_clean
	rm -f dynssl/*.py
	PYTHONWARNINGS=error::UserWarning nbdev_export

readme: .venv/dev       ## README.md from nbs/index.ipynb, its examples run
	jupyter nbconvert --log-level ERROR --execute --to notebook --stdout nbs/index.ipynb --RegexRemovePreprocessor.patterns='$(HIDE)' | \
	jupyter nbconvert --log-level ERROR --stdin --to markdown --template-file .ci/readme.md.j2 --CoalesceStreamsPreprocessor.enabled=True --TagRemovePreprocessor.enabled=True --TagRemovePreprocessor.remove_input_tags hide-input --output-dir . --output README

check: export           ## fails if a commit left module or README behind; README shows the committed results, so it is made only from those
	@if test -z "$$(git status --porcelain -- results)"; then $(MAKE) readme; else echo 'results/ has changed since the commit: README.md is not checked'; fi
	@test -z "$$(git status --porcelain -- nbs dynssl README.md)" || { git status --short -- nbs dynssl README.md; git --no-pager diff -- nbs dynssl README.md | head -60; echo 'run make export readme, and commit'; exit 1; }

look: .venv/docs        ## every page of the website looked at in headless Chromium: links, pictures, errors, width
	python .ci/look.py

nbdev: .venv/dev        ## every library notebook
	OMP_NUM_THREADS=1 nbdev_test --do_print --timing --n_workers 2

clean:                  ## the environment and executed copies; results, weights and checkpoints stay
	rm -rf .venv build _docs *.egg-info results/run*.ipynb results/run*.html results/runs
