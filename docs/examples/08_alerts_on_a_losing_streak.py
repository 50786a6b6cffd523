"""An alert when a bot loses many bets in a row: raised once, recorded, given to a command, cleared by a win.

python docs/examples/08_alerts_on_a_losing_streak.py
"""

import json
import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from made_up_rounds import play

from bot.analytics.alert_rules import AlertRules
from bot.analytics.alerts import Raised, check_alerts
from bot.database import (
    Alert,
    close_db,
    init_db,
    log_batch_rounds,
    log_crash_round,
    register_bot,
    session_scope,
)

STREAK = 8
#: What your own command would do with the alert on its standard input: mail it, ring a bell, …
TO_A_FILE = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + '\\n')"


def tell(when: str, raised: list[Raised]) -> None:
    for alert in raised:
        print(f"{when}: {alert.severity}, {alert.message}")
    if not raised:
        print(f"{when}: nothing new")


def main(folder: Path) -> None:
    register_bot("ann", currency="KES")
    start = datetime.now(UTC) - timedelta(hours=1)
    rounds = play("ann", "fixed_stake", 60, start, seed=2)
    log_batch_rounds(rounds)
    file = folder / "alerts.jsonl"
    rules, command = AlertRules(losing_streak=STREAK), [sys.executable, "-c", TO_A_FILE, str(file)]
    tell("as it began", check_alerts(rules, command=command))

    def bet(number: int, crash: str, profit: str) -> None:
        later = {"round_number": number, "round_start_timestamp": start + number * timedelta(seconds=25)}
        log_crash_round(**{**rounds[-1], **later, "crash_multiplier": crash, "profit_loss": profit})

    for number in range(61, 61 + STREAK):
        bet(number, "1.20", "-1.00")
    tell("after the streak", check_alerts(rules, command=command))
    tell("a minute later", check_alerts(rules, command=command))
    bet(61 + STREAK, "3.00", "1.00")
    tell("after a win", check_alerts(rules, command=command))

    for line in file.read_text(encoding="utf-8").splitlines():
        print(f"the command got: {json.loads(line)['kind']} of {json.loads(line)['bot_id']}")
    with session_scope() as session:
        print(f"recorded: {session.query(Alert).count()} alerts")
    print(
        "A streak is no sign that a win is due. At 2.00x every 200th bet begins a streak of eight, and every"
    )
    print("strategy that stakes more after losses loses in the long run, only in larger pieces.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        init_db(os.environ.get("DATABASE_URL") or f"sqlite:///{name}/example.db")
        main(Path(name))
        close_db()
