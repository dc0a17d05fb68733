"""A policy that lets more people verify or close waits for a second person: a kind of request of its own.

Expands only: the release before goes on working, as long as no such request stands.
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KINDS = ('role', 'way_in', 'link', 'substitute')


def upgrade() -> None:
    """Let the kind in."""
    _hold((*KINDS, 'policy'))


def downgrade() -> None:
    """Drop requests of the kind, which nothing refers to."""
    op.execute("DELETE FROM trust_request WHERE kind = 'policy'")
    _hold(KINDS)


def _hold(kinds: tuple[str, ...]) -> None:
    held = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table('trust_request') as batch:
        batch.drop_constraint(op.f('ck_trust_request_trustkind'), type_='check')
        batch.create_check_constraint(op.f('ck_trust_request_trustkind'), f'kind IN ({held})')
