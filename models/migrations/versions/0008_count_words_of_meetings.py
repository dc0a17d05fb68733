"""How often a meeting was told of in calendars, and who was invited to it.

Expands only: the release before goes on working; what it tells of a meeting is not counted.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

#: What the release before told of a meeting: twice the version of its newest agenda, one more when it was called off.
ANNOUNCED = """
UPDATE meeting SET sequence = coalesce((
    SELECT 2 * max(agenda.version) + max(CASE WHEN meeting_off.id IS NULL THEN 0 ELSE 1 END)
    FROM agenda
    LEFT JOIN meeting_off ON meeting_off.meeting_id = agenda.meeting_id AND meeting_off.version = agenda.version
    WHERE agenda.meeting_id = meeting.id
), 0)
WHERE EXISTS (SELECT 1 FROM {invited})
"""
INVITED = """notification
    WHERE notification.kind = 'meeting' AND notification.round_id = meeting.round_id
    AND notification.dedup_key LIKE 'meeting:' || meeting.round_id || ':' || meeting.period || '-%'"""
GUESTS = f"INSERT INTO meeting_guest (meeting_id, person_id) SELECT DISTINCT meeting.id, notification.person_id FROM meeting, {INVITED}"


def upgrade() -> None:
    """Add the column and the table, and fill them from what was said."""
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.add_column('meeting', sa.Column('sequence', sa.Integer(), server_default='0', nullable=False))
    op.create_table('meeting_guest',
    sa.Column('meeting_id', number, nullable=False),
    sa.Column('person_id', number, nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_meeting_guest_meeting_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_meeting_guest_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('meeting_id', 'person_id', name=op.f('pk_meeting_guest'))
    )
    op.execute(ANNOUNCED.format(invited=INVITED))
    op.execute(GUESTS)


def downgrade() -> None:
    """Drop them, the last first."""
    op.drop_table('meeting_guest')
    with op.batch_alter_table('meeting') as batch:
        batch.drop_column('sequence')
