"""What the workplace in the browser keeps.

Expands only: the release before goes on working with these tables beside its own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CROSSES = sa.text(
    "from_state IS NOT NULL AND ((from_state IN ('assigned', 'in_progress'))"
    " <> (to_state IN ('assigned', 'in_progress')) OR to_state IN ('closed', 'cancelled')"
    " OR from_state IN ('closed', 'cancelled'))"
)

IS_OPEN, IS_DECIDED = sa.text("verdict IS NULL"), sa.text("verdict IS NOT NULL")
IS_FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    """Create the tables."""
    # account: passwords, links, sign-ins, attempts, tokens
    op.create_table('account',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_account_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account'))
    )
    op.create_index('uq_account_person_id', 'account', ['person_id'], unique=True)
    op.create_table('account_link',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_account_link_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_link')),
    sa.UniqueConstraint('digest', name=op.f('uq_account_link_digest'))
    )
    op.create_index(op.f('ix_account_link_person_id'), 'account_link', ['person_id'], unique=False)
    op.create_table('sign_in',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('how', sa.String(length=64), nullable=False),
    sa.Column('browser', sa.String(length=200), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_sign_in_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in')),
    sa.UniqueConstraint('digest', name=op.f('uq_sign_in_digest'))
    )
    op.create_index(op.f('ix_sign_in_person_id'), 'sign_in', ['person_id'], unique=False)
    op.create_index(op.f('ix_sign_in_seen_at'), 'sign_in', ['seen_at'], unique=False)
    op.create_table('attempt',
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('subject', name=op.f('pk_attempt'))
    )
    op.create_index(op.f('ix_attempt_last_at'), 'attempt', ['last_at'], unique=False)
    op.create_table('api_token',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('scope', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_api_token_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('digest', name=op.f('uq_api_token_digest'))
    )
    op.create_index(op.f('ix_api_token_person_id'), 'api_token', ['person_id'], unique=False)
    # calendar_feed, kept_answer, webhook: what programs are given
    op.create_table('calendar_feed',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('content', sa.LargeBinary(length=32), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_calendar_feed_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_feed')),
    sa.UniqueConstraint('digest', name=op.f('uq_calendar_feed_digest'))
    )
    op.create_index('uq_calendar_feed_person_id', 'calendar_feed', ['person_id'], unique=True)
    op.create_table('kept_answer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(length=32), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('etag', sa.String(length=64), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_kept_answer_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_answer')),
    sa.UniqueConstraint('person_id', 'key', name=op.f('uq_kept_answer_person_id_key'))
    )
    op.create_index(op.f('ix_kept_answer_made_at'), 'kept_answer', ['made_at'], unique=False)
    op.create_table('webhook',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('secret', sa.String(length=200), nullable=False),
    sa.Column('kinds', sa.Text(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('passed', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('gave_up_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['made_by_id'], ['person.id'], name=op.f('fk_webhook_made_by_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook'))
    )
    # agenda_draft, minutes, decision_done: before and after a meeting
    op.create_table('agenda_draft',
    sa.Column('meeting_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('order', sa.JSON(), nullable=False),
    sa.Column('removed', sa.JSON(), nullable=False),
    sa.Column('added', sa.JSON(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_agenda_draft_meeting_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('meeting_id', name=op.f('pk_agenda_draft'))
    )
    op.create_table('minutes',
    sa.Column('meeting_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('present', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('written_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_minutes_meeting_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['written_by_id'], ['person.id'], name=op.f('fk_minutes_written_by_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('meeting_id', name=op.f('pk_minutes'))
    )
    op.create_table('decision_done',
    sa.Column('decision_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_decision_done_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_decision_done_decision_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('decision_id', name=op.f('pk_decision_done'))
    )
    # agenda: each version keeps the day that it was for
    op.add_column('agenda', sa.Column('held_on', sa.Date(), nullable=True))
    op.execute("UPDATE agenda SET held_on = (SELECT meeting.held_on FROM meeting WHERE meeting.id = agenda.meeting_id)")
    # decision: which line of the agenda it was taken about
    op.add_column('decision', sa.Column('subject', sa.String(length=64), nullable=True))
    # measure: codes are found by their beginning
    if op.get_bind().dialect.name == 'postgresql':
        op.alter_column('measure', 'code', type_=sa.String(length=64, collation='C'))
    # saved_view: ways to look at a ledger
    op.create_table('saved_view',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_saved_view_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_saved_view_round_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
    sa.UniqueConstraint('person_id', 'round_id', 'name', name=op.f('uq_saved_view_person_id_round_id_name'))
    )
    # accountability: restricted outcomes
    op.create_table('accountability_outcome',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('finding_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('measure_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.Enum('talk', 'self_criticism', 'circular', 'admonition', 'post', 'party', 'administrative', 'reorganised', 'referred', name='outcomekind', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('recorded_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seal', sa.String(length=64), nullable=False),
    sa.CheckConstraint('(person_id IS NULL) <> (unit_id IS NULL)', name=op.f('ck_accountability_outcome_person_or_unit')),
    sa.ForeignKeyConstraint(['finding_id'], ['finding.id'], name=op.f('fk_accountability_outcome_finding_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['measure_id'], ['measure.id'], name=op.f('fk_accountability_outcome_measure_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_accountability_outcome_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_accountability_outcome_recorded_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_accountability_outcome_round_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_accountability_outcome_unit_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accountability_outcome'))
    )
    op.create_index('ix_accountability_outcome_round_id_decided_on', 'accountability_outcome', ['round_id', 'decided_on'], unique=False)

    # checklist: what a verification asks, and what was answered
    op.create_table('checklist',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checklist')),
    sa.UniqueConstraint('digest', name=op.f('uq_checklist_digest'))
    )
    reference = sa.ForeignKey('checklist.id', name=op.f('fk_verification_checklist_id'))
    op.add_column('verification', sa.Column('checklist_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), reference, nullable=True), inline_references=True)
    op.create_index('ix_verification_waiting', 'verification', ['verifier_id', 'requested_on', 'id'], unique=False, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
    op.create_index('ix_verification_decided_at_id', 'verification', ['decided_at', 'id'], unique=False, sqlite_where=IS_DECIDED, postgresql_where=IS_DECIDED)
    op.create_table('checklist_answer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('verification_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('question', sa.String(length=64), nullable=False),
    sa.Column('answer', sa.Enum('yes', 'no', 'na', name='answer', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('evidence_digest', sa.String(length=64), nullable=False),
    sa.Column('by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_checklist_answer_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['verification_id'], ['verification.id'], name=op.f('fk_checklist_answer_verification_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checklist_answer')),
    sa.UniqueConstraint('verification_id', 'question', name=op.f('uq_checklist_answer_verification_id_question'))
    )
    # site_visit: on-site checks with their photos
    op.create_table('site_visit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('verification_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('present', sa.Text(), nullable=False),
    sa.Column('checked', sa.Text(), nullable=False),
    sa.Column('found', sa.Text(), nullable=False),
    sa.Column('by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_site_visit_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['verification_id'], ['verification.id'], name=op.f('fk_site_visit_verification_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_visit'))
    )
    op.create_index(op.f('ix_site_visit_verification_id'), 'site_visit', ['verification_id'], unique=False)
    op.create_table('site_photo',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['visit_id'], ['site_visit.id'], name=op.f('fk_site_photo_visit_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_photo'))
    )
    op.create_index(op.f('ix_site_photo_visit_id'), 'site_photo', ['visit_id'], unique=False)
    # my work: what a unit helps with, and what was given up
    op.create_index('ix_co_unit_unit_id_measure_id', 'co_unit', ['unit_id', 'measure_id'], unique=False)
    op.create_index('ix_delivery_failed', 'delivery', ['id'], unique=False, sqlite_where=IS_FAILED, postgresql_where=IS_FAILED)
    # board: what it counts of the record
    op.create_index('ix_event_crosses', 'event', ['round_id', 'on', 'measure_id', 'from_state', 'to_state'], unique=False, sqlite_where=CROSSES, postgresql_where=CROSSES)


def downgrade() -> None:
    """Drop them, the last first."""
    # board
    op.drop_index('ix_event_crosses', table_name='event', sqlite_where=CROSSES, postgresql_where=CROSSES)
    # my work
    op.drop_index('ix_delivery_failed', table_name='delivery', sqlite_where=IS_FAILED, postgresql_where=IS_FAILED)
    op.drop_index('ix_co_unit_unit_id_measure_id', table_name='co_unit')
    # verification: visits, answers, checklists
    op.drop_table('site_photo')
    op.drop_table('site_visit')
    op.drop_table('checklist_answer')
    op.drop_index('ix_verification_decided_at_id', table_name='verification', sqlite_where=IS_DECIDED, postgresql_where=IS_DECIDED)
    op.drop_index('ix_verification_waiting', table_name='verification', sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
    with op.batch_alter_table('verification') as batch:
        batch.drop_column('checklist_id')
    op.drop_table('checklist')
    # accountability
    op.drop_index('ix_accountability_outcome_round_id_decided_on', table_name='accountability_outcome')
    op.drop_table('accountability_outcome')
    # measure
    if op.get_bind().dialect.name == 'postgresql':
        op.alter_column('measure', 'code', type_=sa.String(length=64, collation='default'))
    # decision, agenda
    with op.batch_alter_table('decision') as batch:
        batch.drop_column('subject')
    with op.batch_alter_table('agenda') as batch:
        batch.drop_column('held_on')
    # account
    for table in ('decision_done', 'minutes', 'agenda_draft', 'webhook', 'kept_answer', 'calendar_feed', 'saved_view', 'api_token', 'attempt', 'sign_in', 'account_link', 'account'):
        op.drop_table(table)
