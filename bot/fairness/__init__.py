"""Provably-fair verification, audit of recorded rounds, estimate of the house edge, edge test.

``quality_of`` is what others ask before they show a profit figure: its ``flag`` must stand beside the figure.
"""

from bot.fairness.audit import AuditResult, Rtp, audit, quality_of
from bot.fairness.betting import (
    BET_SIZES,
    HouseEdge,
    edge_test,
    first_crossing,
    house_edge_sequence,
    log_growth,
)
from bot.fairness.chain import Chain, verify_chain
from bot.fairness.findings import Finding, Judgement, Part, Verdict
from bot.fairness.known import Known, known_of
from bot.fairness.ledger_proof import LedgerProof, verify_ledger
from bot.fairness.proof import Proof, verify_aviator, verify_bustabit, verify_practice
from bot.fairness.recordings import Recording, from_database, from_rows, read_csv

__all__ = [
    "BET_SIZES",
    "AuditResult",
    "Chain",
    "Finding",
    "HouseEdge",
    "Judgement",
    "Known",
    "LedgerProof",
    "Part",
    "Proof",
    "Recording",
    "Rtp",
    "Verdict",
    "audit",
    "edge_test",
    "first_crossing",
    "from_database",
    "from_rows",
    "house_edge_sequence",
    "known_of",
    "log_growth",
    "quality_of",
    "read_csv",
    "verify_aviator",
    "verify_bustabit",
    "verify_chain",
    "verify_ledger",
    "verify_practice",
]
