"""What an own day of the calendar lies over: the official or provisional word about it, kept beside it.

Days that are own ones already get back what the record tells of them.  Expands only: the release before goes on working,
and a day that it stores keeps nothing under it.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UNDER = sa.table(
    'working_day',
    sa.column('day', sa.Date()),
    sa.column('source', sa.String()),
    sa.column('under_is_working', sa.Boolean()),
    sa.column('under_source', sa.String()),
    sa.column('under_note', sa.String()),
)


def upgrade() -> None:
    """Add the columns, and fill them from the record."""
    with op.batch_alter_table('working_day') as batch:
        batch.add_column(sa.Column('under_is_working', sa.Boolean(), nullable=True))
        batch.add_column(sa.Column('under_source', sa.String(length=64), nullable=True))
        batch.add_column(sa.Column('under_note', sa.String(length=200), nullable=True))
        batch.create_check_constraint(op.f('ck_working_day_under_source'), "under_source IN ('official', 'provisional')")
    connection = op.get_bind()
    own = set(connection.scalars(sa.select(UNDER.c.day).where(UNDER.c.source == 'own')))
    if not own:
        return
    stored = sa.text("SELECT changed FROM event WHERE measure_id IS NULL AND kind = 'calendar:days:store' ORDER BY seq DESC")
    for told in connection.scalars(stored):
        changed = json.loads(told) if isinstance(told, str) else told
        for day in sorted(own):
            before = ((changed or {}).get('days', {}).get(day.isoformat()) or [None])[0]
            if before is not None and before[2] != 'own':
                is_working, note, source = before[:3]
                values = {'under_is_working': is_working, 'under_source': source, 'under_note': note}
                connection.execute(sa.update(UNDER).where(UNDER.c.day == day).values(values))
                own.remove(day)


def downgrade() -> None:
    """Drop them; own days stand alone again."""
    with op.batch_alter_table('working_day') as batch:
        batch.drop_constraint(op.f('ck_working_day_under_source'), type_='check')
        batch.drop_column('under_note')
        batch.drop_column('under_source')
        batch.drop_column('under_is_working')
