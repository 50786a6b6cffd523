"""The strategies of docs/own-strategy.md are played as they are printed there."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from bot.simulation import simulate
from bot.staking import StakingOptions

PAGE = Path(__file__).parents[2] / "docs" / "own-strategy.md"


def test_the_two_forms_on_the_page_are_one_strategy(tmp_path: Path) -> None:
    texts = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    results = []
    for number, text in enumerate(texts):
        path = tmp_path / f"strategy_{number}.py"
        path.write_text(text, encoding="utf-8")
        options = StakingOptions(base_stake_minor=100)
        results.append(simulate(str(path), options, bankroll_minor=4_000, rounds=200, sessions=100, seed=1))
    of_class, of_steps = results
    assert of_class.how.startswith("python: ") and not of_steps.how.startswith("python")
    assert np.array_equal(of_class.turnover, of_steps.turnover)
    assert np.array_equal(of_class.final, of_steps.final)
