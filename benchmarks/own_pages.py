"""Pages that the readers were not written for: 50 rounds each, watched after a calibration with boxes only.

``python -m benchmarks.own_pages [--rounds N] [--pages nordlicht,papel,wyskok] [--json FILE]``. The pages' own
log is the truth. Exits with 0 when every crash point and every phase is right and nothing was missed.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.common import machine, option_parser, positive, write_json
from benchmarks.drive import Home
from tests.own_pages.compare import Comparison, compare_record, true_rounds, whole_rounds
from tests.own_pages.stage import PACES, stage

#: The longest round and the pause after it, generously, in seconds.
A_ROUND_S = 12.0


def watched(page: str, rounds: int, seed: int, folder: Path) -> Comparison:
    """One page: calibrated by a layout file, watched, compared with what it showed."""
    with stage(page, folder, seed=seed) as made:
        home = Home(folder, extra={"DISPLAY": made.display})
        layout = made.layout(folder / "layout.toml")
        steps = (
            ("calibrate", page, "--layout", str(layout)),
            ("watch", page, "--rounds", str(rounds), "--db", home.url),
        )
        for words in steps:
            told = home.run(*words, within_s=120 + rounds * A_ROUND_S)
            if told.returncode != 0:
                raise RuntimeError(f"crashbot {words[0]} {page}: {told.stdout}{told.stderr}")
        first, last = home.query("SELECT min(at_utc_us), max(at_utc_us) FROM round_snapshots")[0]
        truth = whole_rounds(true_rounds(made.house), int(first), int(last))
        return compare_record(home.url, truth, page)


def main() -> int:
    """Entry point."""
    parser = option_parser("own_pages", __doc__ or "")
    parser.add_argument("--rounds", type=positive, default=50)
    parser.add_argument("--pages", default=",".join(sorted(PACES)))
    parser.add_argument("--seed", type=int, default=101)
    options = parser.parse_args()
    figures: dict[str, Any] = {"machine": machine(), "pages": {}}
    faultless = True
    for page in options.pages.split(","):
        with tempfile.TemporaryDirectory(prefix="crashbot-pages-", ignore_cleanup_errors=True) as folder:
            found = watched(page, options.rounds, options.seed, Path(folder))
        print(f"{page}: {found}", flush=True)
        figures["pages"][page] = asdict(found)
        faultless = faultless and found.faultless
    write_json(options.json, figures)
    return 0 if faultless else 1


if __name__ == "__main__":
    sys.exit(main())
