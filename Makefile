# make demo: see it work.  make test: format, lint, types, layers and tests.  Both set up .venv on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := benchmarks/.peers
READY := $(VENV)/.ready
export UV_LINK_MODE := copy

.PHONY: demo test check fast-test test-servers test-browser lock audit sbom licences bench-grouping bench-peers train-stance film clean
.DEFAULT_GOAL := help

help:
	@sed -n 1p Makefile

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
		{ echo "insights needs Python 3.11, 3.12 or 3.13; say which with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV): about a minute with a fast network, once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $(READY)

demo: $(READY)
	@$(BIN)/insights demo demo-workspace --fresh

test: check

check: $(READY)
	@# Types are checked beside the rest: the first time takes one core half a minute.
	@$(BIN)/mypy >$(VENV)/.types 2>&1 & types=$$!; \
	$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && $(BIN)/lint-imports && \
		$(BIN)/python -m pytest -n 2; failed=$$?; \
	wait $$types || failed=1; cat $(VENV)/.types; \
	$(BIN)/python -m tests.supply_chain.audit requirements.lock --probe || failed=1; exit $$failed

fast-test: $(READY)
	$(BIN)/python -m pytest -n 2

test-servers: $(READY)
	tests/servers/run

test-browser: $(READY)
	tests/run-in-browser

bench-grouping: $(READY)
	@$(MAKE) --no-print-directory bench-peers || echo "The peers cannot be set up."
	$(BIN)/python -m benchmarks.grouping $(BENCH)

bench-peers: $(PEERS)/.ready

$(PEERS)/.ready: pyproject.toml | $(READY)
	@echo "Setting up $(PEERS): what grouping is compared with, about 650 MB, once."
	@test -x $(PEERS)/bin/python || $(BIN)/uv venv --quiet --python $(BIN)/python $(PEERS)
	@$(BIN)/uv pip install --quiet --python $(PEERS)/bin/python --group peers
	@touch $@

train-stance: $(READY)
	$(BIN)/python -m benchmarks.train_stance

film: $(READY)
	$(BIN)/python -m benchmarks.film

lock: $(READY)
	@# Without the extra presidio: spaCy and what it brings are 25 packages and 200 MB that no test needs.
	$(BIN)/uv pip compile pyproject.toml --group dev --extra anthropic --extra postgres --extra quantize --universal --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet -o requirements.lock

audit: $(READY)
	@$(BIN)/python -m tests.supply_chain.audit requirements.lock

sbom: $(READY)
	@$(BIN)/python -m tests.supply_chain.sbom requirements.lock sbom.cdx.json

licences: $(READY)
	@$(BIN)/python -m tests.supply_chain.licences requirements.lock docs/licences.md

clean:
	rm -rf $(VENV) $(PEERS) demo-workspace .mypy_cache .ruff_cache .pytest_cache
