"""Rounds a second of the simulator beside plain C in lanes and NumPy across sessions, interleaved in one run.

    python -m benchmarks.simulation [--sessions N] [--repeats N] [--json FILE]

All play the same sessions (the sums of their figures are compared) and keep the same figures. The C program
is ``benchmarks/lanes.c``, built here with ``gcc -O3 -march=native``. Ratios of processor time hold on a
loaded machine too; those of wall time need it idle. The last part times a million sessions of 1,000 rounds
with the report's figures, and a first and a second start with an empty cache of compiled code.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import machine, option_parser, positive, write_json
from bot.simulation import SimulationResult, simulate
from bot.simulation.draws import GOLDEN, MIX_1, MIX_2, SESSION_STEP, law_number, seed_key, threshold
from bot.staking import StakingOptions

BANKROLL, BASE, STEPS, SEED, TARGET, MOST = 12_700, 100, 7, 3, 200, 9_000_000_000_000
ROUNDS = 1_000
FORMS = {"flat": "fixed_stake", "martingale": "martingale"}
#: At least so much of C's speed, and so many times NumPy's.
OF_C, OF_NUMPY = 0.8, 10.0
_NUMPY_BLOCK = 4_096
_SUMMED = ("final", "lowest", "highest", "drawdown", "turnover", "bets", "longest_losing_run")

#: Wall seconds, processor seconds, sums of the figures.
Timing = tuple[float, float, tuple[int, ...]]


def built(folder: Path) -> Path:
    """The C program, compiled for this machine."""
    program = folder / "lanes"
    source = Path(__file__).with_name("lanes.c")
    command = ["gcc", "-O3", "-march=native", "-pthread", str(source), "-o", str(program)]
    subprocess.run(command, check=True)
    return program


def in_c(program: Path, form: str, sessions: int, threads: int) -> Timing:
    """One run of the C program."""
    key, under = seed_key(SEED), threshold(law_number("0.97"), TARGET)
    words = [form, sessions, ROUNDS, threads, key, under, BANKROLL, STEPS]
    done = subprocess.run([program, *map(str, words)], check=True, capture_output=True, text=True)
    wall, processor, *sums = done.stdout.split()
    return float(wall), float(processor), tuple(map(int, sums))


def in_simulator(form: str, sessions: int, threads: int) -> Timing:
    """One run of ``simulate``, with all that its result needs."""
    wall, processor = time.perf_counter(), time.process_time()
    result = simulated(form, sessions, threads)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    assert result.how == "lanes", result.how
    return wall, processor, tuple(int(getattr(result, name).sum()) for name in _SUMMED)


def simulated(form: str, sessions: int, threads: int | None) -> SimulationResult:
    """What is timed."""
    options = StakingOptions(base_stake_minor=BASE, target=TARGET, max_steps=STEPS)
    return simulate(
        FORMS[form],
        options,
        bankroll_minor=BANKROLL,
        rounds=ROUNDS,
        sessions=sessions,
        seed=SEED,
        threads=threads,
    )


def in_numpy(form: str, sessions: int) -> Timing:
    """The same rules on arrays with one entry a session, in blocks that fit the cache."""
    wall, processor = time.perf_counter(), time.process_time()
    blocks = [numpy_block(form, start, min(_NUMPY_BLOCK, sessions - start)) for start in _starts(sessions)]
    sums = tuple(int(sum(int(block[n].sum()) for block in blocks)) for n in range(len(_SUMMED)))
    return time.perf_counter() - wall, time.process_time() - processor, sums


def _starts(sessions: int) -> range:
    return range(0, sessions, _NUMPY_BLOCK)


def numpy_block(form: str, first: int, count: int) -> list[NDArray[np.int64]]:
    """Final, lowest, highest, drawdown, turnover, bets and longest losing run of a block of sessions."""
    under = threshold(law_number("0.97"), TARGET)
    balance = np.full(count, BANKROLL)
    low, high = balance.copy(), balance.copy()
    fall, turned, placed, run, longest, losses = (np.zeros(count, np.int64) for _ in range(6))
    following = np.full(count, BASE)
    with np.errstate(over="ignore"):
        places = np.arange(first + 1, first + count + 1, dtype=np.uint64) * np.uint64(SESSION_STEP)
        key = _mixed(np.uint64(seed_key(SEED)) + places)
        for _ in range(ROUNDS):
            key += np.uint64(GOLDEN)
            won = (_mixed(key) >> np.uint64(11)).astype(np.int64) < under
            going = (following <= balance) & (balance <= MOST)
            stake = np.where(going, following, 0)
            balance += np.where(won, stake * (TARGET // 100), 0) - stake
            np.minimum(low, balance, out=low)
            np.maximum(high, balance, out=high)
            np.maximum(fall, high - balance, out=fall)
            turned += stake
            placed += going
            run = np.where(going, np.where(won, 0, run + 1), run)
            np.maximum(longest, run, out=longest)
            if form == "martingale":
                again = won | (losses + 1 >= STEPS)
                losses = np.where(going, np.where(again, 0, losses + 1), losses)
                following = np.where(going, np.where(again, BASE, 2 * stake), following)
    return [balance, low, high, fall, turned, placed, longest]


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(MIX_1)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(MIX_2)
    return x ^ (x >> np.uint64(31))


def compared(program: Path, form: str, sessions: int, threads: int, repeats: int) -> dict[str, float]:
    """Medians of interleaved runs, as millions of rounds a second, and their ratios."""
    few = max(_NUMPY_BLOCK, sessions // 16)
    runs: dict[str, tuple[int, Callable[[int], Timing]]] = {
        "c": (sessions, lambda n: in_c(program, form, n, threads)),
        "simulate": (sessions, lambda n: in_simulator(form, n, threads)),
        "numpy": (few, lambda n: in_numpy(form, n)),
    }
    assert in_c(program, form, few, 1)[2] == in_numpy(form, few)[2] == in_simulator(form, few, 1)[2]
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, (count, play) in runs.items():
            wall, processor, _ = play(count)
            rounds = count * ROUNDS / 1e6
            rates[name].append((rounds / wall, rounds / processor))
    figures: dict[str, float] = {}
    for name, pairs in rates.items():
        figures[name] = round(statistics.median(wall for wall, _ in pairs))
        figures[f"{name}_processor"] = round(statistics.median(processor for _, processor in pairs))
    for other in ("c", "numpy"):
        ratios = [a[0] / b[0] for a, b in zip(rates["simulate"], rates[other], strict=True)]
        figures[f"of_{other}"] = round(statistics.median(ratios), 2)
        ratios = [a[1] / b[1] for a, b in zip(rates["simulate"], rates[other], strict=True)]
        figures[f"of_{other}_processor"] = round(statistics.median(ratios), 2)
    return figures


def million() -> dict[str, float]:
    """Seconds for a million sessions of 1,000 rounds, quantiles and shares included, on all cores."""
    seconds = {}
    for form in FORMS:
        begun = time.perf_counter()
        result = simulated(form, 1_000_000, None)
        for figure in ("final", "lowest", "drawdown", "turnover", "longest_losing_run"):
            result.quantiles(figure, (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99))
        result.stop_shares()
        seconds[form] = round(time.perf_counter() - begun, 2)
    return seconds


def starts() -> dict[str, float]:
    """Seconds of a whole process that simulates a little: with an empty cache, then with a warm one."""
    with tempfile.TemporaryDirectory() as home:
        code = (
            "from bot.simulation import simulate\n"
            "simulate('martingale', bankroll_minor=12700, rounds=1000, sessions=1000)"
        )
        seconds = {}
        for name in ("empty cache", "warm cache"):
            begun = time.perf_counter()
            environment = {**os.environ, "CRASHBOT_HOME": home}
            subprocess.run([sys.executable, "-c", code], check=True, env=environment)
            seconds[name] = round(time.perf_counter() - begun, 2)
        return seconds


def main() -> int:
    """Measure, print, and say whether the ratios hold."""
    parser = option_parser("simulation", "The simulator beside plain C and NumPy.")
    parser.add_argument("--sessions", type=positive, default=200_000, help="sessions of 1,000 rounds a run")
    parser.add_argument("--repeats", type=positive, default=7, help="interleaved runs of each")
    options = parser.parse_args()
    if shutil.which("gcc") is None:
        print("gcc is missing: install it (apt-get install gcc)", file=sys.stderr)
        return 3
    figures: dict[str, object] = {"machine": machine()}
    short = []
    print("million rounds a second: wall time (processor time); medians of interleaved runs")
    with tempfile.TemporaryDirectory() as folder:
        program = built(Path(folder))
        for form in FORMS:
            for threads in (1, 2):
                measured = compared(program, form, options.sessions, threads, options.repeats)
                figures[f"{form}, {threads}"] = measured
                cells = [
                    f"{n} {measured[n]:.0f} ({measured[n + '_processor']:.0f})" for n in ("simulate", "c")
                ]
                cells.append(f"numpy, one thread {measured['numpy']:.0f}")
                print(f"{form:10}  {threads} thread(s)  {'  '.join(cells)}")
                print(
                    f"{'':10}  of C {measured['of_c']:.2f} ({measured['of_c_processor']:.2f}), "
                    f"of NumPy {measured['of_numpy']:.1f} ({measured['of_numpy_processor']:.1f})"
                )
                if measured["of_c_processor"] < OF_C or measured["of_numpy_processor"] < OF_NUMPY:
                    short.append(f"{form} on {threads}")
    figures["million sessions of 1,000 rounds, s"] = million()
    figures["start, s"] = starts()
    print(
        "a million sessions of 1,000 rounds with quantiles, s:",
        figures["million sessions of 1,000 rounds, s"],
    )
    print("a process that simulates a little, s:", figures["start, s"])
    write_json(options.json, figures)
    if short:
        print(f"short of {OF_C} of C or {OF_NUMPY:g} times NumPy: {', '.join(short)}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
