"""Papers on their way to being signed; which template and layout a document was printed with.

Expands only: the release before goes on working with the table and the columns beside its own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATES = ('draft', 'submitted', 'returned', 'approved', 'replaced', 'withdrawn')


def upgrade() -> None:
    """Create the table, add the columns."""
    op.add_column('document', sa.Column('template', sa.String(length=64), nullable=True))
    op.add_column('document', sa.Column('layout', sa.Integer(), server_default='1', nullable=False))
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('paper',
    sa.Column('id', number, nullable=False),
    sa.Column('round_id', number, nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('period', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('number', sa.Text(), nullable=True),
    sa.Column('issued_on', sa.Date(), nullable=True),
    sa.Column('state', sa.Enum(*STATES, name='paperstate', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('drawn_by_id', number, nullable=True),
    sa.Column('submitted_by_id', number, nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submissions', sa.Integer(), nullable=False),
    sa.Column('decided_by_id', number, nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('draft_id', number, nullable=False),
    sa.Column('final_id', number, nullable=True),
    sa.Column('replaces_id', number, nullable=True),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_paper_decided_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['draft_id'], ['document.id'], name=op.f('fk_paper_draft_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['drawn_by_id'], ['person.id'], name=op.f('fk_paper_drawn_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['final_id'], ['document.id'], name=op.f('fk_paper_final_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['replaces_id'], ['paper.id'], name=op.f('fk_paper_replaces_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_paper_round_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['submitted_by_id'], ['person.id'], name=op.f('fk_paper_submitted_by_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paper')),
    sa.UniqueConstraint('draft_id', name=op.f('uq_paper_draft_id')),
    sa.UniqueConstraint('final_id', name=op.f('uq_paper_final_id'))
    )
    op.create_index('ix_paper_round_id', 'paper', ['round_id'])


def downgrade() -> None:
    """Drop them, the last first."""
    op.drop_index('ix_paper_round_id', table_name='paper')
    op.drop_table('paper')
    with op.batch_alter_table('document') as batch:
        batch.drop_column('layout')
        batch.drop_column('template')
