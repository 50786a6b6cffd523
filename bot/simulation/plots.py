"""Pictures of simulations, backtests and sweeps: a PNG, or one HTML page with the picture and its figures."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import BadInput, StorageError
from bot.simulation.backtest import Backtest
from bot.simulation.odds_words import EVERY_STRATEGY_LOSES
from bot.simulation.summary import Summary

COLOURS = ("#2b6cb0", "#c05621", "#2f855a", "#6b46c1", "#b83280", "#718096", "#975a16", "#1a202c")
_GREY, _RED = "#718096", "#c53030"
_DPI = 150
#: Points of a curve: more than the eye can tell apart.
_POINTS = 1_500
Rows = Sequence[Sequence[str]]


def check_plot(path: Path, option: str = "--plot") -> None:
    """Refuse a picture that could not be written before an hour is spent on it. Raises ``BadInput``."""
    if path.suffix.lower() not in (".png", ".html"):
        raise BadInput(f"{option} writes PNG or HTML: give a file that ends in .png or .html")
    if path.is_dir() or not path.resolve().parent.is_dir():
        raise BadInput(f"{option} {path}: name a file in a folder that exists")


def plot_simulation(summaries: Sequence[Summary], path: Path, rows: Rows = ()) -> None:
    """Final results and drawdowns of all strategies, ruin kept in."""

    def draw(figure: Any) -> None:
        left, right = figure.subplots(1, 2)
        for colour, summary in zip(_colours(), summaries, strict=False):
            profit = np.sort(summary.result.profit) / 100
            _curve(left, profit, colour, f"{summary.label} (mean {summary.mean / 100:+,.2f})")
            left.axvline(summary.mean / 100, color=colour, linestyle=":", linewidth=1.2)
            _curve(right, np.sort(summary.result.drawdown) / 100, colour, summary.label)
        left.axvline(0, color=_GREY, linewidth=0.9)
        left.set(title="Result at the end (dotted: mean)", xlabel="result", ylabel="sessions at or below")
        right.set(
            title="Largest fall from the best balance", xlabel="drawdown", ylabel="sessions at or below"
        )
        for axes in (left, right):
            _dressed(axes)
            axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
            axes.set_ylim(0, 1)
        figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)

    first = summaries[0].result
    title = f"{first.sessions:,} sessions of {first.rounds_asked:,} drawn rounds each"
    _written(path, title, draw, rows, (11.0, 5.4))


def plot_backtests(backtests: Sequence[Backtest], labels: Sequence[str], path: Path, rows: Rows = ()) -> None:
    """Balances over the recorded rounds, and what the law makes expect of the same stakes."""
    rounds = backtests[0].rounds

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        for colour, test, label in zip(_colours(), backtests, labels, strict=False):
            balances = np.array([test.bankroll, *test.replay.balances], np.int64)
            staked = np.concatenate(([0], np.cumsum(np.array(test.replay.stakes, np.int64))))
            expected = test.bankroll - (1.0 - rounds.rtp) * staked
            some = _some(len(balances))
            axes.plot(some, balances[some] / 100, color=colour, linewidth=1.6, label=label)
            axes.plot(some, expected[some] / 100, color=colour, linewidth=1.0, linestyle="--")
        axes.axhline(backtests[0].bankroll / 100, color=_GREY, linewidth=0.9)
        axes.set(xlabel="round, missed ones included", ylabel="balance (dashed: expected by the law)")
        _dressed(axes)
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        if rounds.quality.flag:
            short = rounds.quality.flag.split(":")[0]
            axes.set_title(f"not to be relied on: {short}", color=_RED)

    name = Path(rounds.recording.name).name
    _written(path, f"{name}: {rounds.count:,} recorded rounds", draw, rows, (10.0, 5.6))


def plot_sweep(
    title: str,
    names: Sequence[str],
    values: Sequence[Sequence[float]],
    score: NDArray[np.float64],
    expected: NDArray[np.float64],
    useless: NDArray[np.float64],
    path: Path,
    rows: Rows = (),
) -> None:
    """Every point's score over each parameter, or as a map of two; and the best beside useless ones."""

    def draw(figure: Any) -> None:
        panels = figure.subplots(1, 2, width_ratios=(1.5, 1.0))
        grid = len(names) == 2 and len(score) == len(set(values[0])) * len(set(values[1]))
        if grid:
            _map(figure, panels[0], names, values, score)
        else:
            panels[0].plot(values[0], expected, ".", color=_GREY, markersize=4, label="expected by the law")
            panels[0].plot(values[0], score, ".", color=COLOURS[0], markersize=5, label="result")
            panels[0].set(xlabel=names[0], ylabel="result", title="Result of every point")
            panels[0].legend(frameon=False)
            _dressed(panels[0])
        best = float(score.max())
        panels[1].hist(useless, bins=min(40, max(8, len(useless) // 8)), color="#cbd5e0")
        panels[1].axvline(best, color=_RED, linewidth=1.8, label=f"best of this sweep: {best:+,.2f}")
        panels[1].set(
            title=f"Best of {len(score):,} useless ones", xlabel="best result", yticks=[], ylabel="how often"
        )
        _dressed(panels[1])
        figure.legend(*panels[1].get_legend_handles_labels(), loc="outside lower center", frameon=False)

    _written(path, title, draw, rows, (11.0, 5.4))


def _map(figure: Any, axes: Any, names: Sequence[str], values: Sequence[Sequence[float]], score: Any) -> None:
    across, down = (sorted(set(column)) for column in values)
    table = np.full((len(down), len(across)), np.nan)
    for x, y, value in zip(values[0], values[1], score, strict=True):
        table[down.index(y), across.index(x)] = value
    shown = axes.imshow(table, origin="lower", aspect="auto", cmap="viridis")
    for axis, ticks in ((axes.xaxis, across), (axes.yaxis, down)):
        some = list(range(0, len(ticks), max(1, len(ticks) // 8)))
        axis.set_ticks(some, [f"{ticks[place]:g}" for place in some])
    axes.set(xlabel=names[0], ylabel=names[1], title="Mean result")
    figure.colorbar(shown, ax=axes, format=lambda value, _: f"{value:,.0f}")


def _colours() -> list[str]:
    return list(COLOURS) * 8


def _some(count: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, count - 1, min(count, _POINTS)).astype(np.int64))


def _curve(axes: Any, ordered: NDArray[np.float64], colour: str, label: str) -> None:
    """The share of sessions at or below each value, but for the outermost two of a thousand."""
    some = _some(len(ordered))
    low, high = (float(np.quantile(ordered, level)) for level in (0.002, 0.998))
    axes.plot(ordered[some], (some + 1) / len(ordered), color=colour, linewidth=1.8, label=label)
    left, right = axes.get_xlim() if axes.lines[1:] else (low, high)
    axes.set_xlim(min(left, low), max(right, high, low + 1))


def _dressed(axes: Any) -> None:
    axes.grid(True, which="major", color="#e2e8f0", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_major_formatter().__class__.__name__ == "ScalarFormatter" and len(axis.get_ticklocs()):
            axis.set_major_formatter(_number)


def _number(value: float, _: int) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:g}"


def _written(
    path: Path, title: str, draw: Callable[[Any], None], rows: Rows, size: tuple[float, float]
) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    draw(figure)
    kind = "svg" if path.suffix.lower() == ".html" else "png"
    if kind == "png":
        figure.suptitle(title, fontsize=13)
        figure.text(0.005, 0.005, EVERY_STRATEGY_LOSES, ha="left", va="bottom", fontsize=7, color=_GREY)
    picture = io.BytesIO()
    # No date inside: the same figures give the same file.
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    figure.savefig(picture, format=kind, metadata=metadata)
    content = picture.getvalue()
    if kind == "svg":
        content = _page(title, content.decode(), rows).encode()
    try:
        path.write_bytes(content)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error


_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1a202c; max-width: 70rem; margin: 2rem auto;
       padding: 0 1rem; }
h1 { font-size: 1.4rem; } svg { width: 100%; height: auto; }
.loses { background: #fffaf0; border-left: 4px solid #c05621; padding: .5rem 1rem; }
.table { overflow-x: auto; } table { border-collapse: collapse; }
th, td { padding: .3rem .9rem; border-bottom: 1px solid #e2e8f0; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
"""


def _page(title: str, svg: str, rows: Rows) -> str:
    picture = svg[svg.index("<svg") :]
    head, *body = rows or [[]]
    cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    lines = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in body
    )
    table = f'<div class="table"><table><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table></div>'
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><h1>{html.escape(title)}</h1>"
        f'<p class="loses">{EVERY_STRATEGY_LOSES}</p>{picture}{table if body else ""}</body></html>\n'
    )
