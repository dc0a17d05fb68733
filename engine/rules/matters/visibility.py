"""Who sees the matters of a kind, as its file says: a union of people, units and roles.  Pure."""

from __future__ import annotations

from enum import StrEnum


class Circle(StrEnum):
    """Who sees a matter by being near to it; roles of the house stand beside these words."""

    PEOPLE = "people"  #: who opened, owns, leads or verifies it, and the people its fields name
    UNIT = "unit"  #: everybody in the unit that answers for it, and in those that help
    ORGANISATION = "organisation"  #: everybody in its organisation
    ABOVE = "above"  #: those who lead the organisations above
