"""Pictures of an audit: tail against the law, short rounds, house edge, neighbours and lags, gaps."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter
from scipy import stats

from bot.fairness.audit import AuditResult
from bot.fairness.betting import house_edge_sequence
from bot.fairness.recordings import NO_TIME, Recording

INK, GREY, FAINT = "#1d2733", "#5d6b7a", "#dfe5ec"
SEEN, LAW, ALARM = "#1769aa", "#e07a1f", "#c0392b"
_MOST_POINTS = 6_000

Draw = Callable[[Axes, Recording, AuditResult], None]


def law_return(result: AuditResult) -> float:
    """The return that the pictures compare with: the known one, else the estimate, within reason."""
    return result.known.rtp if result.known.rtp is not None else min(max(result.rtp.estimate, 0.9), 1.0)


def draw_tail(axes: Axes, recording: Recording, result: AuditResult) -> None:
    """P(M >= x) times x/R, which is 1 at every x under the law, with a 99 % band."""
    crashes, rtp = recording.crashes, law_return(result)
    top = max(rtp * len(crashes) / 3, 2.0)  # beyond, fewer than three rounds are expected
    x = np.unique(np.rint(np.geomspace(101, 100 * top, 260)).astype(np.int64))
    share = 1.0 - np.searchsorted(np.sort(crashes), x) / len(crashes)
    chance = np.minimum(100.0 * rtp / x, 1.0)
    spread = stats.norm.isf(0.005) * np.sqrt(chance * (1 - chance) / len(crashes)) / chance
    axes.fill_between(
        x / 100, np.maximum(1 - spread, 0), 1 + spread, color=FAINT, label="99 % of lawful sources"
    )
    axes.axhline(1.0, color=LAW, linewidth=1.4, label=f"the law, R = {rtp:.3f}")
    axes.plot(x / 100, share / chance, color=SEEN, linewidth=1.6, label="recorded")
    axes.set_xscale("log")
    axes.set_ylim(0.5, 1.5)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}x"))
    axes.set_ylabel("share of rounds reaching x, of the law's")
    axes.legend(loc="upper left", frameon=False, fontsize=8)


def draw_short(axes: Axes, recording: Recording, result: AuditResult) -> None:
    """Counts at 1.00x and the first cents, beside the law's."""
    cents = np.arange(100, 126)
    rtp, n = law_return(result), len(recording.crashes)
    counts = np.bincount(np.minimum(recording.crashes, 126), minlength=127)[100:126]
    chance = 100.0 * rtp * (1.0 / cents - 1.0 / (cents + 1.0))
    chance[0] = max(1.0 - rtp / 1.01, 0.0)
    spread = stats.norm.isf(0.005) * np.sqrt(n * chance * (1 - chance))
    axes.bar(cents / 100, counts, width=0.0075, color=SEEN, label="recorded")
    axes.errorbar(
        cents / 100, n * chance, yerr=np.minimum(spread, n * chance), fmt="_", color=LAW, ecolor=LAW,
        elinewidth=1.0, markersize=7, label="the law, 99 %",
    )  # fmt: skip
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.2f}x"))
    axes.set_ylabel("rounds")
    axes.legend(loc="upper right", frameon=False, fontsize=8)


def draw_uniform(axes: Axes, recording: Recording, result: AuditResult) -> None:
    """U = 1.01/M of the rounds from 1.01x on, spread within their cents: as many in each twentieth by the
    law.
    """
    crashes = recording.crashes[recording.crashes > 100]
    spread = np.random.default_rng(0).random(len(crashes))
    upper, lower = 101.0 / crashes, 101.0 / (crashes + 1.0)
    counts, edges = np.histogram(lower + (upper - lower) * spread, bins=20, range=(0, 1))
    expected = max(len(crashes) / 20, 1.0)
    band = stats.norm.isf(0.005 / 20) * math.sqrt(0.95 / expected)
    axes.axhspan(max(1 - band, 0), 1 + band, color=FAINT, label="99 % of lawful sources, all at once")
    axes.axhline(1.0, color=LAW, linewidth=1.4)
    off = np.abs(counts / expected - 1) > band
    axes.bar(
        (edges[:-1] + edges[1:]) / 2,
        counts / expected,
        width=0.038,
        color=np.where(off, ALARM, SEEN).tolist(),
    )
    axes.set_ylim(0, max(1.6, 1.15 * float(counts.max()) / expected))
    axes.set_xticks([0.05, 0.2, 0.5, 0.75, 1.0], ["20x", "5x", "2x", "1.35x", "1.01x"])
    axes.set_ylabel("rounds, of the law's")
    axes.legend(loc="upper right", frameon=False, fontsize=8)


