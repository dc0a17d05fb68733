"""The operator's settings: environment variables `DUBAN_*`.  Read once, by an entry point; never below it."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.rules.outgoing import LOOPBACK
from engine.rules.text import N_

LAST_PORT = 65535
SMTP_PORTS = {"tls": 465, "starttls": 587, "none": 25}
ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+")
SERVICE = re.compile(r"[A-Za-z][A-Za-z0-9]*://.")  #: how Apprise's addresses begin


class Settings(BaseSettings):
    """All settings, with their defaults.  A wrong value is refused when the program starts."""

    model_config = SettingsConfigDict(
        env_prefix="DUBAN_", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    home: Path = Field(default=Path("duban-data"), description="Folder of the database, documents and outgoing mail.")
    database_url: str | None = Field(
        default=None, description="sqlite:///… or postgresql+psycopg://…; by default duban.db in DUBAN_HOME."
    )
    config: Path | None = Field(
        default=None,
        description="Folder with your own lifecycle.yaml, ladder.yaml, round.yaml, schedule.yaml; by default "
        "DUBAN_HOME/config, and for each file that is absent there the one that ships with Duban.",
    )
    language: Literal["zh_CN", "en"] = Field(default="zh_CN", description="Language of screen, documents and mail.")
    channels: tuple[Literal["inbox", "eml", "smtp"], ...] = Field(
        default=("inbox", "eml"), description='Channels of delivery, as JSON: ["inbox", "smtp"].'
    )
    smtp_host: str | None = Field(default=None, description="Mail server, for the channel smtp.")
    smtp_port: int | None = Field(
        default=None, ge=1, le=LAST_PORT, description="Its port; by default 465 (tls), 587 (starttls) or 25 (none)."
    )
    smtp_security: Literal["tls", "starttls", "none"] = Field(
        default="starttls", description="How the conversation is protected: from its first byte, by STARTTLS, or not."
    )
    smtp_user: str | None = Field(default=None, description="Who signs in there; nobody does without it.")
    smtp_password: SecretStr | None = Field(default=None, description="With which password.")
    smtp_from: str | None = Field(default=None, description="The address that mail comes from.")
    smtp_authorities: Path | None = Field(
        default=None, description="File with the certificates to trust instead of the system's (PEM)."
    )
    wecom_robot_url: SecretStr | None = Field(
        default=None, description="Address of a WeCom group robot, which posts each working day's summary there."
    )
    dingtalk_robot_url: SecretStr | None = Field(default=None, description="The same of a DingTalk group robot.")
    dingtalk_robot_secret: SecretStr | None = Field(
        default=None, description="What its posts are signed with, where it asks for signatures."
    )
    feishu_robot_url: SecretStr | None = Field(default=None, description="The same of a Feishu group robot.")
    feishu_robot_secret: SecretStr | None = Field(
        default=None, description="What its posts are signed with, where it asks for signatures."
    )
    apprise_urls: SecretStr | None = Field(
        default=None, description="Addresses of further group chats as the Apprise library writes them, spaces between."
    )
    log: Literal["json", "plain"] = Field(
        default="json", description="Form of logs/duban.log and of what `duban serve` writes for a service manager."
    )
    heartbeat_url: SecretStr | None = Field(
        default=None,
        description="Web address that hears of every watchdog run: itself when all is well, else with /fail after it.",
    )
    batch: int = Field(default=2500, ge=1, le=20000, description="Timers per transaction of the sweep.")
    sweepers: int = Field(
        default=1, ge=1, le=64, description="Processes that share a deployed daily sweep, its own one included."
    )

    listen: str = Field(
        default="127.0.0.1:8765",
        description="Where duban serve answers over HTTP: host:port; port 0 takes a free one; off: nowhere.",
    )

    address: str | None = Field(
        default=None,
        description="How people reach the workplace, such as https://duban.office.example: for links passed on.",
    )
    webhook_networks: tuple[str, ...] = Field(
        default=(),
        description="Networks of this machine itself that webhooks may call all the same, as JSON; none without it.",
    )
    proxies: tuple[str, ...] = Field(
        default=("127.0.0.1", "::1"),
        description="Addresses or networks of web servers before it, as JSON: what they say of who asks is believed.",
    )
    upload_megabytes: int = Field(
        default=50, ge=1, le=10000, description="Largest piece of evidence that may be uploaded, in megabytes."
    )
    oidc_issuer: str | None = Field(
        default=None, description="OpenID Connect provider of the office, to sign in with; none without it."
    )
    oidc_client_id: str | None = Field(default=None, description="What Duban is called there.")
    oidc_client_secret: SecretStr | None = Field(default=None, description="And its secret.")
    oidc_claim: str = Field(
        default="preferred_username", description="What the provider says of somebody that is their sign-in name here."
    )
    oidc_authorities: Path | None = Field(
        default=None, description="File with the certificates to trust for it instead of the system's (PEM)."
    )

    @field_validator("channels")
    @classmethod
    def _reach_people(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse no channel at all: nobody would ever hear anything."""
        if not value:
            raise ValueError(N_("at least one channel is needed"))
        return value

    @field_validator("heartbeat_url")
    @classmethod
    def _can_be_called(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse what is no address of a web server; `file:` above all."""
        if value is not None:
            parts = urlsplit(value.get_secret_value())
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError(N_("an address such as https://monitor.example/ping/duban was expected"))
        return value

    @field_validator("wecom_robot_url", "dingtalk_robot_url", "feishu_robot_url")
    @classmethod
    def _posts_to_a_group(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse what is no address of a web server, without telling it."""
        if value is not None:
            parts = urlsplit(value.get_secret_value())
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError(N_("the address that the group robot shows was expected, which begins with https://"))
        return value

    @field_validator("apprise_urls")
    @classmethod
    def _name_services(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse what begins with no service, without telling it."""
        if value is not None and not all(map(SERVICE.match, value.get_secret_value().split())):
            raise ValueError(N_("addresses such as slack://… were expected, with spaces between them"))
        return value

    @field_validator("address")
    @classmethod
    def _leads_here(cls, value: str | None) -> str | None:
        """Refuse what is no address of a web server alone."""
        if value is None:
            return None
        parts = urlsplit(value)
        is_more = parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username
        if parts.scheme not in {"http", "https"} or not parts.hostname or is_more:
            raise ValueError(N_("an address such as https://duban.office.example was expected"))
        return f"{parts.scheme}://{parts.netloc.lower()}"

    @field_validator("proxies", "webhook_networks")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse names, and a star above all: whoever is believed says where failed attempts come from."""
        try:
            for one in value:
                ip_network(one)
        except ValueError:
            raise ValueError(
                N_("{value} is no IP address or network, such as 10.0.0.5 or 10.0.0.0/24", value=one)
            ) from None
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _cannot_be_overheard(cls, value: str | None) -> str | None:
        """Refuse a provider that is reached without encryption, but on this machine."""
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
                raise ValueError(N_("an address such as https://login.office.example was expected"))
        return value

    @field_validator("smtp_from")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        """Refuse what is no address."""
        if value is not None and not ADDRESS.fullmatch(value):
            raise ValueError(N_("an e-mail address was expected, such as duban@office.example"))
        return value

    @field_validator("listen")
    @classmethod
    def _is_place(cls, value: str) -> str:
        """Refuse what names no host and port."""
        if value != "off":
            host, _, port = value.rpartition(":")
            if not host or not (port.isascii() and port.isdigit()) or int(port) > LAST_PORT:
                raise ValueError(N_("host:port was expected, such as 127.0.0.1:8765, or off"))
        return value

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        """Refuse mail and providers that are named by half, and a password that everybody on the line could read."""
        if "smtp" in self.channels and not (self.smtp_host and self.smtp_from):
            raise ValueError(N_("the channel smtp needs DUBAN_SMTP_HOST and DUBAN_SMTP_FROM"))
        if self.smtp_password and self.smtp_security == "none" and self.smtp_host not in LOOPBACK:
            raise ValueError(N_("a password needs tls or starttls in DUBAN_SMTP_SECURITY"))
        if self.dingtalk_robot_secret and not self.dingtalk_robot_url:
            raise ValueError(N_("DUBAN_DINGTALK_ROBOT_SECRET needs DUBAN_DINGTALK_ROBOT_URL"))
        if self.feishu_robot_secret and not self.feishu_robot_url:
            raise ValueError(N_("DUBAN_FEISHU_ROBOT_SECRET needs DUBAN_FEISHU_ROBOT_URL"))
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret):
            raise ValueError(N_("DUBAN_OIDC_ISSUER needs DUBAN_OIDC_CLIENT_ID and DUBAN_OIDC_CLIENT_SECRET"))
        return self

    @property
    def called_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks that webhooks may call though they belong to this machine."""
        return tuple(map(ip_network, self.webhook_networks))

    @property
    def apprise_addresses(self) -> tuple[str, ...]:
        """The addresses of further group chats; each is a secret."""
        return tuple(self.apprise_urls.get_secret_value().split()) if self.apprise_urls else ()

    @property
    def smtp_at(self) -> int:
        """The mail server's port."""
        return self.smtp_port or SMTP_PORTS[self.smtp_security]

    @property
    def listen_at(self) -> tuple[str, int] | None:
        """Host and port of the web pages; None: they are off."""
        if self.listen == "off":
            return None
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def database(self) -> str:
        """The database's address."""
        return self.database_url or f"sqlite:///{self.home / 'duban.db'}"

    @property
    def config_folder(self) -> Path:
        """Where the operator's own policy files are looked for."""
        return self.config or self.home / "config"
