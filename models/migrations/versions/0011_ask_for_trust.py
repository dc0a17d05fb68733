"""Requests for a second trusted person's word; what their rules ask of people, absences, sign-ins and messages.

Expands only: the release before goes on working with the table and the columns beside its own.  Absences of people who
hold trust were recorded under the rule of their time, and go on lending it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KINDS = ('role', 'way_in', 'link', 'substitute')
STATES = ('waiting', 'confirmed', 'alone', 'refused', 'withdrawn', 'used')
TRUSTED = "('coordinator', 'verifier', 'supervisor', 'leading_group')"


def upgrade() -> None:
    """Create the table, add the columns, fill them from what is known."""
    moment = sa.DateTime(timezone=True)
    op.add_column('person', sa.Column('came_in_at', moment, nullable=True))
    op.add_column('person', sa.Column('shut_out_at', moment, nullable=True))
    op.add_column('absence', sa.Column('lends_trust', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('sign_in', sa.Column('proved_at', moment, nullable=True))
    op.add_column('notification', sa.Column('address', sa.String(length=200), nullable=True))
    op.add_column('digest', sa.Column('address', sa.String(length=200), nullable=True))
    op.execute("""
        UPDATE person SET came_in_at = COALESCE(
            (SELECT min(used_at) FROM account_link WHERE account_link.person_id = person.id),
            (SELECT min(changed_at) FROM account WHERE account.person_id = person.id),
            (SELECT min(opened_at) FROM sign_in WHERE sign_in.person_id = person.id)
        )
    """)
    op.execute("""
        UPDATE person SET shut_out_at = (SELECT max(used_at) FROM account_link WHERE account_link.person_id = person.id)
        WHERE NOT EXISTS (SELECT 1 FROM account WHERE account.person_id = person.id)
            AND NOT EXISTS (SELECT 1 FROM sign_in WHERE sign_in.person_id = person.id)
            AND NOT EXISTS (SELECT 1 FROM account_link
                WHERE account_link.person_id = person.id AND account_link.used_at IS NULL)
    """)
    op.execute(f"""
        UPDATE absence SET lends_trust = {_true()} WHERE person_id IN (
            SELECT person_id FROM role_grant WHERE role IN {TRUSTED}
        )
    """)
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('trust_request',
    sa.Column('id', number, nullable=False),
    sa.Column('kind', sa.Enum(*KINDS, name='trustkind', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('person_id', number, nullable=False),
    sa.Column('gains_id', number, nullable=True),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('asked_by_id', number, nullable=True),
    sa.Column('asked_at', moment, nullable=False),
    sa.Column('expires_at', moment, nullable=False),
    sa.Column('state', sa.Enum(*STATES, name='truststate', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('decided_by_id', number, nullable=True),
    sa.Column('decided_at', moment, nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_trust_request_asked_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_trust_request_decided_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['gains_id'], ['person.id'], name=op.f('fk_trust_request_gains_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_trust_request_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trust_request'))
    )
    op.create_index('ix_trust_request_person_id', 'trust_request', ['person_id'])
    op.create_index('ix_trust_request_state_expires_at', 'trust_request', ['state', 'expires_at'])


def _true() -> str:
    return "true" if op.get_bind().dialect.name == "postgresql" else "1"


def downgrade() -> None:
    """Drop them, the last first."""
    op.drop_index('ix_trust_request_state_expires_at', table_name='trust_request')
    op.drop_index('ix_trust_request_person_id', table_name='trust_request')
    op.drop_table('trust_request')
    for table, columns in (
        ('digest', ('address',)),
        ('notification', ('address',)),
        ('sign_in', ('proved_at',)),
        ('absence', ('lends_trust',)),
        ('person', ('shut_out_at', 'came_in_at')),
    ):
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column)
