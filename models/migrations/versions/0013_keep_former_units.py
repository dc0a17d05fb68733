"""In which units people were before, who of the leading group did not decide, and everybody who submitted a paper.

Moves and submissions that were recorded before are taken from the events that told them.  Expands only: the release
before goes on working with the table and the columns beside its own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

EVENT = sa.table(
    'event',
    sa.column('round_id', sa.BigInteger),
    sa.column('measure_id', sa.BigInteger),
    sa.column('kind', sa.String),
    sa.column('actor_id', sa.BigInteger),
    sa.column('data', sa.JSON),
    sa.column('seq', sa.Integer),
    sa.column('on', sa.Date),
    sa.column('changed', sa.JSON(none_as_null=True)),
)
PAPER = sa.table(
    'paper',
    sa.column('id', sa.BigInteger),
    sa.column('round_id', sa.BigInteger),
    sa.column('kind', sa.String),
    sa.column('period', sa.String),
    sa.column('version', sa.Integer),
    sa.column('submitters', sa.JSON),
)
FORMER = sa.table(
    'former_unit',
    sa.column('person_id', sa.BigInteger),
    sa.column('unit_id', sa.BigInteger),
    sa.column('left_on', sa.Date),
)


def upgrade() -> None:
    """Add the table and the column, and tell the moves that the record holds."""
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('former_unit',
    sa.Column('id', number, nullable=False),
    sa.Column('person_id', number, nullable=False),
    sa.Column('unit_id', number, nullable=False),
    sa.Column('left_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_former_unit_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_former_unit_unit_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_former_unit'))
    )
    op.create_index('ix_former_unit_person_id', 'former_unit', ['person_id'])
    op.create_index('ix_former_unit_left_on', 'former_unit', ['left_on'])
    op.add_column('decision', sa.Column('recused', sa.JSON(), server_default='[]', nullable=False))
    op.add_column('paper', sa.Column('submitters', sa.JSON(), server_default='[]', nullable=False))
    tell_moves(op.get_bind())
    tell_submitters(op.get_bind())


def tell_moves(connection: sa.Connection) -> None:
    """Fill the table from the house's events, the oldest first."""
    told = connection.execute(
        sa.select(EVENT.c.on, EVENT.c.changed)
        .where(EVENT.c.measure_id.is_(None), EVENT.c.changed.is_not(None))
        .order_by(EVENT.c.seq)
    )
    rows = [
        {'person_id': int(person), 'unit_id': columns['unit_id'][0], 'left_on': on}
        for on, changed in told
        for person, columns in changed.get('people', {}).items()
        if 'unit_id' in columns and columns['unit_id'][0] is not None
    ]
    if rows:
        connection.execute(sa.insert(FORMER), rows)


def tell_submitters(connection: sa.Connection) -> None:
    """Fill the column from the events that told of papers."""
    told = connection.execute(
        sa.select(EVENT.c.round_id, EVENT.c.actor_id, EVENT.c.data).where(
            EVENT.c.measure_id.is_(None), EVENT.c.kind == 'document:paper:submit', EVENT.c.actor_id.is_not(None)
        )
    )
    found: dict[tuple[object, ...], set[int]] = {}
    for round_id, actor, data in told:
        found.setdefault((round_id, data['document'], data['period'], data['version']), set()).add(actor)
    papers = connection.execute(sa.select(PAPER.c.id, PAPER.c.round_id, PAPER.c.kind, PAPER.c.period, PAPER.c.version))
    rows = [
        {'of': number, 'by': sorted(found[paper])} for number, *key in papers if (paper := tuple(key)) in found
    ]
    if rows:
        of_paper = sa.update(PAPER).where(PAPER.c.id == sa.bindparam('of')).values(submitters=sa.bindparam('by'))
        connection.execute(of_paper, rows)


def downgrade() -> None:
    """Drop them, the last first."""
    with op.batch_alter_table('paper') as batch:
        batch.drop_column('submitters')
    with op.batch_alter_table('decision') as batch:
        batch.drop_column('recused')
    op.drop_index('ix_former_unit_left_on', table_name='former_unit')
    op.drop_index('ix_former_unit_person_id', table_name='former_unit')
    op.drop_table('former_unit')
