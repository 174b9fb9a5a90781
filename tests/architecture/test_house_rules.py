"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 400
MOST_TEST_LINES = 500  # stories stand side by side; there is less to keep in mind
MOST_FUNCTION_LINES = 40
# Reading a connection's or an app's birth is all a receiver may do: no business logic in signals.
SIGNALS_MAY_BE_HEARD_IN = {"clearwork/database/apps.py"}
GENERATED = {"package-lock.json", "uv.lock"}

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text(path: Path) -> str:
    """ "" for what is no text: pictures and the like."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


SOURCES = [path for path in tracked("*.py") if "migrations" not in path.parts]
TREES = {named(path): ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 100


def test_no_file_is_longer_than_one_can_keep_in_mind() -> None:
    lengths = {named(path): len(path.read_text().splitlines()) for path in SOURCES}
    assert [name for name, lines in lengths.items() if lines > most_lines(name)] == []


def most_lines(name: str) -> int:
    return MOST_TEST_LINES if name.startswith("tests/") else MOST_LINES


def test_no_function_is_longer_than_a_screen() -> None:
    assert [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in TREES.items()
        for node in functions(tree)
        if (node.end_lineno or 0) - node.lineno + 1 > MOST_FUNCTION_LINES
    ] == []


def test_most_functions_of_the_code_are_short() -> None:
    lengths = sorted(
        (node.end_lineno or 0) - node.body[0].lineno + 1
        for name, tree in TREES.items()
        if name.startswith("clearwork/")
        for node in functions(tree)
    )
    assert lengths[len(lengths) * 3 // 4] < 10


def test_imports_stand_at_the_top() -> None:
    """One inside a function hides a cycle."""
    assert [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ] == []


def test_every_module_annotates_for_the_future() -> None:
    assert [
        name
        for name, tree in TREES.items()
        if tree.body
        and any(not isinstance(node, ast.Expr) for node in tree.body)
        and not any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body
        )
    ] == []


def test_signals_carry_no_business_logic() -> None:
    hearing = re.compile(r"@receiver\b|\.connect\([^)]*dispatch_uid|signals import|_save\.connect")
    heard = {
        named(path)
        for path in SOURCES
        if named(path).startswith("clearwork/") and hearing.search(path.read_text())
    }
    assert heard == SIGNALS_MAY_BE_HEARD_IN


def test_only_an_apps_own_actions_write_its_models() -> None:
    """A view, form or query that saves would go round the audit."""
    writing = re.compile(
        r"\.(save|create|update|delete|bulk_create|bulk_update|get_or_create|update_or_create)\("
    )
    found = [
        f"{named(path)}:{number}"
        for path in SOURCES
        if named(path).startswith("clearwork/") and path.name in READERS
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if writing.search(line)
    ]
    assert found == []


READERS = {"views.py", "forms.py", "queries.py", "rules.py", "context.py", "load.py", "decide.py"}


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a path of one machine", r"(?<![\w.@-])/(?:home|mnt|opt|root|srv|Users|work)/\w"),
        ("a package index", r"(?i)\b(?:artifactory|nexus\.|jfrog|pypi\.org/simple|index-url)\b"),
        ("a private key", r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY"),
        ("an unfinished thought", r"\b(?:TODO|FIXME|XXX|HACK)\b"),
    ],
)
def test_the_repository_names_no(what: str, pattern: str) -> None:
    wrong = re.compile(pattern)
    found = [
        f"{named(path)}:{number}: {line.strip()[:80]}"
        for path in tracked()
        if path != Path(__file__) and path.name not in GENERATED
        for number, line in enumerate(text(path).splitlines(), start=1)
        if wrong.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("lock", sorted(GENERATED))
def test_locks_name_the_public_registries_alone(lock: str) -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)/", (ROOT / lock).read_text(encoding="utf-8")))
    known = {"pypi.org", "files.pythonhosted.org", "registry.npmjs.org"}
    funding = {"opencollective.com", "github.com", "www.patreon.com", "paulmillr.com"}
    assert hosts <= known | funding


def test_no_secret_and_no_data_is_tracked() -> None:
    names = {named(path) for path in tracked()}
    kept_out = re.compile(
        r"(^|/)(\.env|var/|keys/|node_modules/|__pycache__/)|\.(pem|key|sqlite3)$"
    )
    assert {name for name in names if kept_out.search(name)} == set()
