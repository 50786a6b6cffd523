"""The analytics tables, what keeps their totals, and the views and procedures beside them."""

from bot.database.migrations import step

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables, and new columns of session_logs, session_tables and error_logs; no row changes."""
    step.run(revision)


def downgrade() -> None:
    """Not possible."""
    step.refuse_downgrade(revision)
