"""The API as it is written down and as it is served are one: fuzzed through the written one, and versioned."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from kiosk.assets import ROOT
from sync.central import contract, devices
from tests.sync.central_kit import Api
from tests.sync.keys_kit import Key

REPOSITORY = ROOT.parent
EXAMPLES = 500 if os.environ.get("SOAK") else 20
WRITTEN: dict[str, Any] = yaml.safe_load((REPOSITORY / "sync" / "openapi.yaml").read_text("utf-8"))
OPERATIONS = [(path, method) for path, operations in WRITTEN["paths"].items() for method in operations]
EACH_ON_ITS_OWN = {"/v1/events:batch"}
"""Here an item that is not as agreed is a verdict in a good answer."""
MORE_THAN_FORM = {"/v1/blobs/{sha256}", "/v1/codes"}
"""Here what is of the right form is refused all the same for what it says: a hash, a type, two ways of asking."""


@pytest.fixture(scope="module")
def written() -> Any:
    """What the file says, to be sent. NUL is refused in every text, which no schema can say."""
    schema = schemathesis.openapi.from_dict(WRITTEN)
    schema.config.generation.allow_x00 = False
    schema.config.generation.with_security_parameters = False
    return schema


@pytest.fixture
def key(central_api: Api) -> Key:
    assert central_api.key is not None
    return central_api.key


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_as_written(
    central_api: Api, written: Any, key: Key, path: str, method: str, mode: GenerationMode
) -> None:
    """Whatever the description allows, and whatever it forbids: a status, type, body and headers that it names."""
    operation, came = written[path][method], set[int]()
    if mode.is_negative and not [*operation.iter_parameters(), *operation.body]:
        return  # nothing is asked, so nothing can be asked wrongly
    left_out = [negative_data_rejection] if path in EACH_ON_ITS_OWN else []
    left_out += [positive_data_acceptance] if path in MORE_THAN_FORM else []

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def run(case: schemathesis.Case) -> None:
        answer = case.call(session=central_api.session, base_url=central_api.url, auth=key.signer, timeout=30)
        sent = {"auth": key.signer, "session": central_api.session}
        case.validate_response(answer, excluded_checks=left_out, transport_kwargs=sent)
        came.add(answer.status_code)
        if answer.status_code == 403 and "security" in operation.definition.raw:
            # a heartbeat of an earlier run looks like a second machine
            key.enrol(central_api.url, devices.issue_code(central_api.centre, "A-017"))

    run()
    assert came
    assert max(came) < 500


def test_a_method_that_is_not_written_is_refused_with_those_that_are(central_door: Api) -> None:
    """FastAPI names the methods of the first route that has the path."""
    for path in WRITTEN["paths"]:
        address = path.replace("{name}", "keys").replace("{sha256}", "0" * 64)
        answer = central_door.call("DELETE", address)
        assert (answer.status_code, answer.json()["type"]) == (405, "method")
        allowed = {word.strip().lower() for word in answer.headers["Allow"].split(",")}
        assert allowed
        assert allowed <= set(WRITTEN["paths"][path]) | {"head"}


def test_another_api_is_another_version() -> None:
    """What a changed API needs: `VERSIONS` in sync/central/contract.py gets a line, and the description is written."""
    now = contract.digest(WRITTEN)
    told = f'the API changed: add the next version with "{now}" to VERSIONS'
    assert list(contract.VERSIONS.items())[-1] == (WRITTEN["info"]["version"], now), told
    assert WRITTEN["x-digest"] == now
    numbers = [tuple(int(part) for part in version.split(".")) for version in contract.VERSIONS]
    assert all(len(each) == 2 for each in numbers)
    assert numbers == sorted(set(numbers))
    assert len(set(contract.VERSIONS.values())) == len(numbers), "two versions are never one API"


def test_the_digest_is_of_everything_but_the_version() -> None:
    """A word of a refusal, a limit of a member, an operation: each makes it another one."""
    before = contract.digest(WRITTEN)
    assert contract.digest({**WRITTEN, "info": {**WRITTEN["info"], "version": "9.9"}, "x-digest": ""}) == before
    for change in changes():
        assert contract.digest(change) != before


def changes() -> Iterator[dict[str, Any]]:
    paths, parts = WRITTEN["paths"], WRITTEN["components"]
    yield {**WRITTEN, "paths": {name: path for name, path in paths.items() if name != "/v1/codes"}}
    yield {**WRITTEN, "info": {**WRITTEN["info"], "title": "another"}}
    beat = {**parts["schemas"]["Heartbeat"], "required": ["at"]}
    yield {**WRITTEN, "components": {**parts, "schemas": {**parts["schemas"], "Heartbeat": beat}}}


def test_every_word_by_which_a_certificate_is_refused_is_written() -> None:
    words: set[str] = set()
    for name in ("issuing", "content"):
        tree = ast.parse((REPOSITORY / "sync" / "central" / f"{name}.py").read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
                found = (leaf.value for leaf in ast.walk(node.args[0]) if isinstance(leaf, ast.Constant))
                words |= {word for word in found if isinstance(word, str)}
    assert words - {"void_"} == set(contract.SEALING)
