"""Words that games show around the number, in the languages seen so far, also when misread."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

#: Share of equal characters from which a misread phrase counts as seen.
SIMILAR = 0.84

CRASH = (
    "FLEW AWAY", "VOOU PARA LONGE", "ODLETEO", "ODLETIO", "ODLETELO", "SE FUE VOLANDO", "VOLO LEJOS",
    "YLETEL", "UCTU", "POLETIO", "ENVOLE", "WEGGEFLOGEN", "VOLATO VIA", "ODLECIAL", "CRASHED", "УЛЕТЕЛ",
    "ВІДЛЕТІВ", "SRUSIO SE",
)  # fmt: skip
WAITING = (
    "WAITING FOR NEXT ROUND", "WAITING FOR THE NEXT ROUND", "AGUARDANDO A PROXIMA RODADA",
    "ESPERANDO LA PROXIMA RONDA", "ESPERANDO A LA SIGUIENTE RONDA", "ESPERANDO SIGUIENTE RONDA",
    "CEKA SE SLEDECA RUNDA", "CEKANJE NA SLEDECU RUNDU", "CEKANJE SLEDECE RUNDE",
    "EN ATTENTE DU PROCHAIN TOUR", "WARTEN AUF DIE NACHSTE RUNDE", "SONRAKI TUR BEKLENIYOR",
    "OCZEKIWANIE NA NASTEPNA RUNDE", "PLACE YOUR BETS", "ОЖИДАНИЕ СЛЕДУЮЩЕГО РАУНДА",
    "ЖДЕМ СЛЕДУЮЩИЙ РАУНД", "ОЧІКУВАННЯ НАСТУПНОГО РАУНДУ",
)  # fmt: skip
#: Shown instead of a waiting text above the same bar, between two rounds of Aviator's third generation.
SPLASH = ("OFFICIAL PARTNERS", "OFFICIAL PARTNER")
#: A game over which one of these lies must not be read.
TROUBLE = (
    "DISCONNECTED", "CONNECTION", "CONEXAO", "CONEXION", "RECONNECT", "REFRESH", "RELOAD", "VEZA JE",
    "VEZE", "OSVEZITE", "PREKINUTA", "SESSION EXPIRED", "INSUFFICIENT", "ERROR", "TIMED OUT", "TIMEOUT",
)  # fmt: skip
GAME_WORDS = (
    "AVIATOR", "AVIATRIX", "JETX", "SPRIBE", "FUN MODE", "PROVABLY FAIR", "BET", "APOSTA", "APOSTAR",
    "STAVKA", "CTABKA", "CANCEL", "CANCELAR", "CASH OUT", "CASHOUT", "RETIRAR", "AUTO", "ULOZI", "ULOG",
    "ISPLATA", "OTKAZI", "NEXT ROUND", "TOTAL BETS", "PLAYERS", "IGRACI", "UKUPNO", "SLEDECA RUNDA",
    "AUTO CASH OUT", "AUTOMATSKA ISPLATA", "ALL BETS", "MY BETS", "SVE OPKLADE",
    "PROXIMA RODADA", "JOGADORES",
)  # fmt: skip
CANCEL_WORDS = ("CANCEL", "CANCELAR", "OTKAZI", "ОТМЕНА", "OTMEHA", "ANNULER", "ABBRECHEN")


def plain(text: str) -> str:
    """Capitals without accents or punctuation, single blanks: ``"Čeka se…"`` → ``"CEKA SE"``."""
    decomposed = unicodedata.normalize("NFKD", text)
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return re.sub(r"[^\w]+", " ", letters.upper()).strip()


def like(text: str, phrases: Iterable[str]) -> bool:
    """Whether ``text`` is one of ``phrases``, give or take a misread letter."""
    seen = plain(text).replace(" ", "")
    for phrase in phrases:
        wanted = phrase.replace(" ", "")
        if seen == wanted:
            return True
        if len(wanted) >= 6 and difflib.SequenceMatcher(None, seen, wanted).ratio() >= SIMILAR:
            return True
    return False


def holds(text: str, words: Iterable[str]) -> bool:
    """Whether ``text`` holds one of ``words`` as whole words."""
    seen = f" {plain(text)} "
    return any(f" {word} " in seen for word in words)
