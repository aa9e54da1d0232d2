# All the set-up there is: `make demo` and `make test` on a fresh machine with Python and make.
PORT ?= 8000
PYTHON ?= python3
RUN = .venv/bin/python

.PHONY: demo test screenshots bench clean

demo: .venv/.ready
	@$(RUN) -m examples.demo --port $(PORT)

test: .venv/.ready .venv/.chromium
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/deno check --quiet --config static/deno.json static/src/*.js
	@$(RUN) -m pytest $(ARGS)

screenshots: .venv/.ready .venv/.chromium
	@$(RUN) -m docs.screenshots

bench: .venv/.ready .venv/.chromium
	@$(RUN) -m bench

.venv/.ready: pyproject.toml static/build.py $(wildcard static/src/*) $(wildcard translations/*/LC_MESSAGES/*.po)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "consent_widget needs Python 3.11 or newer. Try: make PYTHON=python3.11 …")'
	@test -x $(RUN) || $(PYTHON) -m venv .venv
	@test -e $@ || $(RUN) -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@$(RUN) static/build.py
	@touch $@

# Browser tests need Chromium: found, else installed from the system's packages where that is allowed.
.venv/.chromium: .venv/.ready
	@tests/chromium.sh > $@ || { cat $@; rm -f $@; exit 1; }

clean:
	rm -rf .venv static/dist
