.DEFAULT_GOAL := help
.PHONY: help install run demo test check proof postgresql mutants bench pictures lighthouse translations settings retention parts requirements migration browser pdf validator servers

PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/run.stamp
READY_TO_TEST := .venv/test.stamp
DATA ?=
COUNT ?= 600
# Where the rules of writing live, and the proofs of what no crash, row or statement may tell; the rest
# runs on SQLite alone with each change, since all of it on both would take two cores over an hour.
ON_POSTGRESQL = tests/authors tests/circles/test_membership.py tests/circles/test_join.py \
  tests/circles/test_enter.py tests/circles/test_closing.py tests/circles/test_pairs.py \
  tests/circles/test_two_circles.py tests/moderation tests/offboarding \
  tests/discussions/test_withdraw.py tests/safety/test_bad_days.py \
  tests/accounts/test_single_use.py tests/accounts/test_passkeys.py \
  tests/accounts/test_second_factor.py tests/operations/test_backup.py \
  tests/proofs/test_d1_canary_bytes.py tests/proofs/test_m1_swap.py tests/proofs/test_m9_erasure.py \
  tests/proofs/test_m2_mask_schema.py tests/proofs/test_m3_statement_recorder.py \
  tests/proofs/test_m4_order_join_attack.py tests/proofs/test_m5_fault_each_statement.py \
  tests/proofs/test_d4_kill9.py
# What begins no world, and so would be the same run on any engine.
OF_NO_ENGINE = tests/bench tests/checker tests/seeding tests/test_demo.py tests/test_scripts.py
# What writes and reads in most tables, once more on tables spread by circle over four partitions.
ON_PARTITIONS = tests/core/test_spread_by_circle.py tests/circles/test_join.py \
  tests/circles/test_closing.py tests/discussions/test_withdraw.py
MEANING ?=
WEIGHTS ?=

export PORT PYTHON

help:  ## say what can be made
	@awk -F ':.*  ## ' '/^[a-z]+:.*  ## / { printf "  make %-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(READY)  ## put what the forum needs into .venv; with MEANING=1 searching by meaning too
	@test -z "$(MEANING)" || scripts/environment requirements.txt requirements-meaning.txt
	@test -z "$(MEANING)" || $(BIN)/python scripts/meaning.py $(if $(WEIGHTS),--weights "$(WEIGHTS)")

run: $(READY) pdf  ## run the forum in instance/, at PORT (8000)
	@scripts/run

demo: $(READY) pdf  ## run a throw-away forum with invented circles, at PORT (8000)
	@$(BIN)/python scripts/demo.py

test: $(READY_TO_TEST) browser pdf validator servers  ## run every test, and some rooms on PostgreSQL and Redis too, whole and in partitions
	$(BIN)/pytest -q -n auto --dist worksteal
	TEST_ENGINE=postgresql $(BIN)/pytest -q -n auto --dist worksteal $(ON_POSTGRESQL)
	TEST_ENGINE=postgresql TEST_PARTITIONS=4 $(BIN)/pytest -q -n auto --dist worksteal $(ON_PARTITIONS)

check: $(READY_TO_TEST)  ## format, lint, types, imports, security, plain words, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -ll -r forum bench scripts config.py wsgi.py
	$(BIN)/python scripts/plain_words.py
	@$(MAKE) --no-print-directory test

proof: $(READY_TO_TEST) browser pdf validator servers  ## run the tests at full size, and print their figures
	@$(MAKE) --no-print-directory install MEANING=1 || echo "Searching by meaning could not be installed; its tests are not run." >&2
	PROOF=1 $(BIN)/pytest -q -n auto --dist worksteal -rP

postgresql: $(READY_TO_TEST) browser pdf validator servers  ## run every test with a world on PostgreSQL and Redis, journeys too
	TEST_ENGINE=postgresql $(BIN)/pytest -q -n auto --dist worksteal $(OF_NO_ENGINE:%=--ignore=%)

mutants: $(READY_TO_TEST)  ## break rules one line at a time, COUNT=600 of them, and see tests fail
	@$(BIN)/pip install -q -r requirements-mutants.txt
	@$(BIN)/python scripts/mutants.py $(COUNT)

bench: $(READY_TO_TEST)  ## measure pages, emails, searches, the checker, locks, load and rounds; with DATA=folder also how well search finds
	@$(BIN)/python -m bench.pages
	@$(BIN)/python -m bench.digest
	@$(BIN)/python -m bench.search
	@test ! -d .venv/meaning || $(BIN)/python -m bench.meaning
	@$(BIN)/python -m bench.checker
	@$(BIN)/python -m bench.locks
	@$(BIN)/python -m bench.load
	@$(BIN)/python -m bench.rounds
	@test -z "$(DATA)" || $(BIN)/python -m bench.relevance "$(DATA)"

pictures: $(READY_TO_TEST) browser  ## take pictures of every page of the demo
	@$(BIN)/python scripts/pictures.py

lighthouse: $(READY_TO_TEST) browser  ## have Lighthouse, from npm, look at pages of the demo
	@$(BIN)/python scripts/lighthouse.py

translations: $(READY_TO_TEST)  ## bring the words of other languages up to date, and compile them
	@$(BIN)/python scripts/translations.py

parts: $(READY)  ## write the list of parts with their licences anew
	@$(BIN)/python scripts/parts_page.py

retention: $(READY)  ## write the page of retention periods anew
	@$(BIN)/python scripts/retention_page.py

settings: $(READY)  ## write the page of settings anew
	@$(BIN)/python scripts/settings_page.py

requirements: $(READY_TO_TEST)  ## pin anew what the .in files ask for
	$(BIN)/pip-compile -q --no-header --no-annotate --strip-extras --upgrade --generate-hashes --allow-unsafe \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements.txt requirements.in
	$(BIN)/pip-compile -q --no-header --no-annotate --strip-extras --upgrade --generate-hashes --allow-unsafe \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements-dev.txt requirements-dev.in
	$(BIN)/pip-compile -q --no-header --no-annotate --strip-extras --upgrade --generate-hashes --allow-unsafe \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements-mutants.txt requirements-mutants.in
	$(BIN)/pip-compile -q --no-header --no-annotate --strip-extras --upgrade --generate-hashes --allow-unsafe \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements-meaning.txt requirements-meaning.in

migration: $(READY_TO_TEST)  ## write the next migration from the models: NAME="add what"
	@scripts/migration "$(NAME)"

browser:
	@scripts/browser

pdf:
	@scripts/pdf_libraries

validator:
	@scripts/validator

servers:
	@scripts/servers

$(READY): requirements.txt
	@scripts/environment requirements.txt
	@touch $@

$(READY_TO_TEST): requirements.txt requirements-dev.txt
	@scripts/environment requirements.txt requirements-dev.txt
	@touch $(READY) $@
