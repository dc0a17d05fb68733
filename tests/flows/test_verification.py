"""The verification run: submitted measures get their verifiers, who hear of it at once."""

import pytest

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.submit_measure import submit_measure
from engine.rules.refusal import NotAllowed, WrongState
from flows.house import House
from flows.verification import run_verification
from models import Absence
from tests.flows.conftest import files, rows
from tests.world import World


def asked(town: World) -> list[tuple[str, str | None]]:
    return [(line.to, line.measure) for line in town.said(kind="verification_asked")]


def test_verification_when_triggered_gives_every_waiting_measure_its_verifier(house: House, town: World):
    town.submitted("1-01", verifier=None)
    town.submitted("1-02", verifier=None)
    town.in_progress("1-03")
    report = run_verification(house, town.moment, person="lin")
    assert (report.run, report.notifications, report.failed, report.notes) == ("verification", 2, 0, report.notes)
    assert sorted(code for _, code in asked(town) if code) == ["1-01", "1-02"]
    names = {"zhou": "周核验", "wu": "吴核验"}
    assert report.notes == [f"{code} is verified by {names[who]}" for who, code in asked(town)]
    verifiers = {who for who, _ in asked(town)}
    assert verifiers <= {"zhou", "wu"}
    assert {name.split("/")[-1].split("-")[0] for name in files(house.home)} >= verifiers


def test_verification_when_triggered_twice_asks_nobody_twice(house: House, town: World):
    town.submitted(verifier=None)
    run_verification(house, town.moment, person="lin")
    before, kept, said = rows(house.engine), files(house.home), asked(town)
    report = run_verification(house, town.moment, person="lin")
    assert (report.notifications, report.sent) == (0, 0)
    assert run_verification(house, town.moment, person="lin", codes=["1-01"]).sent == 0
    assert (rows(house.engine), files(house.home), asked(town)) == (before, kept, said)


def test_verification_when_one_is_named_goes_to_the_one_named(house: House, town: World):
    town.submitted("1-01", verifier=None)
    town.submitted("1-02", verifier=None)
    report = run_verification(house, town.moment, person="lin", codes=["1-02"], verifier="zhou")
    assert report.notifications == 1
    assert asked(town) == [("zhou", "1-02")]


def test_verification_when_one_of_those_named_cannot_starts_none(house: House, town: World):
    town.submitted("1-01", verifier=None)
    town.in_progress("1-02")
    before = rows(house.engine)
    with pytest.raises(WrongState):
        run_verification(house, town.moment, person="lin", codes=["1-01", "1-02"])
    assert (rows(house.engine), asked(town)) == (before, [])


def test_verification_when_nobody_may_verify_one_names_it_and_starts_the_others(house: House, town: World):
    code = town.measure("1-01", owner="tang", unit_id=town.units["二处"])
    town.act("tang", accept_measure, code)
    town.act("tang", attach_evidence, code, name="会议纪要.pdf", sha256="ab" * 32)
    town.act("tang", submit_measure, code)
    town.submitted("1-02", verifier=None)
    with town.sessions.begin() as session:
        away = {"person_id": town.people["wu"], "first_day": town.today, "last_day": town.today}
        session.add(Absence(**away, substitute_id=town.people["lin"]))
    report = run_verification(house, town.moment, person="lin")
    assert asked(town) == [("zhou", "1-02")], "zhou is of the same unit as tang, and wu is away"
    assert (report.notifications, report.failed) == (1, 1)
    refused, started = report.notes
    assert refused.startswith("1-01: ")
    assert started == "1-02 is verified by 周核验"


def test_verification_when_somebody_else_triggers_it_is_refused(house: House, town: World):
    town.submitted(verifier=None)
    before = rows(house.engine)
    with pytest.raises(NotAllowed):
        run_verification(house, town.moment, person="wang")
    assert rows(house.engine) == before
