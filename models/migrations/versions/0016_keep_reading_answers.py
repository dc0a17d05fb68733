"""What people have said that passages of notices are.

Expands only: the release before goes on working, and reads notices without the answers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BECAME = ('aspect', 'problem', 'item', 'measure', 'deadline', 'beside', 'total', 'told', 'nothing')


def upgrade() -> None:
    """Add the table."""
    op.create_table('reading_answer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mark', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('became', sa.Enum(*BECAME, name='became', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('answered_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('answered_at', models.base.UtcMoment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['answered_by_id'], ['person.id'], name=op.f('fk_reading_answer_answered_by_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reading_answer')),
    sa.UniqueConstraint('mark', name=op.f('uq_reading_answer_mark'))
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table('reading_answer')
