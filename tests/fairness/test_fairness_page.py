"""docs/fairness.md is true: its program runs, its figures are those of the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from bot.fairness.values import rounds_needed

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "fairness.md").read_text(encoding="utf-8")


def test_the_program_of_the_page_runs(tmp_path: Path) -> None:
    program = tmp_path / "page.py"
    program.write_text("\n".join(re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)], cwd=ROOT, env={"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("undecided unaudited: 4 rounds can't tell")


def test_the_rounds_that_the_page_says_are_needed_are_those_of_the_code() -> None:
    assert f"{rounds_needed(0.97):,} when the return is known, {rounds_needed(None):,} when not" in TEXT
