"""What an import may not do alone: trusted roles, and the e-mail of who holds trust.  Part of `import_people`.

Such rows become requests that wait for a second person, and the report says so; the rest is stored.  While nobody holds
trust the house is being set up, and everything is as the file says; with one holder it takes effect at once and is
told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from engine.actions.ask_trust import TrustGround, WantedTrust, ask_all, asked_already, is_asked, key_of
from engine.reads.trust import guarded, read_holders
from engine.rules.import_report import ImportReport
from engine.rules.names import ROLE_NAMES
from engine.rules.text import N_
from engine.rules.trust import TRUSTED, TrustKind, TrustState, is_alone, what
from engine.rules.vocabulary import Role
from models import Person, TrustRequest


@dataclass(slots=True, kw_only=True)
class ImportTrust:
    """What one import must ask for."""

    ground: TrustGround
    report: ImportReport
    is_founding: bool = field(init=False)  #: nobody holds trust yet
    takes_effect: bool = field(init=False)  #: fewer than two people do
    _guarded: frozenset[int] = field(init=False)
    _wanted: list[tuple[str, WantedTrust]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read who holds trust before the import."""
        holders = read_holders(self.ground.session)
        self.is_founding, self.takes_effect = not holders, is_alone(holders)
        self._guarded = guarded(self.ground.session, self.ground.moment)

    def may_grant(self, called: str, person: Person, role: Role) -> bool:
        """Return whether a role is given now; else note what becomes of it."""
        if person.id == self.ground.actor:
            told = N_("{code}: nobody gives themselves the role {role}", code=called, role=ROLE_NAMES[role])
            self.report.kept.append(told)
            return False
        data = {"name": person.name, "role": role.value}
        wanted = WantedTrust(kind=TrustKind.ROLE, person=person.id, gains=person.id, data=data)
        return role not in TRUSTED or self._may(called, wanted)

    def may_change_email(self, called: str, person: Person, email: str | None) -> bool:
        """Return whether an e-mail is set now; else note what becomes of it."""
        if email in {None, person.email} or person.id not in self._guarded:
            return True
        data = {"name": person.name, "email": [person.email, email]}
        return self._may(called, WantedTrust(kind=TrustKind.WAY_IN, person=person.id, data=data))

    def _may(self, called: str, wanted: WantedTrust) -> bool:
        if not self.is_founding:
            self._wanted.append((called, wanted))
        return self.takes_effect

    def ask(self) -> None:
        """Ask for what was wanted, but for what is asked already or was refused, and tell it in the report."""
        if not self._wanted:
            return
        session = self.ground.session
        already = asked_already(session, self.ground.moment)
        refused = self._refused()
        fresh = []
        for called, one in self._wanted:
            about = {"code": called, "what": what(one.kind, one.data)}
            if is_asked(one, refused):
                self.report.kept.append(N_("{code}: {what}: this was refused, and is not asked again", **about))
            elif is_asked(one, already):
                self.report.kept.append(N_("{code}: {what}: this waits for a second person already", **about))
            else:
                fresh.append(one)
                if not self.takes_effect:
                    told = N_("{code}: {what}: this waits for a second person who holds trust", **about)
                    self.report.kept.append(told)
        ask_all(self.ground, fresh, alone=self.takes_effect)

    def _refused(self) -> Sequence[tuple[object, ...]]:
        rows = self.ground.session.execute(
            select(TrustRequest.kind, TrustRequest.person_id, TrustRequest.data).where(
                TrustRequest.state == TrustState.REFUSED,
                TrustRequest.person_id.in_({one.person for _, one in self._wanted}),
            )
        ).tuples()
        return [key_of(kind, person, data) for kind, person, data in rows]
