# `make demo` grades a sample class with the real nbgrader; `make test` runs all but the long checks.
PYTHON ?= python3
BIN := .venv/bin
KATA ?= lottery_ticket
LANGUAGE := $(or $(AUTOGRADER_LANGUAGE),en)
export JUPYTER_PLATFORM_DIRS = 1

.PHONY: demo test learn known notebooks pictures env lint mutants accuracy bench

env: .venv/ready

.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/pip install --quiet -r requirements.txt
	touch $@

demo: env
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.course build/demo

test: env lint
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
	$(MAKE) --no-print-directory -j2 $(KATAS:%=nbval-%) mutants SAMPLE=12

nbval-%: env
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -p nbval -o addopts= --nbval --nbval-current-env solutions/$*/*.ipynb

lint: env
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Mutation testing, see tests/mutation; `make mutants SAMPLE=40` tests 40, always the same ones.
mutants: env
	PATH="$(CURDIR)/$(BIN):$$PATH" OMP_NUM_THREADS=1 $(BIN)/python -m tests.mutation $(if $(SAMPLE),--sample $(SAMPLE))

accuracy: env
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m benchmarks.accuracy $(FOLDERS)

bench: env
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m benchmarks.speed
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m benchmarks.stages

# Learners write in a copy of the starter notebook, which is made where there is none.
names = $(sort $(notdir $(patsubst %/,%,$(1))))
KATAS = $(call names,$(dir $(wildcard solutions/*/*.ipynb)))
LANGUAGES = $(sort en $(call names,$(dir $(wildcard notebooks/*/$(KATA)))))
STARTER = $(patsubst solutions/%,%,$(firstword $(wildcard solutions/$(KATA)/*.ipynb)))
LEARN = build/learn/$(LANGUAGE)/$(STARTER)
refused = $(error there is no $(1) '$(2)'; there are: $(3))

learn: known env $(LEARN)
	cd $(dir $(LEARN)) && AUTOGRADER_LANGUAGE=$(LANGUAGE) PATH="$(CURDIR)/$(BIN):$$PATH" \
	"$(CURDIR)/$(BIN)/jupyter" lab $(if $(filter 0,$(shell id -u)),--allow-root) $(notdir $(LEARN))

known:
	$(if $(filter $(KATAS),$(KATA)),,$(call refused,KATA,$(KATA),$(KATAS)))
	$(if $(filter $(LANGUAGES),$(LANGUAGE)),,$(call refused,LANGUAGE,$(LANGUAGE),$(LANGUAGES)))

build/learn/%.ipynb:
	mkdir -p $(@D)
	cp notebooks/$(patsubst en/%,%,$*).ipynb $@

notebooks: env
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python solutions/build.py $(NAMES)

pictures: env
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m docs.pictures
