"""On which day a measure was handed in, as long as that submission stands: how late it was is told from then on.

What is handed in already gets the day from its last verification; what a ledger brought in has none.  Expands only:
the release before goes on working, and what it takes in gets its day with the next submission.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and fill it from the verifications."""
    op.add_column('measure', sa.Column('handed_in_on', sa.Date(), nullable=True))
    op.execute(
        "UPDATE measure SET handed_in_on = ("
        "SELECT v.requested_on FROM verification v "
        "WHERE v.measure_id = measure.id AND v.requested_by_id IS NOT NULL ORDER BY v.id DESC LIMIT 1) "
        "WHERE state IN ('submitted', 'verified', 'closed')"
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column('measure', 'handed_in_on')
