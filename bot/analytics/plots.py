"""The multiplier distribution and the ROI trend, as a PNG or drawn with characters in the terminal."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.domain.errors import BadInput, StorageError

_BLUE, _RED, _GREY = "#2b6cb0", "#c05621", "#718096"
_SIZE_INCHES, _DPI = (9.0, 5.2), 150
_DOTS = 30
_TERMINAL_ROWS = 22


def plot_multipliers(distribution: dict[str, Any], path: Path | None) -> str:
    """Chance to reach a multiplier, recorded and by the law, to a PNG (its path) or as text.

    ``distribution`` is an answer of ``get_multiplier_distribution``. Raises ``BadInput`` when it has no
    rounds or the file is no PNG, ``StorageError`` when it cannot be written.
    """
    x, share = _survival(distribution["histogram"])
    if not x:
        raise BadInput(f"nothing to plot: no crash point of {distribution['game_name']!r} is recorded")
    returns = distribution["return_to_player"]
    law = None if returns is None else [min(1.0, float(returns) / at) if at > 1 else 1.0 for at in x]
    count = distribution["rounds_with_multiplier"]
    title = f"{distribution['game_name']}: chance to reach a multiplier, {count:,} rounds"
    if path is None:
        return _terminal_multipliers(x, share, law, title)
    return _png(path, lambda axes: _draw_multipliers(axes, x, share, law, returns, title, count))


def plot_trend(trend: dict[str, Any], name: str, path: Path | None) -> str:
    """Cumulative and rolling ROI by day; as ``plot_multipliers``. Several currencies or modes: the first."""
    if not trend["series"]:
        raise BadInput(f"nothing to plot: no bet of {name!r} is recorded")
    series = max(trend["series"], key=lambda one: len(one["points"]))
    title = f"{name}: return on investment ({series['currency']}, {series['mode']})"
    if path is None:
        return _terminal_trend(series["points"], trend["window_days"], title)
    return _png(path, lambda axes: _draw_trend(axes, series["points"], trend["window_days"], title))


def _survival(histogram: Sequence[tuple[Decimal, int]]) -> tuple[list[float], list[float]]:
    """P(M >= x) at multipliers evenly spread on a logarithmic scale."""
    total = sum(rounds for _, rounds in histogram)
    if not total:
        return [], []
    left, index = total, 0
    x: list[float] = []
    share: list[float] = []
    top = max(2.0, float(histogram[-1][0]))
    wanted = sorted({_three_digits(math.exp(math.log(top) * n / 400)) for n in range(401)})
    for at in wanted:
        while index < len(histogram) and float(histogram[index][0]) < at - 1e-9:
            left -= histogram[index][1]
            index += 1
        if left:
            x.append(at)
            share.append(left / total)
    return x, share


def _three_digits(value: float) -> float:
    """Where a bucket of the histogram begins."""
    places = max(0, 2 - math.floor(math.log10(value))) if value < 100 else 2 - math.floor(math.log10(value))
    return round(value, min(2, places))


# -- as a picture ---------------------------------------------------------------------------------------


def check_file(path: Path) -> None:
    """Refuse a picture that could not be written before anything is read for it. Raises ``BadInput``."""
    if path.suffix.lower() != ".png":
        raise BadInput(f"--plot writes PNG: give a file that ends in .png, not {path.name!r}")
    if not path.resolve().parent.is_dir():
        raise BadInput(f"--plot {path}: name a file in a folder that exists")


def _png(path: Path, draw: Any) -> str:
    check_file(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    draw(axes)
    axes.grid(True, which="major", color="#e2e8f0", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    try:
        figure.savefig(path)
    except OSError as error:
        raise StorageError(f"--plot {path} cannot be written: {error.strerror}") from error
    return str(path)


def _draw_multipliers(
    axes: Any,
    x: list[float],
    share: list[float],
    law: list[float] | None,
    returns: Any,
    title: str,
    count: int,
) -> None:
    axes.loglog(x, [100 * s for s in share], color=_BLUE, linewidth=2, label="recorded", zorder=3)
    if law is not None:
        spread = [2 * math.sqrt(p * (1 - p) / count) for p in law]
        least = 100 / count
        low = [max(least / 10, 100 * (p - s)) for p, s in zip(law, spread, strict=True)]
        high = [100 * (p + s) for p, s in zip(law, spread, strict=True)]
        axes.fill_between(x, low, high, color=_RED, alpha=0.13, linewidth=0, label="95 % by chance alone")
        label = f"law: {float(100 * returns):g} % / x"
        axes.loglog(
            x, [100 * p for p in law], color=_RED, linewidth=1.4, linestyle="--", label=label, zorder=4
        )
        axes.set_ylim(least / 3, 200)
    axes.set(title=title, xlabel="multiplier", ylabel="share of rounds that reach it")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}x")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.legend(frameon=False)


def _draw_trend(axes: Any, points: Sequence[dict[str, Any]], window_days: int, title: str) -> None:
    days = [point["day"] for point in points]
    rolling, cumulative = _rolling(points), _cumulative(points)
    axes.plot(days, rolling, color=_BLUE, alpha=0.35, linewidth=1.2, label=f"last {window_days} days")
    axes.plot(days, cumulative, color=_BLUE, linewidth=2.2, label="since the beginning")
    law = _law_of(points[-1])
    if law is not None:
        axes.axhline(
            law, color=_RED, linestyle="--", linewidth=1.4, label=f"expected by the law: {law:.1f} %"
        )
    axes.axhline(0, color=_GREY, linewidth=0.9)
    axes.set_ylim(*_bounds([*cumulative, *_middle(rolling), 0.0]))
    axes.set(title=title, ylabel="profit in percent of what was staked")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.xaxis.set_major_formatter(_dates(axes))
    axes.figure.legend(loc="outside lower center", ncols=3, frameon=False)


def _dates(axes: Any) -> Any:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator: Any = AutoDateLocator(minticks=3, maxticks=9)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    return ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]


def _rolling(points: Sequence[dict[str, Any]]) -> list[float]:
    return [float(point["rolling_roi_percent"] or 0) for point in points]


def _cumulative(points: Sequence[dict[str, Any]]) -> list[float]:
    return [float(point["roi_percent"] or 0) for point in points]


def _middle(values: Sequence[float]) -> list[float]:
    """Without the outermost two of a hundred at each end, which would flatten all the rest."""
    cut = len(values) // 50
    return sorted(values)[cut : len(values) - cut]


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _law_of(point: dict[str, Any]) -> float | None:
    expected, staked = point["expected_profit"], point["cumulative_staked"]
    return float(100 * expected / staked) if expected is not None and staked else None


# -- with characters ------------------------------------------------------------------------------------


def _terminal(title: str) -> Any:
    """An empty figure as wide as the terminal."""
    from plotext import figure

    columns = shutil.get_terminal_size((80, 24)).columns
    figure.clear()
    figure.plot_size(min(120, max(40, columns)), _TERMINAL_ROWS)
    return figure.title(title)


def _terminal_multipliers(x: list[float], share: list[float], law: list[float] | None, title: str) -> str:
    figure = _terminal(title)
    across = [math.log10(at) for at in x]
    figure.draw(figure.signal(across, [math.log10(s) for s in share], marker="braille").lines())
    if law is not None:
        some = range(0, len(x), max(1, len(x) // _DOTS))
        down = [math.log10(law[i]) for i in some]
        figure.draw(figure.signal([across[i] for i in some], down, marker="dot"))
    whole = list(range(math.ceil(across[-1]) + 1))
    figure.ruler("x").ticks(whole, [f"{10**n:,}x" for n in whole])
    below = list(range(math.floor(math.log10(min(share))), 1))
    figure.ruler("y").ticks(below, [f"{100 * 10.0**n:g} %" for n in below])
    legend = "line: recorded" + ("" if law is None else "   dots: the game's law")
    return f"{figure.build().string(True)}{legend}"


def _terminal_trend(points: Sequence[dict[str, Any]], window_days: int, title: str) -> str:
    figure = _terminal(title)
    numbers = list(range(len(points)))
    rolling, cumulative = _rolling(points), _cumulative(points)
    low, high = _bounds([*cumulative, *_middle(rolling), 0.0])
    inside = [n for n in numbers if low <= rolling[n] <= high]
    figure.draw(figure.signal(inside, [rolling[n] for n in inside], marker="dot"))
    figure.draw(figure.signal(numbers, cumulative, marker="braille").lines())
    figure.line(0, 0)
    figure.ruler("y").lim(low, high)
    ticks = sorted({0, len(points) // 2, len(points) - 1})
    figure.ruler("x").ticks(ticks, [points[n]["day"].isoformat() for n in ticks])
    levels = [low + (high - low) * n / 4 for n in range(5)]
    figure.ruler("y").ticks(levels, [f"{level:.1f} %" for level in levels])
    law = _law_of(points[-1])
    legend = (
        f"profit in percent of what was staked. line: since the beginning   dots: last {window_days} days"
    )
    return f"{figure.build().string(True)}{legend}" + (
        "" if law is None else f"\nThe games' law makes expect {law:.1f} %."
    )
