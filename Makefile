# `make` alone says what there is to do.

BIN := .venv/bin
STAMP := .venv/.usher-installed
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))

# one line said, one command run; a command that fails ends it all with its name
define step
@echo "-- $(1)"
@$(2) || { echo "-- failed: $(1)" >&2; exit 1; }
endef

.DEFAULT_GOAL := help
.PHONY: help setup demo run test check proof bench docs clean

help: ## Say what there is to do (this list).
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## Make the environment in .venv; quick when nothing has changed.
	@echo "-- .venv is ready"

demo: $(STAMP) ## Start everything with a simulated Coursebox, post real events, show what happened.
	@$(BIN)/usher demo

run: $(STAMP) ## Start everything and keep it running; settings are read from .env.
	@test -e .env || { (umask 077 && cp .env.example .env) && \
	  echo "-- .env made from .env.example: sample secrets, and a simulator for Coursebox"; }
	@exec $(BIN)/usher up

test: check ## Run the linters and the whole test suite, with coverage.
	$(call step,pytest with coverage,$(BIN)/python -m pytest --cov --cov-report=term:skip-covered)

check: $(STAMP) ## Run the linters alone: ruff, mypy, import-linter.
	$(call step,ruff check,$(BIN)/ruff check .)
	$(call step,ruff format,$(BIN)/ruff format --check --quiet .)
	$(call step,mypy,$(BIN)/mypy)
	$(call step,import-linter,$(BIN)/lint-imports --no-logo)

proof: $(STAMP) ## Run the long proofs, minutes each; they print what they counted.
	$(call step,fuzzing the receiver (100000 requests),$(BIN)/python -m tests.proofs.fuzz_receiver)
	$(call step,fuzzing the reader of rules (20000 files),$(BIN)/python -m tests.proofs.fuzz_rules)
	$(call step,sending hostile values through rules,$(BIN)/python -m tests.proofs.hostile_values)
	$(call step,seating a crowd in trouble (500 runs),$(BIN)/python -m tests.proofs.crowd)
	$(call step,letting Coursebox fail for a while,$(BIN)/python -m tests.proofs.outage)
	$(call step,letting everything fail at once,$(BIN)/python -m tests.proofs.chaos)

bench: $(STAMP) ## Measure what rules cost, and how much of the rate is used; prints figures.
	@$(BIN)/python -m tests.bench.matching
	@$(BIN)/python -m tests.bench.rate

docs: $(STAMP) ## Write what is made from the code: docs/senders.md, the schema of rules.
	@$(BIN)/python -m usher.pages
	@$(BIN)/usher rules schema

clean: ## Remove the environment and caches; what Usher keeps in var/ stays.
	rm -rf .venv .coverage htmlcov .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements.txt requirements-dev.txt pyproject.toml
	@if ! $(BIN)/python -c "import pip" 2>/dev/null; then \
	  for python in python3.11 python3.12 python3.13 python3 python; do \
	    if $$python -c "$(USABLE)" 2>/dev/null; then found=$$python; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "Usher needs Python 3.11 or later with its venv module, and found none." >&2; \
	    echo "Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.12" >&2; \
	    exit 1; \
	  fi; \
	  echo "-- making .venv with $$($$found --version)"; \
	  rm -rf .venv && $$found -m venv .venv || exit 1; \
	fi
	$(call step,installing what requirements-dev.txt lists (a minute or so the first time),$(PIP) install -r requirements-dev.txt)
	$(call step,installing usher itself,$(PIP) install -e . --no-deps)
	@touch $@
