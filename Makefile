# Two commands do everything, set-up included: `make run` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PY := .venv/bin/python
WORKERS ?= 2
# Programs that start a hundred times need not be compiled a hundred times.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check lint types layers qml soak soak-kills soak-day soak-hour bench docs lock deb test-deb sbom clean clean-state setup-run setup-test

help:            ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 22

run: setup-run   ## the terminal with its central side and simulated devices; ROLE=gate or attendance opens a lane
	@$(PY) -m kiosk demo $(if $(ROLE),--role $(ROLE))

test: setup-test ## the whole test suite; ARGS="tests/unit -k text" runs a part
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal $(or $(ARGS),--ignore=tests/e2e)
	@# whole programs come last, one at a time: their people and machines move in real time
	@$(if $(ARGS),,$(PY) -m pytest tests/e2e)

check: lint types layers qml test ## everything that must be clean before a commit lands

lint: setup-test ## style
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: setup-test ## types, strict
	@$(PY) -m mypy

layers: setup-test ## who may import whom
	@.venv/bin/lint-imports --no-logo

qml: setup-test  ## the screens, warnings included
	@.venv/bin/pyside6-qmllint -W 0 -I ui/qml $$(find ui/qml -name '*.qml')

soak: soak-kills soak-day soak-hour ## all three that follow, nearly two hours

soak-kills: setup-test ## half an hour of kills, outages and poison, measured; MINUTES=5, DATABASE=postgresql+psycopg://…
	@$(PY) -m tests.faults.soak $(if $(MINUTES),--minutes $(MINUTES)) $(if $(DATABASE),--database $(DATABASE))

soak-day: setup-test ## a day of people, night, outages and wrong clocks in fast time; HOURS=2
	@$(PY) -m tests.faults.day $(if $(HOURS),--hours $(HOURS))

soak-hour: setup-test ## an hour of a hall and a gate with all processes, cables pulled, watchdog heard; MINUTES=5
	@$(PY) -m tests.faults.hour $(if $(MINUTES),--minutes $(MINUTES))

bench: setup-test ## figures into out/bench.json; ONLY=ui,code runs a part
	@$(PY) -m tests.bench $(if $(ONLY),--only $(ONLY))

docs: setup-run  ## regenerate what is made from the code
	@$(PY) -m kiosk check-config --write-docs docs/config.md
	@$(PY) -m kiosk faults --write-docs docs/faults.md

lock:            ## renew packaging/lock/*.txt (needs uv)
	@for kind in build run test; do uv pip compile --quiet --override packaging/lock/override.txt --generate-hashes --no-header --no-annotate \
	  --python-version 3.11 packaging/lock/$$kind.in -o packaging/lock/$$kind.txt; done

deb: setup-run   ## the Debian packages into out/; FRESH=1 fetches every library anew, REPEAT=1 builds twice and compares
	@PYTHONPATH=. $(PY) packaging/deb/build.py out
	@$(if $(REPEAT),FRESH=1 PYTHONPATH=. $(PY) packaging/deb/build.py out/again; for made in out/again/*.deb; do cmp $$made out/$${made##*/}; done)

test-deb: setup-run ## the package on a fresh system that is booted here: hung, upgraded, gone back, purged (root)
	@$(PY) packaging/deb/try_out.py

sbom: setup-run  ## what the package contains, as CycloneDX, and the licences, into out/
	@PYTHONPATH=. $(PY) packaging/sbom.py out

clean-state:     ## forget databases, keys and what the last run left
	@rm -rf .state out

clean: clean-state ## that, and everything that set-up and checks made
	@rm -rf .venv tests/receiptio/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

setup-run:       ## only install what `make run` needs
	@packaging/setup.sh run

setup-test:      ## only install what the tests need
	@packaging/setup.sh test
