"""No fault without a test that brings it about by a real cause and ends with all well, by the tests' own sources."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from kiosk.domain.faults import Code

TESTS = Path(__file__).parents[1]


def marked(path: Path) -> Iterator[tuple[str, str, bool]]:
    """(test, name of a code as its marker writes it, whether the test itself names that code as well)."""
    text = path.read_text("utf-8")
    if "mark.proves" not in text:
        return
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef):
            continue
        marks = [each for each in node.decorator_list if _is_proof(each)]
        rest = [each for each in node.decorator_list if not _is_proof(each)]
        said = "\n".join(ast.unparse(each) for each in (*rest, *node.body))
        for name in {_name(argument) for mark in marks for argument in _arguments(mark)}:
            yield f"{path.name}::{node.name}", name, _names(said, name)


def _is_proof(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.proves"


def _arguments(mark: ast.expr) -> Iterator[ast.expr]:
    assert isinstance(mark, ast.Call)
    for argument in mark.args:
        starred = argument.value if isinstance(argument, ast.Starred) else argument
        yield from starred.elts if isinstance(starred, ast.Tuple) else (starred,)


def _name(argument: ast.expr) -> str:
    return ast.unparse(argument).removeprefix("Code.")


def _names(said: str, name: str) -> bool:
    """By the code's name, or as a technician reads it."""
    return f"Code.{name}" in said or (name in Code.__members__ and Code[name].value in said)


def test_every_fault_is_brought_about_and_mended_by_a_test() -> None:
    proofs, gone, unnamed = defaultdict(list), [], []
    for path in sorted(TESTS.rglob("test_*.py")):
        for test, name, named in marked(path):
            proofs[name].append(test)
            gone += [] if name in Code.__members__ else [f"{test}: {name}"]
            unnamed += [] if named else [f"{test}: {name}"]
    assert gone == [], "marked with codes that there are not"
    assert unnamed == [], "marked, and they say nothing of the code"
    assert [code.name for code in Code if not proofs[code.name]] == [], "faults that no test proves"
    assert all(test.split("::")[1].startswith("test_") for tests in proofs.values() for test in tests)


def test_a_marker_is_found_however_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "test_made_up.py"
    file.write_text(
        "@pytest.mark.proves(Code.A, *(Code.B, Code.C))\n"
        "@pytest.mark.parametrize('code', [Code.A])\n"
        "def test_it(code):\n    assert code or Code.C\n",
        "utf-8",
    )
    assert sorted(marked(file)) == [
        ("test_made_up.py::test_it", "A", True),
        ("test_made_up.py::test_it", "B", False),
        ("test_made_up.py::test_it", "C", True),
    ]
