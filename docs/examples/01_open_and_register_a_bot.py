"""Open a database, check it, and make a bot and the terms of its game known.

    python docs/examples/01_open_and_register_a_bot.py

All examples use the database of DATABASE_URL (SQLite or PostgreSQL), or a temporary file without one.
"""

import os
import tempfile
from decimal import Decimal

from bot.database import (
    BotRegistration,
    DatabaseConnection,
    close_db,
    configure_game_platform,
    init_db,
    register_bot,
    session_scope,
)
from bot.database.values import readable


def main(url: str) -> None:
    with DatabaseConnection(url) as connection:
        print(f"the database answers: {connection.test_connection()}")
    init_db(url)  # makes the tables, or brings them up to date

    # Registering again changes what is given and leaves the rest: do it at every start.
    register_bot("ann", bot_name="Ann", vm_provider="local", strategy_name="martingale", currency="KES")
    register_bot("ann", base_stake=Decimal("1.00"), max_stake=Decimal("64.00"))
    configure_game_platform("aviator", "betika", currency="KES", house_edge_percent=Decimal("3"))

    with session_scope() as session:
        bot = session.get(BotRegistration, "ann")
        assert bot is not None
        print(f"as stored: {bot.bot_name}, max_stake {bot.max_stake} (a whole number of cents)")
        shown = readable("bot_vm_registration", {"max_stake": bot.max_stake})
        print(f"as people read it: {bot.bot_name}, max_stake {shown['max_stake']} {bot.currency}")
    print("The house keeps 3 % of every stake on average: every strategy loses in the long run.")
    close_db()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/example.db")
