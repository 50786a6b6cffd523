"""docs/database.md is true: its program runs on both engines, its tables, names and functions exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import bot.database
from bot.database import Base
from bot.database.logged_names import column_named

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "database.md"
TEXT = PAGE.read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)


def test_the_program_of_the_page_runs(database_url: str, tmp_path: Path) -> None:
    program = tmp_path / "page.py"
    program.write_text("\n".join(re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        env={**os.environ, "DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "stake_value takes no binary float" in done.stdout
    assert "100 -100.00 -100.0000 -3.0000" in done.stdout


def test_tables_of_the_page_exist() -> None:
    section = PROSE.split("## Tables")[1].split("## Two engines")[0]
    named = set(re.findall(r"`(\w+)`", section))
    assert len(named) > 15
    assert named <= set(Base.metadata.tables)


def test_functions_of_the_page_are_given_by_the_package() -> None:
    named = set(re.findall(r"`((?:get|log|update|register|configure|init|create)_\w+)\(?", PROSE))
    assert len(named) > 15
    assert named <= set(bot.database.__all__)


def test_short_names_of_the_page_lead_where_it_says() -> None:
    pairs = re.findall(r"`(\w+)`\s+for\s+`(\w+)`", PROSE)
    assert len(pairs) >= 4
    assert [short for short, column in pairs if column_named("crash_game_rounds", short) != column] == []
