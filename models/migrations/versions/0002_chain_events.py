"""chain events

Revision ID: 0002
Revises: 0001

Every event gets its place in a chain, and a hash over itself and the event before it; checkpoints cover all of them;
the database refuses to change or delete either.  Old events are chained in the order in which they were recorded; they
tell the state, owner, due date and percentage that they changed, and nothing else.
"""

import hashlib
import json
from datetime import timezone

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
NO_MEASURE = sa.text('measure_id IS NULL')
AT_ONCE = 1000

EVENT = sa.table(
    'event',
    sa.column('id', sa.BigInteger),
    sa.column('round_id', sa.BigInteger),
    sa.column('measure_id', sa.BigInteger),
    sa.column('seq', sa.Integer),
    sa.column('kind', sa.String),
    sa.column('actor_id', sa.BigInteger),
    sa.column('on', sa.Date),
    sa.column('at', sa.DateTime(timezone=True)),
    sa.column('from_state', sa.String),
    sa.column('to_state', sa.String),
    sa.column('data', sa.JSON),
    sa.column('changed', sa.JSON(none_as_null=True)),
    sa.column('hash', sa.LargeBinary),
)


def upgrade() -> None:
    op.add_column('event', sa.Column('seq', sa.Integer()))
    op.add_column('event', sa.Column('changed', sa.JSON(none_as_null=True)))
    op.add_column('event', sa.Column('hash', sa.LargeBinary(length=32)))
    chain_events(op.get_bind())
    op.drop_index('ix_event_measure_id_id', 'event')
    with op.batch_alter_table('event') as batch:
        batch.alter_column('seq', existing_type=sa.Integer(), nullable=False)
        batch.alter_column('hash', existing_type=sa.LargeBinary(length=32), nullable=False)
    op.create_index('uq_event_measure_id_seq', 'event', ['measure_id', 'seq'], unique=True)
    op.create_index('uq_event_house_seq', 'event', ['seq'], unique=True,
                    sqlite_where=NO_MEASURE, postgresql_where=NO_MEASURE)
    op.create_table('checkpoint',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('last_event_id', BIG_ID, nullable=False),
    sa.Column('events', sa.Integer(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkpoint')),
    sa.UniqueConstraint('last_event_id', name=op.f('uq_checkpoint_last_event_id'))
    )
    refuse_changes()


def chain_events(connection: sa.Connection) -> None:
    """Give every event its number and hash, chain by chain."""
    of_event = sa.update(EVENT).where(EVENT.c.id == sa.bindparam('of')).values(
        seq=sa.bindparam('at_seq'), hash=sa.bindparam('with_hash'), changed=sa.bindparam('it_changed')
    )
    heads: dict[int | None, tuple[int, bytes]] = {}
    last = 0
    while True:
        rows = connection.execute(
            sa.select(EVENT).where(EVENT.c.id > last).order_by(EVENT.c.id).limit(AT_ONCE)
        ).mappings().all()
        if not rows:
            return
        last = rows[-1]['id']
        found = []
        for row in rows:
            seq, before = heads.get(row['measure_id'], (0, bytes(32)))
            changed = what_changed(row)
            at = row['at'] if row['at'].tzinfo else row['at'].replace(tzinfo=timezone.utc)
            told = [
                1, row['round_id'], row['measure_id'], seq + 1, row['kind'], row['actor_id'], row['on'].isoformat(),
                at.astimezone(timezone.utc).isoformat(timespec='microseconds'), row['from_state'], row['to_state'],
                row['data'], changed,
            ]
            line = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(',', ':'), allow_nan=False)
            heads[row['measure_id']] = seq + 1, hashlib.sha256(before + line.encode()).digest()
            found.append({'of': row['id'], 'at_seq': seq + 1, 'with_hash': heads[row['measure_id']][1],
                          'it_changed': changed})
        connection.execute(of_event, found)


def what_changed(row: sa.RowMapping) -> dict[str, list[object]] | None:
    """Return what an old event tells of the columns that it changed: [before, after]."""
    data = row["data"]
    changed: dict[str, list[object]] = {}
    if row['from_state'] and row['to_state']:
        changed['state'] = [row['from_state'], row['to_state']]
    if row['kind'] == 'measure:owner:assign':
        changed['owner_id'] = [None, data.get('to')]
    elif row['kind'] == 'measure:state:reassign':
        changed['owner_id'] = [data.get('from'), data.get('to')]
    elif row['kind'] == 'measure:extension:approve':
        changed['due'] = [data.get('old_due'), data.get('new_due')]
    elif row['kind'] == 'measure:state:rebound':
        changed['due'] = [data.get('before'), data.get('due')]
    elif row['kind'] == 'measure:progress:report':
        changed['percent'] = [data.get('before'), data.get('percent')]
    elif row['kind'] == 'measure:import:update' and 'due' in data:
        changed['due'] = data['due']
    return changed or None


def refuse_changes() -> None:
    """Let the database itself hold that the record is only ever added to."""
    if op.get_bind().dialect.name == 'sqlite':
        for table in ('event', 'checkpoint'):
            for what in ('UPDATE', 'DELETE'):
                op.execute(
                    f"CREATE TRIGGER {table}_refuses_{what.lower()} BEFORE {what} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END"
                )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'the record is append-only'; END$$"
    )
    for table in ('event', 'checkpoint'):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
