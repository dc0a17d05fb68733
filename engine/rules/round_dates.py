"""The dates of a round that follow from the day of the feedback.  Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.rules.policy_words import known_keys, mapping_at, whole_number
from engine.rules.quiet_hours import QuietHours, parse_quiet_hours
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_
from engine.rules.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A span after the feedback: calendar months, then working days."""

    months: int
    working_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRules:
    """What config/round.yaml says."""

    plan_due: Span
    concentrated_end: Span
    report_due: Span
    coordinator_may_close: bool
    first_year: int  #: first year of the calendar
    years_ahead: int  #: how many years after the present one the calendar reaches
    digests_per_day: int
    quiet: QuietHours | None  #: None: people are never left in peace


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundDates:
    """The round's own deadlines."""

    plan_due: date
    concentrated_end: date
    report_due: date


def months_later(day: date, months: int) -> date:
    """Return the same day `months` later, or the month's last day where that month is shorter.

    >>> months_later(date(2025, 8, 31), 6)
    datetime.date(2026, 2, 28)
    >>> months_later(date(2024, 2, 29), 12)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def round_dates(feedback_on: date, rules: RoundRules, calendar: WorkingCalendar) -> RoundDates:
    """Return the round's deadlines; without working days a date stands as it is, even on a holiday."""

    def after(span: Span) -> date:
        day = months_later(feedback_on, span.months)
        return calendar.shift(day, span.working_days) if span.working_days else day

    return RoundDates(
        plan_due=after(rules.plan_due),
        concentrated_end=after(rules.concentrated_end),
        report_due=after(rules.report_due),
    )


def parse_round_rules(plain: Mapping[str, Any]) -> RoundRules:
    """Build the rules from `plain` (the content of round.yaml).  Raises PolicyFault with the path to the value."""
    spans = ("plan_due", "concentrated_end", "report_due")
    known_keys(plain, {"version", *spans, "coordinator_may_close", "calendar", "digests_per_day", "quiet"}, ())
    may_close = plain.get("coordinator_may_close", False)
    if not isinstance(may_close, bool):
        raise PolicyFault(("coordinator_may_close",), N_("true or false was expected"))
    calendar = mapping_at(plain, "calendar", ())
    known_keys(calendar, {"first_year", "years_ahead"}, ("calendar",))
    return RoundRules(
        **{name: _parse_span(plain, name) for name in spans},
        coordinator_may_close=may_close,
        first_year=whole_number(calendar, "first_year", ("calendar",), least=2004, most=2100),
        years_ahead=whole_number(calendar, "years_ahead", ("calendar",), least=1, most=30),
        digests_per_day=whole_number(plain, "digests_per_day", (), least=1, most=100),
        quiet=parse_quiet_hours(plain, "quiet"),
    )


def _parse_span(plain: Mapping[str, Any], name: str) -> Span:
    body = mapping_at(plain, name, ())
    known_keys(body, {"months", "working_days"}, (name,))
    return Span(
        months=whole_number(body, "months", (name,), least=0, most=60),
        working_days=whole_number(body, "working_days", (name,), least=0, most=250),
    )
