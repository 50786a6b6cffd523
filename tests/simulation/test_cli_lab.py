"""The lab's commands: JSON, tables at 80 columns, pictures, and one clear line for bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from bot.cli_lab import add_to
from bot.domain.errors import BadInput, CrashbotError
from bot.simulation import crashes

ROUNDS = Path("rounds.csv")
HONEST = "Every strategy loses on average"


def ran(*words: str, columns: int = 80) -> Result:
    app = Typer()
    add_to(app)
    return CliRunner().invoke(app, list(words), env={"COLUMNS": str(columns)})


def told(*words: str) -> dict[str, object]:
    done = ran(*words, "--json")
    assert done.exception is None, done.exception
    document: dict[str, object] = json.loads(done.stdout)
    assert document["warning"] == "every strategy loses on average"
    return document


@pytest.fixture
def rounds_file(tmp_path: Path) -> Path:
    path = tmp_path / "aviator_test.csv"
    lines = [f"{n},,{c // 100}.{c % 100:02d}" for n, c in enumerate(crashes(5, 0, 300, "0.97"))]
    path.write_text("\n".join(["round_id,timestamp,multiplier", *lines[:100], "rubbish,,x", *lines[103:]]))
    return path


def test_odds_in_json() -> None:
    document = told("odds", "--bankroll", "20", "--goal", "40", "--until-end")
    assert document["method"] == "exact"
    assert f"{document['chance_of_goal']:.3f}" == "0.231"
    hourly = told("odds", "--hours", "10", "--rounds-per-hour", "190")
    assert hourly["horizon_rounds"] == 1_900
    assert hourly["expected_loss_per_hour"] == "5.70"


def test_odds_in_words_and_as_a_table_fit_80_columns() -> None:
    for words in ([], ["--words"], ["--goal", "1200", "--strategy", "martingale,max_steps=5"]):
        done = ran("odds", *words)
        assert done.exit_code == 0, done.exception
        assert HONEST in " ".join(done.stdout.split())
        assert max(map(len, done.stdout.splitlines())) <= 80


def test_odds_under_limits() -> None:
    free = told("odds", "--strategy", "martingale", "--bankroll", "200", "--rounds", "200")
    bound = told(
        "odds", "--strategy", "martingale", "--bankroll", "200", "--rounds", "200",
        "--limit", "session.loss=100", "--limit", "session.rounds=50",
    )  # fmt: skip
    assert "session_loss" in bound["chance_by_end"]  # type: ignore[operator]
    assert float(str(bound["expected_turnover"])) < float(str(free["expected_turnover"]))


def test_odds_as_configured_take_strategy_and_limits_of_the_settings() -> None:
    document = told("odds", "--as-configured", "--rounds", "50")
    assert document["floor"] == "10.00"


def test_simulate_compares_strategies_on_the_same_rounds(tmp_path: Path) -> None:
    words = ["simulate", "--strategy", "fixed", "--strategy", "martingale,max_steps=5", "--sessions", "500"]
    picture = tmp_path / "out.html"
    document = told(*words, "--rounds", "50", "--plot", str(picture))
    flat, martingale = document["strategies"]  # type: ignore[misc]
    assert flat["seed"] == martingale["seed"]
    assert flat["mean_turnover"] == "50.00"
    page = picture.read_text()
    assert HONEST in page and "<svg" in page and "martingale,max_steps=5" in page
    table = ran(*words, "--rounds", "50")
    assert HONEST in table.stdout
    assert max(map(len, table.stdout.splitlines())) <= 80


def test_pictures_are_png_and_the_same_figures_give_the_same_file(tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        ran("simulate", "--sessions", "300", "--rounds", "20", "--plot", str(tmp_path / name))
    one, two = ((tmp_path / name).read_bytes() for name in ("one.png", "two.png"))
    assert one.startswith(b"\x89PNG")
    assert one == two


def test_backtest_counts_missed_rounds_and_rubbish(rounds_file: Path, tmp_path: Path) -> None:
    document = told("backtest", "--file", str(rounds_file), "--strategy", "martingale", "--bankroll", "5000")
    recording = document["recording"]
    assert isinstance(recording, dict)
    assert (recording["rounds"], recording["missed_rounds"], recording["refused_lines"]) == (297, 3, 1)
    assert recording["verdict"] == "undecided"
    done = ran("backtest", "--file", str(rounds_file), "--plot", str(tmp_path / "bt.png"))
    assert "3 rounds were missed" in done.stdout
    assert "NOT TO BE RELIED ON: unaudited" in done.stdout
    assert HONEST in done.stdout
    assert (tmp_path / "bt.png").stat().st_size > 10_000


def test_sweep_writes_its_table_and_picture(tmp_path: Path, rounds_file: Path) -> None:
    words = ["sweep", "--vary", "target=1.5,2,3", "--rounds", "30", "--sessions", "200", "--processes", "1"]
    document = told(*words, "--out", str(tmp_path / "drawn"))
    assert document["points"] == 3
    assert (tmp_path / "drawn" / "results.parquet").is_file()
    assert (tmp_path / "drawn" / "sweep.png").is_file()
    done = ran(*words, "--out", str(tmp_path / "rec"), "--file", str(rounds_file))
    assert "useless ones" in " ".join(done.stdout.split())
    assert "NOT TO BE RELIED ON" in done.stdout
    assert HONEST in done.stdout


def test_what_a_sweep_chose_on_an_unsound_recording_says_so_wherever_it_is_used(tmp_path: Path) -> None:
    drawn = enumerate(crashes(3, 0, 4_000, "0.97"))
    points = [c for place, c in drawn if c >= 105 or place % 3]
    rounds = tmp_path / "aviator.csv"
    lines = [f",,{c // 100}.{c % 100:02d}" for c in points]
    rounds.write_text("\n".join(["round_id,timestamp,multiplier", *lines]))
    out = tmp_path / "sweep"
    swept = told(
        "sweep", "--strategy", "martingale", "--vary", "target=1.5,2,3", "--file", str(rounds), "--processes",
        "1", "--out", str(out), "--bankroll", "5000",
    )  # fmt: skip
    assert str(swept["flag"]).startswith("incomplete recording")
    best = str(out / "best.toml")
    parameters = swept["best"]["parameters"]  # type: ignore[index]
    odds = told("odds", "--strategy", best, "--rounds", "20")
    assert odds["parameters"]["target"] == parameters["target"]  # type: ignore[index]
    assert "incomplete recording" in str(odds["chosen_on"])
    for words in (
        ["odds", "--rounds", "20"],
        ["odds", "--rounds", "20", "--words"],
        ["simulate", "--rounds", "20", "--sessions", "20"],
        ["backtest", "--file", str(rounds)],
    ):
        done = ran(*words, "--strategy", best)
        assert "incomplete recording" in " ".join(done.stdout.split()), done.exception


def test_strategies_are_listed_with_their_parameters() -> None:
    listed = told("strategies")["strategies"]
    assert isinstance(listed, list)
    assert len(listed) == 10
    for each in listed:
        assert each["meaning"] and all(p["meaning"] and p["range"] for p in each["parameters"])
    done = ran("strategies")
    assert all(each["name"] in done.stdout for each in listed)
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert HONEST in done.stdout


def test_a_strategy_of_one_s_own_works_in_every_command(tmp_path: Path, rounds_file: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("class Mine:\n    def order(self, balance_minor):\n        return 100, 150\n")
    name = str(mine)
    assert told("odds", "--strategy", name, "--rounds", "20")["strategy"] == "mine.py"
    told("simulate", "--strategy", name, "--rounds", "20", "--sessions", "20")
    tested = told("backtest", "--strategy", name, "--file", str(rounds_file))
    assert tested["strategies"][0]["bets"] == 297  # type: ignore[index]
    swept = told(
        "sweep", "--strategy", name, "--vary", "target=1.5,2", "--rounds", "5", "--sessions", "5",
        "--processes", "1", "--out", str(tmp_path / "own"),
    )  # fmt: skip
    assert swept["points"] == 2


RAISES = "class Mine:\n    def order(self, balance_minor):\n        return 1 / 0, 200\n"
LOOPS = "class Mine:\n    def order(self, balance_minor):\n        while True:\n            pass\n"
NAN = "class Mine:\n    def order(self, balance_minor):\n        return float('nan'), 200\n"


@pytest.mark.parametrize(
    ("text", "said"), [(RAISES, "ZeroDivisionError"), (LOOPS, "no answer"), (NAN, "nan")]
)
def test_a_user_s_class_that_fails_is_one_clear_line(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.staking.own.LOAD_S", 1.0)
    mine = tmp_path / "mine.py"
    mine.write_text(text)
    for command in ("odds", "simulate"):
        error = ran(command, "--strategy", str(mine)).exception
        assert isinstance(error, BadInput)
        assert said in str(error) and "\n" not in str(error)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("odds --target 1.00", "from 1.01"),
        ("odds --strategy fixed,target=1.005", "from 1.01"),
        ("odds --bankroll 0.50", "below the base stake"),
        ("odds --bankroll abc", "100.00"),
        ("odds --bankroll -5", "100.00"),
        ("odds --goal 900", "goal must be above"),
        ("odds --strategy fixed,max_stake=0.50", "below the base stake"),
        ("odds --limit stake=0.50", "nothing could ever be staked"),
        ("odds --limit session.loss=0.50", "nothing could ever be staked"),
        ("odds --limit balance_floor=1000", "must remain"),
        ("odds --limit colour=5", "session.loss"),
        ("odds --limit session.rounds=1.5", "whole number"),
        ("odds --strategy fixed,colour=1", "no parameter 'colour'"),
        ("odds --strategy nothing", "no such strategy"),
        ("odds --strategy missing.py", "missing.py"),
        ("odds --strategy martingale,max_steps=0", "1 to 60"),
        ("odds --strategy martingale,max_steps=x", "1 to 60"),
        ("odds --rounds 0", "1 to 1,000,000"),
        ("odds --rounds 5 --hours 1", "one of --rounds"),
        ("odds --hours 0", "above 0"),
        ("odds --hours nan", "above 0"),
        ("odds --until-end --strategy labouchere", "--rounds"),
        ("odds --rtp 2", "return to player"),
        ("odds --rounds-per-hour 0", "above 0"),
        ("odds --game chess", "no such game"),
        ("simulate --sessions 0", "1 to 20,000,000"),
        ("simulate --rounds 0", "1 or more"),
        ("simulate --seed -1", "whole number from 0"),
        ("simulate --plot out.jpg", ".png or .html"),
        ("simulate --plot nowhere/out.png", "folder that exists"),
        ("simulate --bankroll 0.50", "base stake"),
        ("backtest --file missing.csv", "missing.csv"),
        ("backtest --db sqlite:///missing.db", "there is no database"),
        ("backtest --file a.csv --db sqlite:///b.db", "not both"),
        ("sweep --vary target=0.5 --out sweep", "no point of the sweep"),
        ("sweep --vary target=1.5 --vary target=2 --out sweep", "twice"),
        ("sweep --vary target=1.5 --processes 0", "1 to 256"),
        ("sweep --vary target=1.5 --random 0", "1 to 20,000"),
    ],
)
def test_bad_input_is_one_clear_line(
    line: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    error = ran(*line.split()).exception
    assert isinstance(error, CrashbotError), error
    assert error.exit_code == 2
    assert said in str(error)
    assert "\n" not in str(error)
