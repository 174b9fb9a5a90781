# Clearwork's commands. Each one first installs what it lacks: see bin/bootstrap.py.
SHELL := /bin/sh
.DEFAULT_GOAL := help
CHECKS := lint types imports templates migrations deployment
.PHONY: help demo demo-reset test check bench screenshots fmt install \
        $(CHECKS)

DEV := bin/bootstrap --dev
# Checks need settings, and settings need a folder for keys: one that holds no data.
CHECK := CLEARWORK_MODE=test CLEARWORK_DATA=test-results/check $(DEV)
RANDOM := head -c 48 /dev/urandom | base64 -w 0
PRODUCTION = CLEARWORK_MODE=production CLEARWORK_DATA=test-results/check \
    CLEARWORK_SECRET_KEY="$$($(RANDOM))" CLEARWORK_MASTER_KEY="$$(head -c 32 /dev/urandom | base64)" \
    CLEARWORK_URL=https://portal.example.com CLEARWORK_EMAIL_URL=smtp://localhost \
    CLEARWORK_TRUSTED_PROXIES=127.0.0.1 \
    DATABASE_URL=postgresql://nobody@127.0.0.1/nothing \
    CLEARWORK_OWNER_DATABASE_URL=postgresql://nobody@127.0.0.1/nothing
# Migrations are compared with the models alone: no server is running for a check.
NO_SERVER := -W "ignore:Got an error checking a consistent migration history"
# Two of everything at once, for two processors. A process that is done takes over half of what
# the other has still to do, from the end: neither waits long for the other.
TEST_OPTIONS := -n 2 --dist worksteal

help:  ## Show these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

demo:  ## Start the whole portal at http://127.0.0.1:8000; Ctrl-C stops it
	@bin/bootstrap python -m clearwork.demo

demo-reset:  ## Clear the demo's data folder (FORCE=1: without asking)
	@bin/bootstrap python -m clearwork.demo --reset $(if $(FORCE),--force)

test: check  ## Run every check and every test
	@$(DEV) python -m pytest $(TEST_OPTIONS)

check: install  ## Run every check (make -k check: all that fail)
	@$(MAKE) --no-print-directory -j 2 $(CHECKS)

lint:
	@$(CHECK) ruff check --quiet
	@$(CHECK) ruff format --quiet --check

types:
	@$(CHECK) mypy

imports:
	@$(CHECK) lint-imports --no-logo

templates:
	@$(CHECK) djlint --check --lint clearwork

migrations:
	@$(CHECK) python $(NO_SERVER) manage.py makemigrations --check --dry-run

deployment:
	@$(PRODUCTION) $(DEV) python manage.py check --deploy --fail-level WARNING

fmt:  ## Rewrite code and templates in the house style
	@$(CHECK) ruff check --fix
	@$(CHECK) ruff format
	@$(CHECK) djlint --quiet --reformat clearwork

bench:  ## Measure search and intake; prints a table with ratios
	@$(DEV) python -m benchmarks

screenshots:  ## Draw docs/images from a demo of its own
	@$(DEV) python bin/screenshots

install:  ## Install what development needs, start nothing
	@$(DEV)
