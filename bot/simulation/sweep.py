"""Sweeps: many parameters of one strategy, results kept point by point, the best beside useless ones."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bot.domain.amounts import format_hundredths
from bot.domain.errors import BadInput, StorageError
from bot.folders import made
from bot.simulation.choices import BEST, choice_text
from bot.simulation.cluster import computed
from bot.simulation.summary import WARNING
from bot.simulation.sweep_points import Axis, Value, Work, best_of_useless
from bot.staking.own_child import options_to_json

PLAN, PARTS, TABLE = "plan.json", "points", "results.parquet"
_MONEY = ("result", "error", "expected", "median", "low", "drawdown", "turnover")


@dataclass(frozen=True, slots=True)
class Plan:
    """A sweep: what is the same everywhere, the axes, and the points in order. ``flag``: of the recording."""

    work: Work
    axes: tuple[Axis, ...]
    points: tuple[tuple[Value, ...], ...]
    source: str
    flag: str | None = None

    def document(self) -> dict[str, Any]:
        """All that decides the results; recorded rounds by their digest."""
        work = asdict(self.work)
        rounds = json.dumps([work.pop("crashes"), work.pop("missed")])
        work["options"] = options_to_json(self.work.options)
        work["recorded"] = None if self.work.crashes is None else hashlib.sha256(rounds.encode()).hexdigest()
        axes = [asdict(axis) for axis in self.axes]
        return {"work": work, "axes": axes, "points": self.points, "source": self.source, "flag": self.flag}


@dataclass(frozen=True, slots=True)
class SweepResult:
    """All points with their figures. ``useless``: what the best of as many useless ones came to, by trial."""

    plan: Plan
    figures: tuple[dict[str, Any], ...]
    best: int | None
    useless: NDArray[np.float64]

    @property
    def refused(self) -> int:
        """Points whose parameters contradict each other."""
        return sum(1 for each in self.figures if "refused" in each)

    @property
    def as_good(self) -> float:
        """Share of the trials in which the best of as many useless ones is at least as good."""
        if self.best is None:
            return 1.0
        return float((self.useless >= self.figures[self.best]["result"] - 1e-9).mean())

    def ordered(self) -> list[int]:
        """The numbers of all points that were not refused, best first."""
        fine = [n for n, each in enumerate(self.figures) if "refused" not in each]
        return sorted(fine, key=lambda n: (-self.figures[n]["result"], n))

    def named(self, number: int) -> dict[str, str]:
        """A point's parameters as a person writes them."""
        point = self.plan.points[number]
        return {a.name: a.shown(value) for a, value in zip(self.plan.axes, point, strict=True)}

    def to_json(self, top: int = 10) -> dict[str, Any]:
        """For programs."""
        low, middle, high = (round(float(v)) for v in np.quantile(self.useless, [0.05, 0.5, 0.95]))
        return {
            "strategy": self.plan.work.strategy,
            "source": self.plan.source,
            "flag": self.plan.flag,
            "points": len(self.figures),
            "points_refused": self.refused,
            "sessions": self.plan.work.sessions,
            "rounds": self.plan.work.rounds,
            "seed": self.plan.work.seed,
            "best": None if self.best is None else self._point_json(self.best),
            "best_of_as_many_useless_ones": {
                "low": format_hundredths(low),
                "median": format_hundredths(middle),
                "high": format_hundredths(high),
                "share_at_least_as_good": self.as_good,
            },
            "top": [self._point_json(number) for number in self.ordered()[:top]],
            "warning": WARNING,
        }

    def _point_json(self, number: int) -> dict[str, Any]:
        figures = self.figures[number]
        shown: dict[str, Any] = {"point": number, "parameters": self.named(number)}
        for name, value in figures.items():
            if name != "useless":
                money = name in _MONEY and value is not None
                shown[name] = format_hundredths(round(value)) if money else value
        return shown

    def table(self) -> pl.DataFrame:
        """One row a point, in the order of the points; money in minor units."""
        columns: dict[str, list[Any]] = {"point": list(range(len(self.figures)))}
        for place, axis in enumerate(self.plan.axes):
            columns[axis.name] = [axis.shown(point[place]) for point in self.plan.points]
        for name in (*_MONEY, "ruin", "goal", "ahead", "refused"):
            columns[name] = [each.get(name) for each in self.figures]
        types = dict.fromkeys((*_MONEY, "ruin", "goal", "ahead"), pl.Float64)
        return pl.DataFrame(columns, schema_overrides={**types, "refused": pl.String})


def run_sweep(
    plan: Plan,
    folder: Path,
    processes: int = 1,
    cluster: str | None = None,
    done: Callable[[int], None] = lambda count: None,
) -> SweepResult:
    """Compute what ``folder`` does not hold yet, and write ``results.parquet`` and ``best.toml`` there.

    Every point is kept as soon as it is known: an interrupted sweep continues. ``done`` is told how many are.
    Raises ``BadInput`` when the folder holds another sweep or no point is possible, ``StorageError`` when it
    cannot be written.
    """
    _claim(plan, folder)
    figures = _kept(plan, folder)
    done(len(figures))
    left = {n: point for n, point in enumerate(plan.points) if n not in figures}
    for number, found in computed(plan.work, plan.axes, left, processes, cluster):
        figures[number] = found
        _written(folder / PARTS / f"{number:06d}.json", json.dumps(found))
        done(len(figures))
    result = _result(plan, tuple(figures[number] for number in range(len(plan.points))))
    fresh = folder / f"{TABLE}.tmp"
    result.table().write_parquet(fresh)
    fresh.replace(folder / TABLE)
    _written(folder / BEST, choice_text(result))
    return result


def _result(plan: Plan, figures: Sequence[dict[str, Any]]) -> SweepResult:
    fine = [n for n, each in enumerate(figures) if "refused" not in each]
    if not fine:
        raise BadInput(f"no point of the sweep can be played: {figures[0]['refused']}")
    best = max(fine, key=lambda n: (figures[n]["result"], -n))
    samples = np.array([figures[n]["useless"] for n in fine], np.float64)
    expected = np.array([figures[n]["expected"] for n in fine], np.float64)
    return SweepResult(plan, tuple(figures), best, best_of_useless(samples, expected, plan.work))


def _claim(plan: Plan, folder: Path) -> None:
    made(folder)
    made(folder / PARTS)
    path, text = folder / PLAN, json.dumps(plan.document(), indent=1, default=str) + "\n"
    if not path.exists():
        if any((folder / PARTS).iterdir()):
            raise BadInput(f"{folder} holds points of a sweep whose plan is gone: name another folder")
        _written(path, text)
    elif path.read_text(encoding="utf-8") != text:
        raise BadInput(f"{folder} holds another sweep: name another folder with --out")


def _kept(plan: Plan, folder: Path) -> dict[int, dict[str, Any]]:
    """What is there already. A file that is no result is computed again."""
    figures: dict[int, dict[str, Any]] = {}
    for path in sorted((folder / PARTS).glob("*.json")):
        try:
            number, found = int(path.stem), json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, OSError):
            continue
        fine = isinstance(found, dict) and ("refused" in found or "useless" in found)
        if fine and 0 <= number < len(plan.points):
            figures[number] = found
    return figures


def _written(path: Path, text: str) -> None:
    """Whole or not at all."""
    fresh = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error
