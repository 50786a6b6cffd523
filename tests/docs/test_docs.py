"""README and docs are true: every command, option, target, path, name and link in them exists.

The cheap commands are run for real; of the others the help is asked, in which every option must stand.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from bot.database import models
from bot.folders import read_toml
from bot.practice.faults import FaultKind
from bot.screen.own.definition import table_of
from bot.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
CHEAP = {
    "crashbot show-config",
    "crashbot show-config --json",
    "crashbot stop",
    "crashbot settle",
    "make help",
}
FENCE = re.compile(r"^[ ]*```(\w*)\n(.*?)^[ ]*```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")


def blocks(page: Path, *languages: str) -> list[str]:
    return [
        body for language, body in FENCE.findall(page.read_text(encoding="utf-8")) if language in languages
    ]


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def commands() -> list[tuple[str, str]]:
    """Every command line shown: in shell blocks each line, in the text what stands in backticks."""
    shown = []
    for page in PAGES:
        lines = [line.strip() for body in blocks(page, "sh", "bat", "console") for line in body.splitlines()]
        for text in [*lines, *INLINE.findall(prose(page))]:
            words = text.replace("\\", "/").split()
            if words and Path(words[0]).name in ("crashbot", "make", "python") and text != "crashbot":
                shown.append((page.name, text.replace("\\", "/")))
    return sorted(set(shown))


def run(*words: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    if home is not None:
        environment["CRASHBOT_HOME"] = str(home)
    return subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


@cache
def help_of(*words: str) -> str:
    done = run(sys.executable, "-m", "bot.cli", *words, "--help")
    assert done.returncode == 0, f"crashbot {' '.join(words)} --help: {done.stderr}"
    return done.stdout


@cache
def make_targets() -> frozenset[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


#: Commands that have commands of their own.
GROUPS = ("db", "stats", "verify", "tables", "limits", "journal")


def check_crashbot(words: list[str]) -> None:
    command, options = words[0], [word.split("=")[0] for word in words if word.startswith("--")]
    if command.startswith("-") or command == "COMMAND":
        return
    told = help_of(*words[:2]) if command in GROUPS else help_of(command)
    for option in options:
        assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", told), f"{command} has no {option}"


def check_make(words: list[str]) -> None:
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name == "ARGS" and "practice" in words:
            check_crashbot(["practice", *shlex.split(value)])
        elif equals:
            assert name in ("ARGS", "PYTHON"), word
        else:
            assert word in make_targets(), f"make has no target {word!r}"


def check_python(words: list[str]) -> None:
    if words[:1] == ["-m"] and words[1].startswith("benchmarks."):
        module = ROOT / f"{words[1].replace('.', '/')}.py"
        assert module.is_file(), f"there is no {words[1]}"
        told = run(sys.executable, "-m", words[1], "--help").stdout
        for option in (word for word in words if word.startswith("--")):
            assert option in told, f"{words[1]} has no {option}"


@pytest.mark.parametrize(("page", "line"), commands())
def test_every_command_shown_exists_with_its_options(page: str, line: str) -> None:
    program, *words = shlex.split(line)
    check = {"crashbot": check_crashbot, "make": check_make, "python": check_python}[Path(program).name]
    if words:
        check(words)


@pytest.mark.parametrize("line", sorted(CHEAP))
def test_cheap_commands_run(line: str, tmp_path: Path) -> None:
    program, *words = line.split()
    real = [sys.executable, "-m", "bot.cli"] if program == "crashbot" else [program]
    done = run(*real, *words, home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_cheap_commands_are_ones_that_the_docs_show() -> None:
    assert {line for _, line in commands()} >= CHEAP


def test_the_readme_names_every_command() -> None:
    listed = re.findall(r"^  ([a-z][a-z-]*) ", help_of().split("Commands:", 1)[1], re.MULTILINE)
    assert listed
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in listed if f"crashbot {name}" not in readme] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose(page))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_named_in_backticks_exist(page: Path) -> None:
    paths = [
        text for text in INLINE.findall(prose(page))
        if re.fullmatch(r"(bot|config|tests|benchmarks|tools|docs)/[\w./*-]*", text)
    ]  # fmt: skip
    assert [path for path in paths if not list(ROOT.glob(path.rstrip("/")))] == []


def names_in(path: Path) -> set[str]:
    """Every class, function, method and assigned name of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        n.name for n in ast.walk(tree) if isinstance(n, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
    }
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def test_the_life_of_a_round_names_what_the_code_has() -> None:
    """Every ``Class``, ``Class.method`` and ``function()`` stands in a file that its paragraph names."""
    page = ROOT / "docs" / "life-of-a-round.md"
    wrong, checked = [], 0
    for paragraph in prose(page).split("\n\n"):
        named = INLINE.findall(paragraph)
        files = [ROOT / text for text in named if re.fullmatch(r"bot/[\w/]+\.py", text)]
        known: set[str] = set().union(*(names_in(path) for path in files)) if files else set()
        for text in named:
            if files and re.fullmatch(r"[A-Z][A-Za-z]+(\.\w+)?|\w+\(\)|\w+\.\w+\(\)", text):
                checked += 1
                wrong += [f"{text}: {part}" for part in text.rstrip("()").split(".") if part not in known]
    assert wrong == []
    assert checked >= 20


def test_tables_named_in_the_life_of_a_round_are_tables_of_the_database() -> None:
    text = (ROOT / "docs" / "life-of-a-round.md").read_text(encoding="utf-8")
    named = set(re.findall(r"table `(\w+)`", text))
    assert named
    assert named <= set(models.Base.metadata.tables)


def test_faults_page_lists_every_kind_and_no_other() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|", (ROOT / "docs" / "faults.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(rows) == sorted(kind.value for kind in FaultKind)


def test_limits_page_names_settings_that_exist_and_all_of_them() -> None:
    text = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    rows = "".join(line for line in text.splitlines() if line.startswith("| `limits."))
    named = set(re.findall(r"`(limits\.[\w.]+)`", rows))
    dumped = load_settings().model_dump()["limits"]
    keys = {f"limits.{key}" for key, value in dumped.items() if not isinstance(value, dict)}
    keys |= {f"limits.{part}.{key}" for part in ("session", "day") for key in dumped[part]}
    assert named == keys


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_and_layouts_shown_are_accepted(page: Path, tmp_path: Path) -> None:
    for number, body in enumerate(blocks(page, "toml")):
        path = tmp_path / f"{number}.toml"
        path.write_text(body, encoding="utf-8")
        if "fields" in tomllib.loads(body):
            table_of(read_toml(path), "desk", (1920, 1080), path.name)
        else:
            load_settings(user_file=path)


def test_decisions_are_numbered_without_a_hole_and_short() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert [page.name for page in pages if len(page.read_text(encoding="utf-8").splitlines()) > 16] == []
