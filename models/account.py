"""How people get in: passwords, links that set them, open sign-ins, failed attempts, and tokens for programs.

No secret is kept: of passwords an Argon2 hash, of everything else the SHA-256 of 256 random bits.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Id, Short, refers_to

DIGEST = LargeBinary(32)


class Account(Base):
    """The password of a person who has set one."""

    __tablename__ = "account"
    id: Mapped[Id]
    person_id: Mapped[int] = refers_to("person.id")
    password_hash: Mapped[str]
    changed_at: Mapped[datetime]
    __table_args__ = (Index("uq_account_person_id", "person_id", unique=True),)


class AccountLink(Base):
    """A link that lets one person set a password, once."""

    __tablename__ = "account_link"
    id: Mapped[Id]
    digest: Mapped[bytes] = mapped_column(DIGEST, unique=True)
    person_id: Mapped[int] = refers_to("person.id", index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignIn(Base):
    """One browser in which a person is signed in; the row goes when they sign out."""

    __tablename__ = "sign_in"
    id: Mapped[Id]
    digest: Mapped[bytes] = mapped_column(DIGEST, unique=True)
    person_id: Mapped[int] = refers_to("person.id", index=True)
    how: Mapped[Code]  #: password, link or provider
    browser: Mapped[Short]  #: what it calls itself
    opened_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]  #: when the password was last given; None: when it was opened
    seen_at: Mapped[datetime] = mapped_column(index=True)  #: to a few minutes


class Attempt(Base):
    """Failed attempts to sign in, by what they are counted for."""

    __tablename__ = "attempt"
    subject: Mapped[str] = mapped_column(String(300), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)


class ApiToken(Base):
    """A token with which a program acts for a person."""

    __tablename__ = "api_token"
    id: Mapped[Id]
    digest: Mapped[bytes] = mapped_column(DIGEST, unique=True)
    person_id: Mapped[int] = refers_to("person.id", index=True)
    name: Mapped[Short]  #: what it is for, in the person's words
    scope: Mapped[Code]  #: read, or act (which includes reading)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]  #: to a few minutes
