# make run      installs, migrates and serves the site on http://127.0.0.1:8000
# make test     installs what the tests need and runs everything
# make proof    breaks things on purpose, for some twenty minutes, and prints what was tried, survived and lost
# make pictures draws docs/pictures/ (needs Chromium, and fonts-urw-base35 for the headings)
# make lock     writes requirements.lock and docs/licences.md anew (ARGS=--upgrade takes newer releases)
# make bench    measures the site beside a bare Flask (needs wrk)
# make install  only installs

HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 2
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

export FLASK_APP := wsgi
export CLINIC_LISTEN := $(HOST):$(PORT)

.PHONY: run test proof pictures bench install lock clean

run: $(VENV)/installed
	@$(BIN)/python -m compileall -q clinic_app wsgi.py  # once for all processes, whoever owns the folder
	@$(BIN)/flask setup
	@echo "Starting. Open http://$(CLINIC_LISTEN) (Ctrl-C stops the server)"
	@exec $(BIN)/granian --interface wsgi --host "$(HOST)" --port "$(PORT)" --workers "$(WORKERS)" \
	  --no-access-log --log-level error --workers-kill-timeout 5 \
	  --respawn-failed-workers wsgi:app

install: $(VENV)/installed

test: $(VENV)/installed-dev
	@command -v java >/dev/null && $(BIN)/python -m tests.npm vnu-jar || true
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(BIN)/python -m compileall -q clinic_app wsgi.py tests  # once, not in each of the many processes
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

proof: $(VENV)/installed-dev
	PROOF=1 $(BIN)/pytest -n 2 $(ARGS)

pictures: $(VENV)/installed-dev
	$(BIN)/python -m tests.pictures $(ARGS)

bench: $(VENV)/installed-dev
	$(BIN)/python -m tests.bench

# One that was only begun, as on Debian without python3-venv, would be taken for whole the next time.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; try: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# Debian 12's pip warns of a library that has no other package than its source, which frightens and helps nobody.
$(VENV)/installed: requirements.lock | $(VENV)/bin/python
	$(BIN)/python -W ignore -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# After a change of requirements.txt, and to take newer releases up: uv is installed for this only.
lock: $(VENV)/installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1"
	$(BIN)/python -m tests.supply.lock $(ARGS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m tests.supply.licences

clean:
	rm -rf $(VENV) .cache .pytest_cache .ruff_cache .hypothesis
