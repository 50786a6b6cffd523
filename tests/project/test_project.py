"""The project itself: its runner, its contracts, what it ships, and what must not be in its tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def tracked_texts() -> list[tuple[str, str]]:
    """Every text file under version control, and its content."""
    listed = run("git", "ls-files", "-z").stdout.split("\0")
    texts = []
    for name in filter(None, listed):
        try:
            texts.append((name, (ROOT / name).read_text(encoding="utf-8")))
        except (UnicodeDecodeError, FileNotFoundError):
            continue
    return texts


def found_in_tree(pattern: str) -> list[str]:
    compiled = re.compile(pattern)
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in tracked_texts()
        for number, line in enumerate(text.splitlines(), 1)
        if compiled.search(line) and name != "tests/project/test_project.py"
    ]


# -- the runner -----------------------------------------------------------------------------------------


def test_ci_run_is_an_executable_script_that_bash_understands() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert run("bash", "-n", str(script)).returncode == 0
    assert run("git", "ls-files", "--stage", ".ci/run").stdout.startswith("100755")


def test_ci_runs_the_checks_before_the_tests_and_gives_their_verdict(tmp_path: Path) -> None:
    """With a make of our own in front: one that fails where it is told to."""
    make = tmp_path / "make"
    make.write_text(
        "#!/bin/sh\n"
        'echo "$1" >> "$CALLS"\n'
        '[ "$1" = test ] && echo "=== 3 passed in 1.00s ==="\n'
        'if [ "$1" = "$BREAK" ]; then echo "make: *** [x] Error 1" >&2; exit 1; fi\n'
    )
    make.chmod(0o755)

    def ci(broken: str) -> tuple[int, str, list[str]]:
        calls = tmp_path / f"calls-{broken}"
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        done = run(str(ROOT / ".ci" / "run"), PATH=path, CALLS=str(calls), BREAK=broken, CI_BOUNDED="")
        last = (done.stdout.strip().splitlines() or [""])[-1]
        return done.returncode, last, calls.read_text().split()

    order = ["setup", "format-check", "lint", "types", "contracts", "test"]
    assert ci("nothing") == (0, "=== 3 passed in 1.00s ===", order)
    assert ci("lint") == (1, "=== 3 passed in 1.00s ===", order)
    assert ci("test") == (1, "=== 3 passed in 1.00s ===", order)
    assert ci("setup") == (1, "", ["setup"])


def test_make_knows_its_targets_and_help_lists_them() -> None:
    listed = run("make", "help").stdout
    for target in (
        "setup",
        "practice",
        "test",
        "soak",
        "lint",
        "format",
        "types",
        "contracts",
        "clean",
        "help",
    ):
        assert f"make {target} " in listed
        assert run("make", "--dry-run", target).returncode == 0


def test_make_hands_options_on() -> None:
    planned = run("make", "--dry-run", "practice", "ARGS=--rounds 5").stdout
    assert "crashbot practice --rounds 5" in planned


# -- contracts ------------------------------------------------------------------------------------------

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def copy_of_the_code(folder: Path) -> Path:
    shutil.copytree(ROOT / "bot", folder / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder / "bot"


def test_import_contracts_hold() -> None:
    done = run(str(LINT_IMPORTS), "--no-cache", "--no-logo")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("runtime/doctor.py", "import bot.practice"),
        ("practice/law.py", "from bot.domain import errors"),
        ("staking/steps.py", "from bot.limits import rules"),
        ("domain/ids.py", "from bot.runtime import messages"),
    ],
)
def test_import_contracts_notice_a_breach(tmp_path: Path, file: str, line: str) -> None:
    code = copy_of_the_code(tmp_path)
    with (code / file).open("a", encoding="utf-8") as stream:
        stream.write(f"\n{line}  # noqa\n")
    done = run(str(LINT_IMPORTS), "--no-cache", "--no-logo", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode != 0
    assert "BROKEN" in done.stdout


# -- the tree -------------------------------------------------------------------------------------------


def test_no_machine_paths_in_the_tree() -> None:
    assert found_in_tree(r"(?<![\w.~-])/(work|root|home)/[\w.]") == []


def test_no_credentials_in_the_tree() -> None:
    keys = r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_\w{30,}|xox[abp]-[\w-]{10,}"
    assert found_in_tree(keys) == []
    assert found_in_tree(r"://[^/\s:@{}\"']+:[^/\s:@{}\"'*]+@(?!localhost|127\.|example)") == []
    assert (
        found_in_tree(r"(?i)\b(password|secret|api_?key|token)\b\s*[:=]\s*[\"'][A-Za-z0-9+/_-]{12,}[\"']")
        == []
    )


def test_nothing_that_is_made_at_run_time_is_tracked() -> None:
    names = [name for name, _ in tracked_texts()]
    assert [
        n for n in names if n.startswith((".venv/", "reports/")) or n.endswith((".pyc", ".sqlite3"))
    ] == []


# -- the wheel ------------------------------------------------------------------------------------------


def test_every_package_is_named_for_the_wheel() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    made = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "bot").rglob("__init__.py")}
    assert set(named) == made | {"bot.config"}


def test_a_wheel_carries_its_configuration_and_finds_it(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    copy_of_the_code(source)
    shutil.copytree(ROOT / "config", source / "config")
    shutil.copy(ROOT / "README.md", source)
    build = (
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(tmp_path),
    )
    done = run(sys.executable, *build, str(source))
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    assert (installed / "bot" / "config" / "bot.toml").is_file()
    assert {path.stem for path in (installed / "bot" / "config" / "games").iterdir()} >= {"aviator", "jetx"}
    assert any((installed / "bot" / "practice" / "pages").rglob("*.html"))
    says = "from bot.settings import load_settings, config_dir; load_settings(); print(config_dir())"
    found = run(sys.executable, "-c", says, cwd=tmp_path, PYTHONPATH=str(installed))
    assert found.stdout.strip() == str(installed / "bot" / "config"), found.stderr
