"""What the benchmarks share: the ``--json`` option, percentiles, and a word about the machine."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np


def option_parser(module: str, description: str) -> argparse.ArgumentParser:
    """A parser for ``python -m benchmarks.MODULE`` that knows ``--json FILE``."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{module}", description=description)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE as JSON")
    return parser


def positive(text: str) -> int:
    """A whole number above zero, for ``argparse``."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"takes a whole number above zero, not {text}")
    return value


def milliseconds(samples: Sequence[float]) -> dict[str, float | int | None]:
    """Count, median, 99th percentile and worst of times in milliseconds."""
    if not samples:
        return {"count": 0, "median": None, "p99": None, "worst": None}
    median, p99 = np.percentile(samples, (50, 99)).tolist()
    return {
        "count": len(samples),
        "median": round(median, 3),
        "p99": round(p99, 3),
        "worst": round(max(samples), 3),
    }


def machine() -> dict[str, object]:
    """Where it ran: cores, load and versions. Timings drift on shared machines: trust the ratios."""
    return {
        "cores": os.cpu_count(),
        "load_1min": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def write_json(path: Path | None, figures: Mapping[str, object]) -> None:
    """Writes the figures when a file was asked for."""
    if path is not None:
        path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
