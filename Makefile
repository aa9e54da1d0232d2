# All the set-up there is: `make demo` and `make test` on a fresh machine with Python and make.
# While you work: `make check` (types, style, and unit tests in Python and JavaScript, half a minute).
PORT ?= 8000
PYTHON ?= python3
RUN = .venv/bin/python

SCRIPTS = $(wildcard static/src/*.js static/src/*/*.js)
SOURCES = pyproject.toml static/build.py $(SCRIPTS) $(wildcard static/style/*) $(wildcard translations/*/LC_MESSAGES/*.po)
# Needs no browser, and with the marks below no server and no PostgreSQL.
UNIT = $(addprefix tests/,choice js notice script settings site store ui test_api.py test_docs.py test_rooms.py)
INSTALL = $(RUN) -m pip install --quiet --disable-pip-version-check

.PHONY: demo test check quick screenshots bench clean

demo: .venv/.demo
	@$(RUN) -m examples.demo --port $(PORT)

test:
	@$(MAKE) --no-print-directory --jobs=2 quick .venv/.browsers # one waits for the network while the other works
	@$(RUN) -m pytest --numprocesses auto --dist worksteal $(ARGS)

check: quick
	@$(RUN) -m pytest --quiet --numprocesses 2 -m "not slow" -k "not postgresql" $(wildcard $(UNIT)) $(ARGS)

quick: .venv/.test
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/deno check --quiet --config static/deno.json $(SCRIPTS) $(wildcard tests/types/*.ts)

screenshots: .venv/.test .venv/.browsers
	@$(RUN) -m docs.screenshots

bench: .venv/.test .venv/.browsers
	@$(RUN) -m bench $(ARGS)

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "This needs Python 3.11 or newer. Try: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv .venv

# Installing builds the script and the catalogues, as it does for a site.
.venv/.demo: .venv/bin/python $(SOURCES)
	@echo "Installing…"
	@$(INSTALL) -e '.[proof]'
	@touch $@

.venv/.test: .venv/bin/python $(SOURCES)
	@echo "Installing, with what the tests need…"
	@$(INSTALL) -e '.[test]'
	@touch $@ .venv/.demo

# Tests need Chromium, Firefox, WebKit and nginx: found, else installed from the system's packages where that is allowed.
.venv/.browsers: .venv/bin/python
	@tests/browsers.sh $@

clean:
	rm -rf .venv static/dist
