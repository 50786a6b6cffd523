"""The verify page recomputes a round of the real casino: it confirms the truth and rejects forgeries."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.practice_pages.chrome import Chrome

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real casino, fast, in a process of its own; gives its address."""
    ledger = tmp_path_factory.mktemp("house") / "ledger.sqlite"
    command = [
        sys.executable,
        "-m",
        "bot.practice",
        "casino",
        "--ledger",
        str(ledger),
        "--seed",
        "7",
        "--speed",
        "20",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    assert first["event"] == "listening", first
    yield f"http://127.0.0.1:{first['port']}"
    process.terminate()
    process.communicate(timeout=20)


def flown_round(chrome: Chrome, house: str, table: str) -> dict[str, Any]:
    """The newest round of ``table`` whose seed is out; waits for the first."""
    chrome.open(f"{house}/", 1000, 700)
    chrome.wait(
        f"fetch('/api/round?table={table}').then(r => r.ok ? r.json() : {{}}).then(d => !!d.server_seed)", 60
    )
    with urllib.request.urlopen(f"{house}/api/round?table={table}") as answer:
        return dict(json.load(answer))


def verdict(chrome: Chrome, house: str, query: dict[str, Any]) -> str:
    chrome.open(f"{house}/verify?{urllib.parse.urlencode(query)}", 1000, 900)
    chrome.wait(
        "location.pathname === '/verify' && (document.getElementById('verdict')?.textContent ?? '') !== ''"
    )
    return str(chrome.evaluate("document.getElementById('verdict').dataset.verdict"))


@pytest.mark.parametrize("table", ["aviator", "aviatrix", "jetx"])
def test_a_flown_round_is_confirmed(chrome: Chrome, house: str, table: str) -> None:
    told = flown_round(chrome, house, table)
    assert verdict(chrome, house, {"table": table, "round": told["round"]}) == "confirmed"
    shown = str(chrome.evaluate("document.getElementById('crash').value"))
    assert round(float(shown) * 100) == told["crash"]


def test_forged_values_are_rejected(chrome: Chrome, house: str) -> None:
    told = flown_round(chrome, house, "jetx")
    asked = {"table": "jetx", "round": told["round"]}
    seed = str(told["server_seed"])
    other = ("0" if seed[0] != "0" else "1") + seed[1:]
    forgeries = [
        {"crash": f"{(told['crash'] + 1) / 100:.2f}"},
        {"server_seed": other},
        {"seed_hash": "00" * 32},
        {"client_seeds": "\n".join([*told["client_seeds"], "one more"])},
        {"server_seed": "not hexadecimal"},
    ]
    for forgery in forgeries:
        assert verdict(chrome, house, asked | forgery) == "rejected", forgery


def test_lobby_links_to_every_table_and_a_table_opens(chrome: Chrome, house: str) -> None:
    chrome.open(f"{house}/", 1000, 700)
    chrome.wait("document.querySelectorAll('.card').length === 3")
    links = chrome.evaluate("[...document.querySelectorAll('.card')].map(c => c.getAttribute('href'))")
    assert links == ["/table/aviator", "/table/aviatrix", "/table/jetx"]
    for game in ("aviator", "aviatrix", "jetx"):
        chrome.open(f"{house}/table/{game}", 640, 520)
        chrome.wait(f"location.pathname === '/table/{game}' && window.page?.table?.ready === true")
        chrome.wait("document.getElementById('overlay').hidden && window.page.stage.face.text.endsWith('x')")


def test_pages_load_nothing_from_elsewhere() -> None:
    import bot.practice

    pages = Path(bot.practice.__file__).parent / "pages"
    files = [path for path in pages.rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"}]
    assert len(files) > 15
    for path in files:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, path.name
        assert "https://" not in text, path.name
        assert "@import" not in text, path.name
