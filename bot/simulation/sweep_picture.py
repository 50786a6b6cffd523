"""The picture of a sweep."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bot.simulation.plots import Rows, plot_sweep
from bot.simulation.sweep import SweepResult


def sweep_picture(result: SweepResult, path: Path, rows: Rows) -> None:
    """Every point's result, and the best beside the best of useless ones."""
    fine = [n for n, each in enumerate(result.figures) if "refused" not in each]
    plan = result.plan
    values = []
    for place, axis in enumerate(plan.axes):
        column = [plan.points[n][place] for n in fine]
        scale = 100.0 if axis.kind in ("money", "multiplier") else 1.0
        values.append([float(value) / scale for value in column])
    on = "recorded" if plan.work.crashes is not None else "drawn"
    flag = "" if plan.flag is None else f" (not sound: {plan.flag.split(':')[0]})"
    plot_sweep(
        f"{plan.work.strategy}: {len(fine):,} points on {on} rounds{flag}",
        [axis.name for axis in plan.axes],
        values,
        np.array([result.figures[n]["result"] for n in fine]) / 100,
        np.array([result.figures[n]["expected"] for n in fine]) / 100,
        result.useless / 100,
        path,
        rows,
    )
