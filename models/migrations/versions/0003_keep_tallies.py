"""keep tallies

Revision ID: 0003
Revises: 0002

Triggers keep count of the measures by round, unit and state; those that are there are counted once, here.  Indexes
answer the pages of a ledger.
"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
STATES = ('assigned', 'in_progress', 'submitted', 'verified', 'closed', 'cancelled')
NEW_INDEXES = {
    'ix_measure_round_id_state_due_id': ['round_id', 'state', 'due', 'id'],
    'ix_measure_round_id_state_position_id': ['round_id', 'state', 'position', 'id'],
    'ix_measure_unit_id_round_id_state_due_id': ['unit_id', 'round_id', 'state', 'due', 'id'],
    'ix_measure_owner_id_round_id_due_id': ['owner_id', 'round_id', 'due', 'id'],
    'ix_measure_lead_id_round_id_due_id': ['lead_id', 'round_id', 'due', 'id'],
}
OLD_INDEXES = ('ix_measure_round_id_state_due', 'ix_measure_unit_id', 'ix_measure_owner_id', 'ix_measure_lead_id')


def upgrade() -> None:
    for name, columns in NEW_INDEXES.items():
        op.create_index(name, 'measure', columns)
    for name in OLD_INDEXES:
        op.drop_index(name, 'measure')
    op.create_table('tally',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('round_id', BIG_ID, nullable=False),
    sa.Column('unit_id', BIG_ID, nullable=True),
    sa.Column('state', sa.Enum(*STATES, name='state', native_enum=False, create_constraint=True, length=20),
              nullable=False),
    sa.Column('measures', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tally'))
    )
    op.create_index('ix_tally_round_id_unit_id_state', 'tally', ['round_id', 'unit_id', 'state'])
    is_sqlite = op.get_bind().dialect.name == 'sqlite'
    if not is_sqlite:
        op.execute('LOCK TABLE measure IN SHARE ROW EXCLUSIVE MODE')  # nobody writes between the count and the triggers
    op.execute(
        'INSERT INTO tally (round_id, unit_id, state, measures) '
        'SELECT round_id, unit_id, state, count(*) FROM measure GROUP BY round_id, unit_id, state'
    )
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(statement)


SQLITE = (
    """CREATE TRIGGER measure_tallies_insert AFTER INSERT ON measure
BEGIN
    UPDATE tally SET measures = measures + 1
    WHERE round_id = NEW.round_id AND unit_id IS NEW.unit_id AND state = NEW.state;
    INSERT INTO tally (round_id, unit_id, state, measures)
    SELECT NEW.round_id, NEW.unit_id, NEW.state, 1 WHERE changes() = 0;
END""",
    """CREATE TRIGGER measure_tallies_delete AFTER DELETE ON measure
BEGIN
    UPDATE tally SET measures = measures - 1
    WHERE round_id = OLD.round_id AND unit_id IS OLD.unit_id AND state = OLD.state;
END""",
    """CREATE TRIGGER measure_tallies_update AFTER UPDATE OF round_id, unit_id, state ON measure
WHEN (OLD.round_id, OLD.unit_id, OLD.state) IS NOT (NEW.round_id, NEW.unit_id, NEW.state)
BEGIN
    UPDATE tally SET measures = measures - 1
    WHERE round_id = OLD.round_id AND unit_id IS OLD.unit_id AND state = OLD.state;
    UPDATE tally SET measures = measures + 1
    WHERE round_id = NEW.round_id AND unit_id IS NEW.unit_id AND state = NEW.state;
    INSERT INTO tally (round_id, unit_id, state, measures)
    SELECT NEW.round_id, NEW.unit_id, NEW.state, 1 WHERE changes() = 0;
END""",
    """CREATE TRIGGER measure_refuses_insert BEFORE INSERT ON measure
WHEN EXISTS (SELECT 1 FROM measure WHERE id = NEW.id OR (round_id = NEW.round_id AND code = NEW.code))
BEGIN
    SELECT RAISE(ABORT, 'the round has a measure of this code');
END""",
    """CREATE TRIGGER measure_refuses_update BEFORE UPDATE OF id, round_id, code ON measure
WHEN EXISTS (
    SELECT 1 FROM measure WHERE id <> OLD.id AND (id = NEW.id OR (round_id = NEW.round_id AND code = NEW.code))
)
BEGIN
    SELECT RAISE(ABORT, 'the round has a measure of this code');
END""",
)
POSTGRESQL = (
    """CREATE FUNCTION tally_measures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO tally (round_id, unit_id, state, measures)
        VALUES (OLD.round_id, OLD.unit_id, OLD.state, -1), (NEW.round_id, NEW.unit_id, NEW.state, 1);
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO tally (round_id, unit_id, state, measures)
        SELECT round_id, unit_id, state, count(*) FROM changed GROUP BY round_id, unit_id, state;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO tally (round_id, unit_id, state, measures)
        SELECT round_id, unit_id, state, -count(*) FROM changed GROUP BY round_id, unit_id, state;
    ELSE
        DELETE FROM tally;
    END IF;
    RETURN NULL;
END $$""",
    """CREATE TRIGGER measure_tallies_insert AFTER INSERT ON measure REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION tally_measures()""",
    """CREATE TRIGGER measure_tallies_delete AFTER DELETE ON measure REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION tally_measures()""",
    """CREATE TRIGGER measure_tallies_update AFTER UPDATE OF round_id, unit_id, state ON measure FOR EACH ROW
WHEN ((OLD.round_id, OLD.unit_id, OLD.state) IS DISTINCT FROM (NEW.round_id, NEW.unit_id, NEW.state))
EXECUTE FUNCTION tally_measures()""",
    """CREATE TRIGGER measure_tallies_truncate AFTER TRUNCATE ON measure
FOR EACH STATEMENT EXECUTE FUNCTION tally_measures()""",
)
