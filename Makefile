# Two commands: `make demo` runs the main job, `make test` the tests. Both set up a virtual environment in .venv.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= auto

.PHONY: demo test slow browser check bench evidence picture setup clean

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gutskin needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

setup: .venv/ready

demo: setup
	$(BIN)/gutskin demo --out gutskin-demo

# What CI runs. Browser tests are separate: they need Debian's chromium.
test: setup
	$(BIN)/python -m pytest -n $(JOBS) -m 'not slow and not browser'

slow: setup
	$(BIN)/python -m pytest -n $(JOBS) -m slow

browser: setup
	$(BIN)/python -m pytest -m browser

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/gutskin lint

# The scorecard and the claims of docs/. Reds are published: status 1 (something is red) is no error, 2 (a bad case) is.
evidence: setup
	$(BIN)/gutskin validate --out docs/scorecard.md || [ $$? -eq 1 ]
	$(BIN)/gutskin claims --out docs/claims.md

# Ratios against other solvers in one run; bench/baseline.json is what a good day on two cores gave.
bench: setup
	$(BIN)/gutskin bench --out build/bench.json

# The pictures of the docs and the outputs printed in docs/gut.md, docs/skin.md and docs/ecology.md; the demo's report and the scorecard need Debian's chromium.
picture: demo
	$(BIN)/python tools/page.py docs/gut.md
	$(BIN)/python tools/page.py docs/skin.md
	$(BIN)/python tools/page.py docs/ecology.md
	$(BIN)/python tools/picture.py gutskin-demo/report.html docs/pictures/report.png
	$(BIN)/gutskin rank --stool src/gutskin/library/people/hmp_042.tsv --endpoint itch --out build/person
	$(BIN)/python tools/picture.py build/person/report.html docs/pictures/person_guilds.png '#guilds'
	$(BIN)/python tools/picture.py build/person/report.html docs/pictures/person_ranking.png '#ranking'
	$(BIN)/gutskin validate --out build/scorecard.html || [ $$? -eq 1 ]
	$(BIN)/python tools/picture.py build/scorecard.html docs/pictures/scorecard.png

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis gutskin-demo gutskin-out
