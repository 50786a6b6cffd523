"""``crashbot calibrate NAME --layout FILE`` and ``crashbot check`` on a painted table, as run by a user."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from tests.calibration.conftest import environment_of
from tests.calibration.painted import layout_toml, painted
from tests.control.desktop import Windows

pytestmark = pytest.mark.screen
READ = ("multiplier", "balance", "p0_stake", "p0_target")
ROUNDS = [212, 134, 187, 160, 245, 118, 171, 143, 226, 155, 139, 204] * 3


def crashbot(
    environment: dict[str, str], *words: str, timeout_s: float = 240
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *words],
        env=environment, capture_output=True, text=True, timeout=timeout_s, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    return tmp_path / "desk.toml"


@pytest.fixture(scope="module")
def desk(screen: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a user who has calibrated a table."""
    folder = tmp_path_factory.mktemp("desk")
    environment, path = environment_of(screen, folder / "home"), folder / "desk.toml"
    with painted(screen, ROUNDS) as table:
        path.write_text(layout_toml(table, *READ), encoding="utf-8")
        done = crashbot(environment, "calibrate", "desk", "--layout", str(path), "--currency", "EUR")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The multiplier was read over" in done.stdout
    return environment


def test_a_calibrated_table_is_ready_until_something_covers_it(
    desk: dict[str, str], screen: str, tmp_path: Path
) -> None:
    with painted(screen, ROUNDS) as table:
        picture = tmp_path / "desk.png"
        checked = crashbot(desk, "check", "desk", "--json", "--picture", str(picture))
        said = json.loads(checked.stdout)
        assert checked.returncode == 0, said["lines"]
        assert said["ok"] and said["scale"] == 1.0
        assert said["pieces"]["of"] >= 4
        assert said["fields"]["balance"]["value"] == "1000.00 EUR"
        assert said["fields"]["p0_stake"]["value"] == "1.00 EUR"
        assert cv2.imread(str(picture)) is not None
        with Windows(screen) as windows:
            windows.cover(table.box("p0_stake"))
            covered = crashbot(desk, "check", "desk", "--seconds", "6")
            assert windows.clicks_on_cover == 0
        assert covered.returncode == 1
        assert "another window lies over stake" in covered.stdout
        assert table.clicks == []


def test_a_moved_table_is_found_and_one_out_of_sight_is_told(desk: dict[str, str], screen: str) -> None:
    with painted(screen, ROUNDS, x=300, y=210) as table:
        moved = json.loads(crashbot(desk, "check", "desk", "--json").stdout)
        assert moved["ok"], moved["lines"]
        assert abs(moved["place"][0] - table.box("p0_stake").x) <= 1
        assert abs(moved["place"][1] - table.box("balance").y) <= 1
    gone = crashbot(desk, "check", "desk", "--seconds", "3")
    assert gone.returncode == 1
    assert "not in sight" in gone.stdout and "not ready" in gone.stdout


def test_a_table_that_never_flies_ends_with_what_to_do(
    environment: dict[str, str], screen: str, layout: Path
) -> None:
    with painted(screen, []) as table:
        layout.write_text(layout_toml(table, "multiplier"), encoding="utf-8")
        done = crashbot(environment, "calibrate", "desk", "--layout", str(layout), "--minutes", "0.15")
    assert done.returncode == 1
    assert "No round flew within 0.15 minutes" in done.stdout


def test_without_rounds_the_table_is_only_kept(environment: dict[str, str], layout: Path) -> None:
    layout.write_text("[fields.multiplier]\nbox = [10, 10, 200, 80]\n", encoding="utf-8")
    done = crashbot(
        environment, "calibrate", "desk", "--layout", str(layout), "--rounds", "0", "--rtp", "0.96"
    )
    assert done.returncode == 0, done.stderr
    listed = json.loads(crashbot(environment, "tables", "--json").stdout)
    assert [table["name"] for table in listed["tables"]] == ["desk"]
    assert listed["tables"][0]["rtp"] == "0.96" and listed["tables"][0]["screen"] == [1280, 900]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["calibrate", "desk", "--layout", "none.toml"], "none.toml cannot be read"),
        (["calibrate", "--layout", "none.toml"], "needs the table's name"),
        (["calibrate", "a b", "--layout", "none.toml"], "cannot be called"),
        (["calibrate", "desk", "--layout", "none.toml", "--rounds", "-1"], "--rounds takes"),
        (["calibrate", "desk", "--layout", "none.toml", "--minutes", "0"], "--minutes takes"),
        (["check", "desk"], "there is no table 'desk'"),
        (["check", "desk", "--seconds", "0"], "--seconds takes"),
        (["tables", "copy", "desk", "other", "--to", "here"], "--to takes"),
        (["tables", "remove", "desk"], "there is no table 'desk'"),
        (["tables", "export", "desk", "x.zip"], "there is no table 'desk'"),
        (["tables", "import", "none.zip"], "there is no file"),
    ],
)
def test_what_cannot_be_is_one_line(environment: dict[str, str], words: list[str], said: str) -> None:
    done = crashbot(environment, *words)
    assert done.returncode == 2
    assert said in done.stderr and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"DISPLAY": ""}, "DISPLAY is not set"),
        ({"DISPLAY": "", "WAYLAND_DISPLAY": "wayland-0"}, "Wayland"),
        ({"DISPLAY": ":987"}, "cannot connect to X display :987"),
    ],
)
def test_without_a_screen_it_says_so(
    environment: dict[str, str], layout: Path, changes: dict[str, str], said: str
) -> None:
    layout.write_text("[fields.multiplier]\nbox = [10, 10, 200, 80]\n", encoding="utf-8")
    for words in (["calibrate", "desk", "--layout", str(layout)], ["calibrate", "desk", "--no-browser"]):
        done = crashbot(environment | changes, *words)
        assert done.returncode == 3, done.stdout + done.stderr
        assert said in done.stderr and len(done.stderr.strip().splitlines()) == 1
