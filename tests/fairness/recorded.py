"""The recorded rounds that the audit is held against, and what is drawn by the law."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.fairness import AuditResult, Recording, audit, known_of, read_csv

ROUNDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "rounds"


def path_of(name: str) -> Path:
    path = ROUNDS / f"{name}.csv"
    assert path.is_file(), f"the recorded rounds are missing: {path}"
    return path


@cache
def recording_of(name: str) -> Recording:
    return read_csv(path_of(name))


@cache
def audit_of(name: str) -> AuditResult:
    """As ``crashbot audit FILE`` judges it, without any option."""
    return audit(recording_of(name), known_of(file=name))
