"""The house rules that a program can check: who imports whom, and what the repository may not hold."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "clinic_app"

DOMAIN = {"booking", "enquiries", "blog", "testimonials"}
CORE_ROOMS = {"imports", "keys", "lists", "pictures", "text", "times"}
CORE = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "models"} | CORE_ROOMS
MAY_IMPORT = {
    **dict.fromkeys(sorted(CORE_ROOMS), CORE),
    "mail": CORE,
    **{name: CORE | {"mail", name} for name in sorted(DOMAIN)},
    "accounts": CORE | {"mail"},
    "web": CORE | {"accounts"},
    "public": CORE | DOMAIN | {"health", "mail", "web"},
    "recovery": CORE | {"accounts", "mail", "people"},
    "health": CORE | DOMAIN | {"accounts", "mail", "recovery", "retention"},
    "people": CORE | DOMAIN | {"accounts", "mail", "retention"},
    "staff": CORE | DOMAIN | {"accounts", "health", "mail", "people", "web"},
    "retention": CORE | DOMAIN | {"accounts", "mail"},
    "cli": CORE | DOMAIN | {"accounts", "health", "mail", "people", "recovery", "retention"},
}


def imported_rooms(path: Path):
    """The rooms of `clinic_app` that a module imports from."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            full = [*base, *(node.module or "").split(".")] if node.module else list(base)
            if full[:1] == ["clinic_app"]:
                yield from [full[1]] if len(full) > 1 else [alias.name for alias in node.names]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room):
    for path in (PACKAGE / room).rglob("*.py"):
        strangers = set(imported_rooms(path)) - MAY_IMPORT[room] - {room}
        assert not strangers, f"{path.relative_to(ROOT)} imports {sorted(strangers)}"


def test_core_modules_import_only_each_other():
    for path in PACKAGE.glob("*.py"):
        if path.stem in CORE:
            strangers = set(imported_rooms(path)) - CORE
            assert not strangers, f"{path.name} imports {sorted(strangers)}"


def test_domain_code_never_sees_a_request():
    for room in DOMAIN | {"accounts", "mail", "people", "retention"}:
        for path in (PACKAGE / room).rglob("*.py"):
            names = re.findall(r"from flask import (.*)", path.read_text(encoding="utf-8"))
            assert not {"request", "session", "g"} & set(re.findall(r"\w+", " ".join(names))), path


def test_a_value_that_never_changes_is_a_named_tuple_where_one_can_be():
    """A frozen dataclass takes six times as long to load."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            decorators = getattr(node, "decorator_list", [])
            if isinstance(node, ast.ClassDef) and any("frozen=True" in ast.unparse(each) for each in decorators):
                is_more = node.bases or re.search(r"def __|cached_property|= field\(", ast.unparse(node.body))
                assert is_more, f"{path.relative_to(ROOT)}: {node.name}"


def test_nothing_committed_names_a_machine_or_holds_a_secret():
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    for name in filter(None, files):
        if (ROOT / name).suffix in {".png", ".webp"} or not (ROOT / name).exists():
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        found = re.search(r"/(?:home|root|Users)/\w+|BEGIN [A-Z ]*PRIVATE KEY|index-" "url", text)
        assert not found, f"{name} holds {found[0]!r}"
