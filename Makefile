# The verbs of this repository; `make` alone lists them. Nothing is installed outside the checkout.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.9.30
MEMBERS := libs/common services/ingest services/router services/extractor services/publisher services/ui deploy/standalone
STAMP := $(VENV)/.set-up
SOURCES := libs services deploy tests tools bench

.PHONY: help setup run demo test test-fast lint fmt types imports check bench bench-bus bench-extract bench-scan bench-listening bench-full chaos replay-day docs lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## everything the others need, inside the checkout (.venv)

$(STAMP): requirements.lock $(addsuffix /pyproject.toml,$(MEMBERS))
	@echo "setting up $(VENV) ($$($(PYTHON) --version))"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (make PYTHON=python3.12 …)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(addprefix -e ,$(MEMBERS))
	@touch $(STAMP)

run: setup ## the whole system on this machine; MEDIA_PATH=/dir serves that folder
	@exec $(BIN)/framewright up

demo: setup ## the same with simulated Plex, Emby and Jellyfin servers
	@exec $(BIN)/framewright up --demo

test: setup ## every test
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

test-fast: setup ## the tests that start no whole system
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not e2e and not browser"

lint: setup ## style rules, formatting, names of rooms
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check --quiet $(SOURCES)
	@$(BIN)/python tools/check_rooms.py

fmt: setup ## format and mend what can be mended
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

types: setup ## pyright, strict
	@$(BIN)/pyright

imports: setup ## who may import whom
	@$(BIN)/lint-imports

check: lint types imports test ## what CI runs

bench-bus: setup ## webhooks per second, hop latency, overhead, idle memory: measured on this machine
	@$(BIN)/python bench/bus.py

bench-scan: setup ## scans of 100,000 items: pace, memory, webhooks meanwhile, kill -9 in the middle
	@$(BIN)/python bench/scans.py

bench-extract: setup ## extraction beside the popular tool and the physical bound; films are made once, in .bench
	@$(BIN)/python bench/extraction

bench-listening: setup ## films that arrive while servers are listened to, and while only the clocks look
	@$(BIN)/python bench/listening.py

bench: bench-extract bench-bus ## every benchmark, in its small form

bench-full: setup ## extraction on the long films: more formats, 20 minutes and more each
	@$(BIN)/python bench/extraction --full

chaos: setup ## three simulated servers, 200 films, everything goes wrong for a while; then all must be right
	@$(BIN)/python bench/chaos

replay-day: setup ## a day of webhooks in minutes, ingest and broker killed on the way; then every job is counted
	@$(BIN)/python bench/traffic

docs: setup ## regenerate docs/contracts.md and docs/settings.md
	@$(BIN)/python tools/write_docs.py

lock: setup ## resolve the pinned dependencies of all members anew into requirements.lock
	@$(BIN)/python tools/dependencies.py > $(VENV)/requirements.in
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		$(VENV)/requirements.in -o requirements.lock

clean: ## remove what set-up and tests made
	rm -rf $(VENV) .pytest_cache .ruff_cache .import_linter_cache .hypothesis
