"""``crashbot verify`` and ``crashbot audit`` as a person and a program use them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.fairness.proof import BUSTABIT_HASH
from tests.fairness.recorded import path_of
from tests.fairness.test_proof import CLIENTS, SERVER, ledger_with

ROOT = Path(__file__).resolve().parents[2]
AVIATOR = ("verify", "aviator", "--server-seed", SERVER, *(w for c in CLIENTS for w in ("--client-seed", c)))


def run(*words: object, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    environment.pop("DATABASE_URL", None)
    if home is not None:
        environment["CRASHBOT_HOME"] = str(home)
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *map(str, words)], cwd=ROOT, env=environment,
        capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def document(*words: object, code: int = 0) -> dict[str, Any]:
    done = run(*words, "--json")
    assert done.returncode == code, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_aviator_is_verified_and_says_that_it_is_reconstructed() -> None:
    done = run(*AVIATOR, "--multiplier", "771.06x")
    assert done.returncode == 0
    assert "reconstructed" in done.stdout
    assert "loses on average" in done.stdout
    found = document(*AVIATOR, "--multiplier", "771.05", code=1)
    assert (found["verified"], found["multiplier"]) == (False, "771.06")


def test_bustabit_by_its_hash_and_along_a_chain() -> None:
    assert document("verify", "bustabit", "--hash", BUSTABIT_HASH, "--multiplier", "1.31")["verified"] is True
    second = "1870c2a6cb5e4a1c6c8c0ee0b5b2a4ca"  # half a hash is none
    assert run("verify", "bustabit", "--hash", second).returncode == 2
    found = document("verify", "bustabit", "--hash", BUSTABIT_HASH, "--chain", "--game", 100, code=1)
    assert (found["games"], found["end_reached"], found["verified"]) == (100, False, False)


def test_a_practice_ledger_is_verified(tmp_path: Path) -> None:
    path = ledger_with(tmp_path / "ledger.db", 21)
    found = document("verify", "practice", "--ledger", path)
    assert (found["verified"], found["rounds"], found["open"]) == (True, 20, 1)
    assert document("verify", "practice", "--ledger", path, "--rtp", 9_900, code=1)["failed"] > 10


def test_an_audit_gives_verdict_reasons_and_return() -> None:
    found = document("audit", path_of("aviator_22bet_luisrx7"), code=1)
    assert (found["n"], found["verdict"]) == (15_962, "incomplete")
    assert found["reasons"][0].startswith("values: short rounds are missing")
    assert set(found["rtp"]) >= {"estimate", "low", "high"}
    assert found["rtp"]["low"] < found["rtp"]["estimate"] < found["rtp"]["high"]
    assert found["order"]["verdict"] == "incomplete"
    assert found["flag"].startswith("incomplete recording")


def test_an_audit_in_words_fits_a_narrow_terminal() -> None:
    done = run("audit", path_of("aviator_dmadushanka"))
    assert done.returncode == 0
    assert done.stdout.startswith("undecided  (24 rounds)")
    assert "1,061" in done.stdout
    assert "loses on average" in done.stdout


def test_rubbish_lines_are_told_and_the_rest_is_audited(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    good = path_of("aviator_thiagosvl_25dez").read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*good[:2_000], "<<<<", ",,,,", "x,y,z", *good[2_000:]]), encoding="utf-8")
    found = document("audit", path, "--game", "aviator")
    assert (found["n"], found["verdict"], found["refused_lines"]) == (4_602, "sound", 3)
    assert [each["line"] for each in found["refused"]] == [2_001, 2_002, 2_003]
    assert "line 2001: 1 fields instead of 3" in run("audit", path).stdout


@pytest.mark.parametrize("ending", ["html", "png"])
def test_a_page_is_written(tmp_path: Path, ending: str) -> None:
    page = tmp_path / f"page.{ending}"
    assert run("audit", path_of("aviator_gmbl_admiral"), "--report", page).returncode == 0
    content = page.read_bytes()
    if ending == "png":
        assert content.startswith(b"\x89PNG")
        return
    text = content.decode()
    assert "<h1>Sound</h1>" in text
    assert "times cannot be real" in text
    assert text.count("data:image/png;base64,") == 6
    assert not re.search(r'(src|href)="(?!data:)', text)


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "nothing.csv"),
        ("audit", "README.md"),
        ("audit", "tests"),
        ("audit", "x.csv", "--db", "sqlite:///y.db"),
        ("audit", "x.csv", "--bot", "b"),
        ("audit", "--db", "sqlite:////nowhere/at/all.db"),
        ("audit", "x.csv", "--report", "page.pdf"),
        ("audit", "x.csv", "--report", "no/such/folder/page.html"),
        ("audit", "pyproject.toml", "--rtp", "97"),
        (*AVIATOR, "--multiplier", "high"),
        (*AVIATOR, "--multiplier", "0.99"),
        ("verify", "bustabit", "--hash", BUSTABIT_HASH, "--game", "5"),
        ("verify", "practice"),
        ("verify", "practice", "--ledger", "README.md"),
        ("verify", "practice", "--ledger", "README.md", "--label", "aviator/1"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*words, home=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("crashbot: ")
