"""Trust over the interface: a role is asked for, listed, and confirmed by a second person."""

from __future__ import annotations

from tests.web.api.conftest import Office


def test_trust_when_asked_over_the_interface_then_a_second_person_confirms_it(office: Office):
    lin, jian = office.program("lin"), office.program("jian")
    asked = lin.post("/people/sun/roles", {"role": "verifier"})
    assert (asked.status_code, asked.json()) == (200, {"waits": 1})
    assert lin.post("/trust-requests/1/confirm").status_code == 403
    (listed,) = jian.get("/trust-requests").json()["requests"]
    assert (listed["number"], listed["state"], listed["may_confirm"], listed["person"]) == (1, "waiting", True, "sun")
    assert jian.post("/trust-requests/1/confirm").json()["state"] == "confirmed"
    assert jian.post("/trust-requests/1/refuse", {"reason": "x"}).status_code == 409
    assert lin.post("/people/sun/roles/revoke", {"role": "verifier"}).status_code == 204
    lin.post("/people/sun/roles", {"role": "verifier"})
    assert lin.post("/trust-requests/2/withdraw").json()["state"] == "withdrawn"
    assert office.program("wang").get("/trust-requests").status_code == 403
