from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.cli_read import load_picture, parse_box, read
from bot.domain.errors import BadInput
from bot.domain.words import Box
from tests.screen_stills.conftest import frame_path


def _run(*arguments: str) -> str:
    app = typer.Typer()
    app.command()(read)
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_json_holds_multipliers_as_decimal_strings() -> None:
    answer = json.loads(_run(str(frame_path("aviator/robin_crash_1.69x.png")), "--json"))
    assert answer["value"] == "1.69"
    assert answer["phase"] == "crashed"
    assert answer["refused"] is False
    assert 0.8 <= answer["confidence"] <= 1


def test_history_is_a_list_of_decimal_strings() -> None:
    chips = frame_path("aviator/IA-Aviator-Analytics__Aviator-Analytics__history_2.png")
    answer = json.loads(_run(str(chips), "--field", "history", "--json"))
    assert answer["value"] == ["1.30", "1.62", "1.36", "1.25", "2.99"]


def test_a_refusal_says_why() -> None:
    chip = frame_path("aviator/lucasalc25__bot-aviator__chip_cut_off.png")
    answer = json.loads(_run(str(chip), "--json"))
    assert answer["value"] is None
    assert answer["refused"] is True
    assert answer["reason"]
    assert "refused" in _run(str(chip))


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "1,2,3,0", "-1,2,3,4", "1,2,3,4,5", "1.5,2,3,4"])
def test_bad_boxes_are_bad_input(text: str) -> None:
    with pytest.raises(BadInput, match="--box"):
        parse_box(text)


def test_a_box_is_four_whole_numbers() -> None:
    assert parse_box("1,2,30,40") == Box(1, 2, 30, 40)
    assert parse_box(None) is None


def test_files_that_are_no_pictures_are_bad_input(tmp_path: Path) -> None:
    text = tmp_path / "note.png"
    text.write_text("no picture")
    empty = tmp_path / "empty.png"
    empty.touch()
    for path in (text, empty, tmp_path, tmp_path / "absent.png"):
        with pytest.raises(BadInput):
            load_picture(path)


@pytest.mark.parametrize(("option", "value"), [("--game", "roulette"), ("--field", "balance")])
def test_unknown_names_are_bad_input(option: str, value: str) -> None:
    picture = str(frame_path("aviator/robin_crash_1.69x.png"))
    app = typer.Typer()
    app.command()(read)
    with pytest.raises(BadInput, match="known are"):
        CliRunner().invoke(app, [picture, option, value], catch_exceptions=False)
