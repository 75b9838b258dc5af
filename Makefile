# `make run` and `make test` are all that a new user needs; they set up everything in .venv
PYTHON ?= python3
BIN = .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYDEVD_DISABLE_FILE_VALIDATION = 1
EXP = exp_cifar100_budget
HIDE = ^\#\|\s*(hide|eval:\s*false)

.PHONY: help run test bench seeds emp sslight dspnet latency export readme check nbdev clean

help:                   ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

# --- set-up: one environment, made again when what it is made from has changed

.venv/run: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3,11) and "dynssl needs Python 3.11 or later, this is %d.%d; try make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv .venv
	@echo 'installing (a few minutes: torch and torchvision come together from the index)'
	pip install -q --disable-pip-version-check -e '.[run]'
	@touch $@

.venv/dev: .venv/run
	pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@

.venv/bench: .venv/run
	pip install -q --disable-pip-version-check -e '.[bench]'
	@touch $@

# --- what a user runs

run: .venv/run          ## the main job: half the compute on CIFAR-100, a table and figures in results/
	@mkdir -p results
	papermill nbs/$(EXP).ipynb results/run.ipynb -p budget 0.5 $(ARGS) --log-output --no-progress-bar --log-level INFO

test: .venv/dev         ## drift check, every notebook, every experiment at its smallest
	@bash .ci/test

bench: .venv/bench      ## speed against lightly, kornia and torchvision, as ratios, to results/bench/
	python bench/run.py

seeds: .venv/run        ## the committed table: dual and dense training over three seeds, about 25 minutes on two cores
	@for m in dual dense; do for s in 0 1 2; do \
	    papermill nbs/$(EXP).ipynb results/run_$${m}_$$s.ipynb -p budget 0.5 -p method $$m -p seed $$s $(ARGS) --no-progress-bar || exit 1; done; done

emp: .venv/run          ## the committed table of EMP-SSL, resumable, an hour and a half on two cores
	@for s in 0 1 2; do for a in "" "-p native True" "-p loss vicreg" "-p loss vicreg -p epochs 10.0" "-p loss simclr" "-p loss simclr -p epochs 10.0" "-p patches 5" \
	      "-p patches 2" "-p loss byol" "-p loss byol -p epochs 10.0" "-p loss swav" "-p loss swav -p epochs 10.0" \
	      "-p dataset cifar10" "-p dataset cifar10 -p loss vicreg" "-p dataset cifar10 -p loss vicreg -p epochs 10.0"; do \
	    papermill nbs/exp_emp_epochs.ipynb results/run_emp.ipynb -p seed $$s $$a $(ARGS) --no-progress-bar || exit 1; done; done

sslight: .venv/run      ## the committed table of SSLight's views but for VICReg, resumable, two hours on two cores
	@for s in 0 1 2; do for a in "-p views baseline" "-p views sslight" "-p views global_scale" "-p views local_scale" "-p views local_size" "-p views alpha" \
	      "-p views sslight -p matched True" "-p views local_size -p matched True" "-p views baseline -p width 32" "-p views sslight -p width 32" \
	      "-p views baseline -p loss swav" "-p views sslight -p loss swav" "-p views baseline -p loss dino" "-p views sslight -p loss dino"; do \
	    papermill nbs/exp_sslight_views.ipynb results/run_sslight.ipynb -p seed $$s $$a $(ARGS) --no-progress-bar || exit 1; done; done

dspnet: .venv/run       ## the committed table of slimmable pre-training, resumable, an hour on two cores
	@for s in 0 1 2; do for a in "" "-p train individual -p width 1" "-p train individual -p width 0.75" "-p train individual -p width 0.5" "-p train individual -p width 0.25" \
	      "-p train no_distil" "-p train measured_norms" "-p train separate_heads" "-p train slow_start" \
	      "-p dataset cifar10" "-p dataset cifar10 -p train individual -p width 1" "-p dataset cifar10 -p train individual -p width 0.75" "-p dataset cifar10 -p train individual -p width 0.5" "-p dataset cifar10 -p train individual -p width 0.25"; do \
	    papermill nbs/exp_dspnet_widths.ipynb results/run_dspnet.ipynb -p seed $$s $$a $(ARGS) --no-progress-bar || exit 1; done; done

latency: .venv/run      ## what gates and widths save on the clock of this machine
	papermill nbs/exp_latency.ipynb results/run_latency.ipynb $(ARGS) --no-progress-bar

# --- what a developer runs

export: .venv/dev       ## notebooks cleaned, module rebuilt from nothing
	nbdev_clean
	rm -f dynssl/*.py
	PYTHONWARNINGS=error::UserWarning nbdev_export

readme: .venv/dev       ## README.md from nbs/index.ipynb, its examples run
	jupyter nbconvert --log-level ERROR --execute --to notebook --stdout nbs/index.ipynb --RegexRemovePreprocessor.patterns='$(HIDE)' | \
	jupyter nbconvert --log-level ERROR --stdin --to markdown --template-file .ci/readme.md.j2 --CoalesceStreamsPreprocessor.enabled=True --output-dir . --output README

check: export           ## fails if a commit left module or README behind; README shows the committed results, so it is made only from those
	@if test -z "$$(git status --porcelain -- results)"; then $(MAKE) readme; else echo 'results/ has changed since the commit: README.md is not checked'; fi
	@test -z "$$(git status --porcelain -- nbs dynssl README.md)" || { git status --short -- nbs dynssl README.md; git --no-pager diff -- nbs dynssl README.md | head -60; echo 'run make export readme, and commit'; exit 1; }

nbdev: .venv/dev        ## every library notebook
	OMP_NUM_THREADS=1 nbdev_test --do_print --timing --n_workers 2

clean:                  ## the environment and what runs left behind, no results
	rm -rf .venv build *.egg-info results/*.ipynb results/*/*/runs