def draw_edge(axes: Axes, recording: Recording, result: AuditResult) -> None:
    """The house edge while the recording grew, with a confidence sequence."""
    edge = house_edge_sequence(recording.crashes)
    late = edge.rounds >= min(100, len(recording.crashes))
    rounds = edge.rounds[late]
    axes.fill_between(
        rounds, 1 - edge.high[late], 1 - edge.low[late], color="#cfe0f1", label="95 %, at all times at once"
    )
    axes.plot(rounds, 1 - edge.estimate[late], color=SEEN, linewidth=1.6, label="estimate")
    if result.known.rtp is not None:
        axes.axhline(1 - result.known.rtp, color=LAW, linewidth=1.4, label=f"R = {result.known.rtp:.2f}")
    axes.axhline(0.0, color=GREY, linewidth=0.8)
    axes.set_xscale("log")
    axes.set_ylim(-0.02, 0.12)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel("rounds")
    axes.set_ylabel("house edge")
    axes.legend(loc="upper right", frameon=False, fontsize=8)


def draw_lags(axes: Axes, recording: Recording, result: AuditResult) -> None:
    """Rank correlation of each round with those 1 to 20 before it."""
    scores = stats.rankdata(recording.crashes)
    n, lags = len(scores), min(20, len(scores) - 1)
    scores = (scores - scores.mean()) / (scores.std() or 1.0)
    values = [float(scores[k:] @ scores[:-k]) / n for k in range(1, lags + 1)]
    band = stats.norm.isf(0.005 / max(lags, 1)) / math.sqrt(n)
    axes.axhspan(-band, band, color=FAINT, label="99 % of independent rounds, all lags at once")
    colours = [ALARM if abs(value) > band else SEEN for value in values]
    axes.bar(range(1, lags + 1), values, width=0.6, color=colours)
    axes.axhline(0.0, color=GREY, linewidth=0.8)
    reach = max(2.2 * band, 1.2 * max((abs(value) for value in values), default=0.0))
    axes.set_ylim(-reach, reach)
    axes.set_xticks(range(1, lags + 1, 1 if lags < 5 else 3))
    axes.set_xlabel("rounds apart")
    axes.set_ylabel("rank correlation")
    axes.legend(loc="upper right", frameon=False, fontsize=8)


def draw_gaps(axes: Axes, recording: Recording, result: AuditResult) -> None:
    """Time between rows against the flight in it; what lies far above hides rounds, below is no round."""
    timing, times = result.timing, recording.times_us
    assert timing is not None and times is not None
    known = (times[1:] != NO_TIME) & (times[:-1] != NO_TIME)
    gap = np.diff(times)[known] / 1e6
    flown = (recording.crashes[:-1] if timing.starts else recording.crashes[1:])[known]
    chosen = np.random.default_rng(0).permutation(len(gap))[:_MOST_POINTS]
    axes.scatter(flown[chosen] / 100, gap[chosen], s=5, color=SEEN, alpha=0.35, linewidths=0)
    x = np.geomspace(1, 100, 50)
    axes.plot(
        x,
        timing.cycle_s + timing.efold_s * np.log(x),
        color=LAW,
        linewidth=1.6,
        label="pause and flight, fitted",
    )
    axes.set_xscale("log")
    axes.set_xlim(0.95, 100)
    axes.set_ylim(-5, min(150, max(40, 5 * timing.cycle_s)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}x"))
    axes.set_ylabel("seconds to the next row" if timing.starts else "seconds since the row before")
    axes.legend(loc="upper left", frameon=False, fontsize=8)


#: Title, what it shows in a sentence, and how it is drawn.
PANELS: tuple[tuple[str, str, Draw], ...] = (
    ("Reaching x, beside the law", "Flat at 1 when the values are lawful; a rise to the right means that "
     "short "
     "rounds are missing, a fall that large ones are.", draw_tail),
    ("Short rounds", "The rounds that slow readers miss.", draw_short),
    ("All of the distribution", "Twenty classes that the law fills evenly, high multipliers on the left.",
     draw_uniform),
    ("House edge", "From the share of 1.00x alone; it holds only if the recording is sound.", draw_edge),
    ("Independence", "How much a round tells about later ones. Red bars stand out.", draw_lags),
    ("Times", "Real times grow with the flight.", draw_gaps),
)  # fmt: skip


def panels_of(result: AuditResult) -> list[tuple[str, str, Draw]]:
    """Those that there are data for."""
    return [each for each in PANELS if each[2] is not draw_gaps or result.timing is not None]


def style(axes: Axes) -> None:
    """One look for all panels."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=GREY, labelsize=8)
    axes.xaxis.label.set_color(INK)
    axes.yaxis.label.set_color(INK)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_fontsize(9)


def png_of(figure: Figure, dpi: int = 130) -> bytes:
    """The picture as PNG."""
    FigureCanvasAgg(figure)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=dpi, facecolor="white")
    return out.getvalue()


def panel_png(draw: Draw, recording: Recording, result: AuditResult) -> bytes:
    """One panel by itself."""
    figure = Figure(figsize=(6.4, 3.5), layout="constrained")
    axes = figure.add_subplot()
    draw(axes, recording, result)
    style(axes)
    return png_of(figure)
