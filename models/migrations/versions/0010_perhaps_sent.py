"""What may have gone out is told apart from what was cancelled: notifications, deliveries and posts to group chats.

Expands only: the release before goes on working, as long as nothing stands in the new state.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SAID = ('pending', 'sent', 'cancelled', 'failed')
SENDING = ('pending', 'sending', 'sent', 'failed', 'cancelled')
PERHAPS = 'perhaps'
CHECKS = {'notification': ('said', SAID), 'delivery': ('sending', SENDING), 'group_post': ('sending', SENDING)}


def upgrade() -> None:
    """Let the state in, and add when the attempt began."""
    for table, (name, states) in CHECKS.items():
        _hold(table, name, (*states, PERHAPS), begins=table != 'notification')
    where = sa.text("state = 'perhaps'")
    op.create_index('ix_delivery_perhaps', 'delivery', ['id'], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Call cancelled what may have gone out, as it was before."""
    op.drop_index('ix_delivery_perhaps', table_name='delivery')
    for table, (name, states) in CHECKS.items():
        op.execute(f"UPDATE {table} SET state = 'cancelled' WHERE state = 'perhaps'")  # noqa: S608 - our own names
        _hold(table, name, states, ends=table != 'notification')


def _hold(table: str, name: str, states: tuple[str, ...], *, begins: bool = False, ends: bool = False) -> None:
    held = ", ".join(f"'{state}'" for state in states)
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f'ck_{table}_{name}'), type_='check')
        batch.create_check_constraint(op.f(f'ck_{table}_{name}'), f'state IN ({held})')
        if begins:
            batch.add_column(sa.Column('perhaps_at', sa.DateTime(timezone=True), nullable=True))
        if ends:
            batch.drop_column('perhaps_at')
