# Two commands do everything, set-up included: `make run` and `make test`.
PY := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test check bench soak lint types layers qml lock clean clean-state setup-run setup-test docs

help:            ## this list
	@grep -hE '^[a-z-]+: .*##|^[a-z-]+:  +##' Makefile | sed -E 's/:.*##/ —/'

setup-run:       ## install what `make run` needs
	@packaging/setup.sh run

setup-test:      ## install what the tests need
	@packaging/setup.sh test

run: setup-run   ## the terminal with its central side and simulated devices
	@$(PY) -m kiosk demo

test: setup-test ## the whole test suite
	@$(PY) -m pytest

check: setup-test lint types layers qml test ## everything that must be clean before a commit lands

lint:
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

types:
	@$(PY) -m mypy

layers:
	@.venv/bin/lint-imports --verbose 2>&1 | tail -12; test $${PIPESTATUS:-0} -eq 0

qml:
	@.venv/bin/pyside6-qmllint -W 0 -I ui/qml ui/qml/*.qml

bench: setup-test ## figures into out/bench.json; ONLY=ui,code runs a part
	@$(PY) -m tests.bench $(if $(ONLY),--only $(ONLY))

docs: setup-run  ## regenerate what is made from the code
	@$(PY) -m kiosk check-config --write-docs docs/config.md

lock:            ## renew packaging/lock/*.txt (needs uv)
	@for kind in run test; do uv pip compile --quiet --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --python-version 3.11 packaging/lock/$$kind.in -o packaging/lock/$$kind.txt; done

clean-state:     ## forget databases, keys and what the last run left
	@rm -rf .state out

clean: clean-state
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
