"""The long form of what must hold (``make soak``): many rounds, all faults, kills, and the benchmarks.

``python -m benchmarks.soak [--only plain,faults,kills,reading,storing,durability]`` runs each part as a
program of its own, on folders of its own, and writes ``reports/soak.json`` and ``reports/soak.md``. Exits
with 0 when every part did.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: A part that takes longer than this has hung (seconds).
PATIENCE_S = 3 * 3600
#: Benchmarks that need nothing prepared; each takes ``--json FILE``.
BENCHMARKS = (
    "reading", "own_pages", "latency", "placement", "storing", "durability", "bulk", "simulation", "audit",
)  # fmt: skip
TABLE_KEYS = (
    "table", "rounds_flown", "rounds_recorded", "crash_exact", "rounds_missed", "rounds_backfilled",
    "bets_ledger", "bets_recorded", "bets_missed", "settled_exact", "balance_casino", "balance_bot",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One part: a name, the module to run and its options. ``{json}`` and ``{folder}`` are filled in."""

    name: str
    words: tuple[str, ...]


def parts(rounds: int, fault_rounds: int, seeds: list[int], kills: int, speed: float) -> list[Part]:
    """Everything the long form consists of."""
    play = ("bot.cli", "practice", "--json", "{json}", "--db", "sqlite:///{folder}/record.db")
    pace = ("--speed", f"{speed:g}")
    chosen = [Part("plain", (*play, *pace, "--rounds", str(rounds), "--seed", str(seeds[0])))]
    for seed in seeds:
        words = (*play, *pace, "--rounds", str(fault_rounds), "--seed", str(seed), "--faults", "all")
        chosen.append(Part(f"faults-{seed}", words))
    chosen.append(Part("kills", ("benchmarks.kills", "--json", "{json}", "--kills", str(kills), *pace)))
    chosen += [Part(name, (f"benchmarks.{name}", "--json", "{json}")) for name in BENCHMARKS]
    return chosen


def run(part: Part, log: Path) -> dict[str, Any]:
    """Run one part; its exit code, seconds and report."""
    with tempfile.TemporaryDirectory(prefix=f"crashbot-{part.name}-") as temporary:
        folder, report = Path(temporary), Path(temporary) / "report.json"
        words = [word.format(json=report, folder=folder) for word in part.words]
        environment = {**os.environ, "CRASHBOT_HOME": str(folder / "home"), "NO_COLOR": "1"}
        started = time.monotonic()
        with log.open("w", encoding="utf-8") as stream:
            try:
                code: int | None = subprocess.run(
                    [sys.executable, "-m", *words],
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=stream,
                    timeout=PATIENCE_S,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                code = None
        seconds = round(time.monotonic() - started)
        told = _read(report)
    return {"part": part.name, "exit_code": code, "seconds": seconds, "report": told}


def _read(path: Path) -> Any:
    """A part's report; ``None`` when it left none, or one that is cut off."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return None


def page(results: list[dict[str, Any]]) -> str:
    """The report as a page."""
    lines = ["# Soak", "", "| part | exit code | minutes |", "|---|---|---|"]
    lines += [f"| {r['part']} | {r['exit_code']} | {r['seconds'] / 60:.1f} |" for r in results]
    for result in results:
        report = result["report"]
        if not isinstance(report, dict):
            continue
        lines += ["", f"## {result['part']}", ""]
        if isinstance(report.get("tables"), list):
            lines += _tables(report)
        elif isinstance(report.get("kills"), list):
            lines += ["| victim | moment | bet then | in the end | left over |", "|---|---|---|---|---|"]
            names = ("victim", "moment", "bet_state", "final_state")
            for kill in report["kills"]:
                shown = " | ".join(str(kill[name]) for name in names)
                lines.append(f"| {shown} | {len(kill['left_over'])} |")
        else:
            lines += ["```json", json.dumps(report, indent=2)[:6000], "```"]
    return "\n".join(lines) + "\n"


def _tables(report: dict[str, Any]) -> list[str]:
    """A session's comparison: a row a table, then what concerns the whole display."""
    lines = ["| " + " | ".join(TABLE_KEYS) + " |", "|" + "---|" * len(TABLE_KEYS)]
    lines += ["| " + " | ".join(str(row.get(key)) for key in TABLE_KEYS) + " |" for row in report["tables"]]
    whole = ", ".join(f"{key} {report.get(key)}" for key in ("clicks_outside", "double_bets", "agrees"))
    return [*lines, "", whole]


def main() -> int:
    """Run the parts and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, default=Path("reports/soak.json"), help="where the report goes")
    parser.add_argument("--only", default="", help="parts by the beginning of their names, with commas")
    parser.add_argument("--rounds", type=int, default=30, help="rounds at each table without faults")
    parser.add_argument("--fault-rounds", type=int, default=60, help="rounds at each table with all faults")
    parser.add_argument("--seeds", default="1,2,3", help="one run with faults for each")
    parser.add_argument("--kills", type=int, default=20, help="how many processes are killed")
    parser.add_argument("--speed", type=float, default=1.0, help="of the practice casino")
    options = parser.parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    wanted = tuple(name for name in options.only.split(",") if name)
    chosen = parts(options.rounds, options.fault_rounds, seeds, options.kills, options.speed)
    chosen = [part for part in chosen if not wanted or part.name.startswith(wanted)]
    options.json.parent.mkdir(parents=True, exist_ok=True)
    results = []
    for part in chosen:
        print(f"{part.name} ...", flush=True)
        log = options.json.with_name(f"soak-{part.name}.log")
        results.append(run(part, log))
        print(
            f"{part.name}: exit code {results[-1]['exit_code']}, {results[-1]['seconds']} s ({log})",
            flush=True,
        )
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
        options.json.with_suffix(".md").write_text(page(results), encoding="utf-8")
    return 0 if results and all(result["exit_code"] == 0 for result in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
