"""The bot's own tables: sessions, rounds, bets and what was decided about them."""

from bot.database.migrations import step

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From nothing."""
    step.run(revision)


def downgrade() -> None:
    """Not possible."""
    step.refuse_downgrade(revision)
