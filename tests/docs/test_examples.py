"""The ten worked examples run by themselves, on SQLite and PostgreSQL, and show what they promise."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "examples"
EXAMPLES = sorted(FOLDER.glob("[0-9][0-9]_*.py"))
#: What each must have printed: patterns, in any order.
SHOWS = {
    "01": [r"answers: True", r"max_stake 6400 \(", r"max_stake 64\.00 KES"],
    "02": [
        r"stored once: True",
        r"round_outcome +LOSS",
        r"duration_seconds +4\.250000",
        r"expected_profit +-0\.0750",
        r"refused: crash_game_rounds\.stake_value takes no binary float.*2\.5",
        r"refused: crash_game_rounds\.round_start_timestamp must say its time zone",
    ],
    "03": [
        r"996 stored",
        r"row 10: .*stake_value must be at least 0\.00, not -1\.00",
        r"row 30: .*'nobody'",
        r"row 40: .*did you mean 'crash_multiplier'",
        r"second time: 4 stored, 996 there already",
    ],
    "04": [
        r"total_rounds +2000",
        r"wins +990",
        r"losses +1010",
        r"total_profit +228\.00",
        r"expected_profit_by_law +-215\.2200",
        r"missed 8 rounds",
        r"1425 rounds, -57\.00 KES",
    ],
    "05": [
        r"fixed_stake +47\.33% +6000\.00 +-320\.00 +-5\.33% +-7\.92 +-2\.74 +-3\.00%",
        r"martingale +47\.08% +23847\.00 +-1779\.00",
        r"staked 64\.00 on one round",
    ],
    "06": [r"20000 rounds, return to player 0\.97", r"2\.00x +48\.38% +48\.50%", r"below 1\.92x"],
    "07": [
        r"^45 days",
        r"2026-W02 +2800 +1355 +2800\.00 +-90\.00 +-3\.21",
        r"2026-01 +12400 +5951 +12400\.00 +-498\.00 +-4\.02",
        r"2026-02-14 +-4\.26 +-3\.00",
    ],
    "08": [
        r"as it began: nothing new",
        r"after the streak: warning, ann lost 8 bets in a row at aviator\W+8\.00 KES",
        r"a minute later: nothing new",
        r"after a win: cleared",
        r"the command got: losing_streak of ann",
        r"recorded: 2 alerts",
    ],
    "09": [
        r"exported 3000 rounds",
        r"stake_value +Decimal\(",
        r"staked 11798\.00, result -708\.00",
        r"for training: 1000 rounds",
    ],
    "10": [
        r"first time: 996 rows, 994 stored, 0 there already, 2 refused",
        r"second time: 996 rows, 0 stored, 994 there already, 2 refused",
        r"line 498: .*0\.95",
        r"line 598: .*oops",
        r"missed, as far as the times tell: [3-6] rounds",
        r"purged 279 rounds .*: 994 rounds before, 715 after",
        r"not as the rows make them: 0",
    ],
}
HONEST = re.compile(r"lose|negative expectation|always negative", re.IGNORECASE)


def run(example: Path, folder: Path, url: str | None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"COLUMNS": "100", "NO_COLOR": "1", "TMPDIR": str(folder)}
    if url is not None:
        environment["DATABASE_URL"] = url
    done = subprocess.run(
        [sys.executable, "-W", "error", str(example)],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=180, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_there_are_ten_examples() -> None:
    assert [example.name[:2] for example in EXAMPLES] == [f"{number:02}" for number in range(1, 11)]
    assert sorted(SHOWS) == [example.name[:2] for example in EXAMPLES]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_an_example_runs_and_shows_what_it_promises(example: Path, database_url: str, tmp_path: Path) -> None:
    printed = run(example, tmp_path, database_url)
    assert [pattern for pattern in SHOWS[example.name[:2]] if not re.search(pattern, printed)] == []
    assert HONEST.search(printed), "no word of the negative expectation"
    assert [line for line in printed.splitlines() if len(line) > 160] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_an_example_without_a_database_makes_one_and_leaves_nothing_behind(
    example: Path, tmp_path: Path
) -> None:
    assert run(example, tmp_path, None)
    assert list(tmp_path.iterdir()) == []
