"""Who wants no mail that holds reminders alone.

Expands only: the release before goes on working, and sends such mails to everybody.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table('reminders_off',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('how', sa.String(length=64), nullable=False),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_reminders_off_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminders_off'))
    )
    op.create_index('uq_reminders_off_person_id', 'reminders_off', ['person_id'], unique=True)


def downgrade() -> None:
    """Drop it."""
    op.drop_index('uq_reminders_off_person_id', table_name='reminders_off')
    op.drop_table('reminders_off')
