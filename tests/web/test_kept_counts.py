"""The count beside *My work*: on every page, and true again at once after one's own change."""

from __future__ import annotations

from datetime import date

from tests.web.house import Page, Premises
from web.kept_counts import MOST, SECONDS, KeptCounts

DAY = date(2025, 9, 10)


def shown(page: Page) -> str:
    return str(page.tree.xpath('string(//nav//a[@href="/work"]/span[@class="count"])'))


def test_count_when_it_is_kept_is_counted_anew_after_a_while_on_another_day_and_when_forgotten():
    now, made = 0.0, 0

    def count() -> int:
        nonlocal made
        made += 1
        return made

    kept = KeptCounts(clock=lambda: now)
    assert [kept.get(1, DAY, count), kept.get(1, DAY, count), kept.get(2, DAY, count)] == [1, 1, 2]
    now = SECONDS
    assert kept.get(1, DAY, count) == 3
    assert kept.get(1, date(2025, 9, 11), count) == 4
    kept.forget(1)
    assert kept.get(1, DAY, count) == 5


def test_counts_when_there_are_many_people_are_kept_of_the_last_ones_only():
    kept = KeptCounts()
    for person in range(MOST + 5):
        kept.keep(person, DAY, person)
    assert kept.get(0, DAY, lambda: -1) == -1
    assert kept.get(MOST + 4, DAY, lambda: -1) == MOST + 4


def test_count_when_somebody_acts_is_true_on_the_next_page(either_premises: Premises):
    premises = either_premises
    premises.world.measure()
    premises.world.submitted("1-02")
    owner, verifier = premises.visitor("wang"), premises.visitor("wu")
    assert (shown(owner.get("/account")), shown(verifier.get("/account"))) == ("1", "1")
    there = f"/rounds/{premises.round}/measures/1-02"
    owner.post(f"/rounds/{premises.round}/measures/1-01/accept")
    owner.post(f"/rounds/{premises.round}/measures/1-01/evidence", reference="纪要")
    owner.post(f"/rounds/{premises.round}/measures/1-01/submit")
    assert shown(owner.get(there)) == ""
    assert shown(premises.visitor("tang").get("/account")) == ""
