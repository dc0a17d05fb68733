"""Timers and rungs of what is no measure; notifications and timers set aside may speak of them.

Expands only: the release before goes on working with the tables and columns beside its own.  Open tasks and papers get
their timers from the first sweep.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WAITS = ('meeting_task', 'paper_approval', 'paper_return', 'minutes')
SLIPS = ('reminder', 'blue', 'yellow', 'red', 'group')
FATES = ('climbed', 'superseded', 'empty')
STANDS = sa.text("ended_on IS NULL")
IS_OTHER = sa.text("other_timer_id IS NOT NULL")
ONE_SUBJECT = (
    "CASE WHEN decision_id IS NULL THEN 0 ELSE 1 END + CASE WHEN paper_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN meeting_id IS NULL THEN 0 ELSE 1 END = 1"
)


def upgrade() -> None:
    """Create the tables, add the columns."""
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('other_timer',
    sa.Column('id', number, nullable=False),
    sa.Column('round_id', number, nullable=False),
    sa.Column('policy_id', number, nullable=False),
    sa.Column('waits_for', sa.Enum(*WAITS, name='otherwait', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('decision_id', number, nullable=True),
    sa.Column('paper_id', number, nullable=True),
    sa.Column('meeting_id', number, nullable=True),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('deadline', sa.Date(), nullable=False),
    sa.Column('deadline_version', sa.Integer(), nullable=False),
    sa.Column('rung', sa.Integer(), nullable=False),
    sa.Column('fires_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.CheckConstraint(ONE_SUBJECT, name=op.f('ck_other_timer_one_subject')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_other_timer_round_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['policy_id'], ['policy.id'], name=op.f('fk_other_timer_policy_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_other_timer_decision_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['paper_id'], ['paper.id'], name=op.f('fk_other_timer_paper_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_other_timer_meeting_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_other_timer')),
    *(sa.UniqueConstraint(about, 'waits_for', 'deadline_version', name=op.f(f'uq_other_timer_{about}_waits_for_deadline_version')) for about in ('decision_id', 'paper_id', 'meeting_id')),
    )
    op.create_index('ix_other_timer_fires_on', 'other_timer', ['fires_on', 'id'], sqlite_where=STANDS, postgresql_where=STANDS)
    op.create_table('other_rung',
    sa.Column('id', number, nullable=False),
    sa.Column('other_timer_id', number, nullable=False),
    sa.Column('rung', sa.Integer(), nullable=False),
    sa.Column('slip', sa.Enum(*SLIPS, name='slip', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('deadline', sa.Date(), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('climbed_on', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('fate', sa.Enum(*FATES, name='fate', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.ForeignKeyConstraint(['other_timer_id'], ['other_timer.id'], name=op.f('fk_other_rung_other_timer_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_other_rung')),
    sa.UniqueConstraint('other_timer_id', 'rung', name=op.f('uq_other_rung_other_timer_id_rung')),
    )
    reference = sa.ForeignKey('other_timer.id', name=op.f('fk_notification_other_timer_id'))
    op.add_column('notification', sa.Column('other_timer_id', number, reference, nullable=True), inline_references=True)
    op.create_index('ix_notification_other_timer_id', 'notification', ['other_timer_id'], sqlite_where=IS_OTHER, postgresql_where=IS_OTHER)
    with op.batch_alter_table('stuck_timer') as batch:
        batch.add_column(sa.Column('other_timer_id', number, nullable=True))
        batch.create_foreign_key(op.f('fk_stuck_timer_other_timer_id'), 'other_timer', ['other_timer_id'], ['id'], ondelete='RESTRICT')
        batch.alter_column('measure_id', existing_type=number, nullable=True)
        batch.alter_column('waits_for', existing_type=sa.String(length=20), nullable=True)


def downgrade() -> None:
    """Drop them, the last first."""
    op.execute("DELETE FROM stuck_timer WHERE measure_id IS NULL")
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    with op.batch_alter_table('stuck_timer') as batch:
        batch.alter_column('waits_for', existing_type=sa.String(length=20), nullable=False)
        batch.alter_column('measure_id', existing_type=number, nullable=False)
        batch.drop_constraint(op.f('fk_stuck_timer_other_timer_id'), type_='foreignkey')
        batch.drop_column('other_timer_id')
    op.drop_index('ix_notification_other_timer_id', table_name='notification')
    with op.batch_alter_table('notification') as batch:
        batch.drop_constraint(op.f('fk_notification_other_timer_id'), type_='foreignkey')
        batch.drop_column('other_timer_id')
    op.drop_table('other_rung')
    op.drop_index('ix_other_timer_fires_on', table_name='other_timer')
    op.drop_table('other_timer')
