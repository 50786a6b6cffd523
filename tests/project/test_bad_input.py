"""Bad settings: one clear line that names file and key, and a non-zero exit, from every command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def crashbot(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *words],
        env={**os.environ, "CRASHBOT_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def assert_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    lines = done.stderr.strip().splitlines()
    assert done.returncode not in (0, 1, 70)
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("crashbot: ")
    assert [word for word in words if word not in lines[0]] == []


@pytest.mark.parametrize("command", ["show-config", "practice"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[strategy]\nnme = 1\n", ("strategy.nme", "did you mean 'name'")),
        ("[strategy\n", ("not valid TOML",)),
        ("[limits]\nstake = -1\n", ("limits.stake", "from 0.00")),
    ],
)
def test_bad_settings_are_refused_by_every_command(
    tmp_path: Path, command: str, text: str, said: tuple[str, ...]
) -> None:
    own = tmp_path / "config" / "bot.toml"
    own.parent.mkdir()
    own.write_text(text, encoding="utf-8")
    assert_refused(crashbot(tmp_path, command), str(own), *said)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert_refused(crashbot(tmp_path / "file", "practice", "--rounds", "1"), "CRASHBOT_HOME")
