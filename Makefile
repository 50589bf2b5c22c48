# The only commands to know. Each does its own set-up: a fresh Debian 12 with Python 3.11, git and make is enough.

.DEFAULT_GOAL := help
.PHONY: help demo test run env check fix bench docs lock standard env-dev peers

help:  ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 16

demo: env  ## Send a synthetic study through a gateway and show what became of it (KEEP=1: stay up)
	.venv/bin/philae demo $(if $(filter-out 0,$(KEEP)),--keep)

test: env-dev peers  ## Install everything that the tests need, then run every check
	scripts/check

run: env  ## Run the gateway with its data in ./data
	.venv/bin/philae serve --data data

env:  ## Build .venv with the philae command and all extras
	@scripts/env all

check:  ## Run every check without installing anything
	scripts/check

fix:  ## Apply what ruff can correct, and format
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: env-dev peers  ## Measure throughput, latency and memory next to the peers
	.venv/bin/python -m benchmarks

docs: env-dev  ## Check links, configuration examples and commands in the documentation
	.venv/bin/python scripts/check_docs.py

lock:  ## Resolve the dependencies anew and write the lock files
	scripts/lock

standard: env-dev  ## Regenerate the tables of PS3 that src/philae/dicom/standard holds
	.venv/bin/python -m tools.standard

env-dev:
	@scripts/env dev
	@scripts/env client

peers:
	@scripts/peers install
