# make run      installs, migrates and serves the site on http://127.0.0.1:8000
# make test     installs what the tests need and runs everything
# make pictures draws docs/pictures/ (needs Chromium, and fonts-urw-base35 for the headings)
# make install  only installs

HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 2
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

export FLASK_APP := wsgi
export CLINIC_LISTEN := $(HOST):$(PORT)

.PHONY: run test pictures install clean

run: $(VENV)/installed
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
	$(BIN)/pytest -n auto $(ARGS)

pictures: $(VENV)/installed-dev
	$(BIN)/python -m tests.pictures $(ARGS)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; try: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .cache .pytest_cache .ruff_cache .hypothesis
