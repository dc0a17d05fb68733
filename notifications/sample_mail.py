"""Sends a sample message at once, outside the outbox, to see whether it arrives."""

from __future__ import annotations

from collections.abc import Mapping

from engine.rules.moment import Moment
from engine.rules.text import Text
from notifications.invitation import invitations_of
from notifications.kinds import MessageKind
from notifications.link_mail import INBOX
from notifications.render import Renderer
from notifications.samples import sample
from notifications.senders import Mail, Sender, SendFailed
from notifications.template_set import TemplateSet


def send_sample(
    senders: Mapping[str, Sender],
    kind: MessageKind,
    *,
    to: str,
    language: str,
    moment: Moment,
    templates: TemplateSet,
) -> dict[str, Text | None]:
    """Hand a sample to every channel that leads out; return what each answered: None where it was taken."""
    digest = sample(kind, language)
    message = Renderer(language, templates).render(digest)
    mail = Mail(
        digest=digest.digest,
        message_id=f"<sample-{kind.value}.{moment.at:%Y%m%d%H%M%S}@duban>",
        to_code="sample",
        to_name=to,
        to_address=to,
        subject=message.subject,
        text=message.text,
        html=message.html,
        language=language,
        on=moment.on,
        sent_at=moment.at,
        invitations=invitations_of(digest, at=moment.at),
    )
    answers: dict[str, Text | None] = {}
    for channel, sender in senders.items():
        if channel == INBOX:
            continue
        try:
            sender.send(mail)
            answers[channel] = None
        except SendFailed as refused:
            answers[channel] = refused.text
        finally:
            sender.close()
    return answers
