"""``python -m bot.practice casino|stage``: the practice casino alone, or on a stage with real windows."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from bot.practice.casino import run_casino, say_error
from bot.practice.options import CasinoOptions, OptionError, make_options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.practice", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    casino = commands.add_parser("casino", help="the web server and its tables; play by hand in any browser")
    stage = commands.add_parser(
        "stage", help="the casino with one browser window a table; ends with its stdin"
    )
    for command in (casino, stage):
        command.add_argument("--port", type=int, default=0, help="port on the loopback; 0 takes a free one")
        command.add_argument(
            "--ledger", required=True, help="the casino's SQLite file; an existing one goes on"
        )
        command.add_argument("--seed", default="1", help="all randomness follows from it")
        command.add_argument(
            "--speed", type=float, default=1.0, help="how many times faster than real, 0.1 to 50"
        )
        command.add_argument("--tables", default="aviator,aviatrix,jetx", help="games, e.g. aviator,jetx@sr")
        command.add_argument("--faults", default="none", help="none, all, or a list with commas")
        command.add_argument("--one-account", action="store_true", help="one wallet for all tables")
        command.add_argument(
            "--nonce", type=int, default=None, help="the session's 24-bit mark; random by default"
        )
        command.add_argument("--rtp", default="0.97", help="R, the share that comes back, 0.5 to 1")
    stage.add_argument("--display", default=None, help="an X display that exists already, e.g. :77")
    stage.add_argument("--show", action="store_true", help="put the windows on the user's own display")
    stage.add_argument("--width", type=int, default=640, help="width of a window in pixels")
    stage.add_argument("--height", type=int, default=520, help="height of a window in pixels")
    stage.add_argument("--clicks", action="store_true", help="log every button press on the display")
    stage.add_argument("--browser", default=None, help="the Chromium to use; found by itself by default")
    return parser


def _options(given: argparse.Namespace) -> CasinoOptions:
    return make_options(
        port=given.port,
        ledger=given.ledger,
        seed=given.seed,
        speed=given.speed,
        tables=given.tables,
        faults=given.faults,
        one_account=given.one_account,
        nonce=given.nonce,
        rtp=given.rtp,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point. Returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        options = _options(given)
    except OptionError as error:
        return say_error("bad_option", str(error))
    if given.command == "casino":
        return run_casino(options)
    from bot.practice.stage.options import StageOptions
    from bot.practice.stage.run import run_stage

    stage = StageOptions(
        casino=options,
        display=given.display,
        show=given.show,
        width=given.width,
        height=given.height,
        clicks=given.clicks,
        browser=given.browser,
    )
    return run_stage(stage)


if __name__ == "__main__":
    sys.exit(main())
