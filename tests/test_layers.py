"""Imports go only down: bot → conversations → storage → domain; and the domain's rules stand alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

LAYERS = ["domain", "storage", "conversations", "bot"]
ROOT = Path(__file__).parent.parent


def imports(module: Path) -> Iterator[str]:
    """The top names of everything that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_what_lies_below(layer):
    above = set(LAYERS[LAYERS.index(layer) + 1 :]) | {"tests", "bench"}
    forbidden = above | ({"sqlmodel", "sqlalchemy", "pydantic"} if layer == "domain" else set())
    modules = list((ROOT / layer).rglob("*.py"))
    assert modules
    assert {str(module): found for module in modules if (found := forbidden & set(imports(module)))} == {}
