"""Mail by SMTP. One connection for each message: an office sends a few dozen a day."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr

from services.ports import Cure, DeliveryRefused, NotSent, OutgoingMail

PATIENCE = 10.0
"""Seconds for one answer of the server."""

PERMANENT = range(500, 600)
"""Replies that will be the same next time (RFC 5321, 4.2.1)."""


@dataclass(frozen=True)
class SmtpMail:
    """A mail server; `security` is `ssl`, `starttls` or `none`. Without a user nobody signs in."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)

    def send(self, mail: OutgoingMail) -> None:
        """Hand one message to the server. Raises `DeliveryRefused` and `NotSent`."""
        try:
            with self._connected() as server:
                server.send_message(self._message(mail))
        except smtplib.SMTPRecipientsRefused as fault:
            # Every address of the message was refused, and there was one.
            code, _ = next(iter(fault.recipients.values()))
            raise _failure(code) from fault
        except smtplib.SMTPResponseException as fault:
            raise _failure(fault.smtp_code) from fault
        except (OSError, smtplib.SMTPException) as fault:
            raise NotSent(type(fault).__name__) from fault

    def _connected(self) -> smtplib.SMTP:
        if self.security == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=PATIENCE, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        if self.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if self.user:
            server.login(self.user, self.password)
        return server

    def _message(self, mail: OutgoingMail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = mail.to
        message["Subject"] = " ".join(mail.subject.split())
        message["Message-ID"] = f"<{mail.key}@{parseaddr(self.sender)[1].rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


def _failure(code: int) -> DeliveryRefused | NotSent:
    # The server's own words may hold the address: only its number goes on record.
    if code in PERMANENT:
        return DeliveryRefused(
            code=str(code),
            sentence="邮件服务器拒绝了这封邮件：请核对收件地址，以及发件邮箱的账号和授权码。",
            cure=Cure.ADMIN,
            detail=f"SMTP {code}",
        )
    return NotSent(f"SMTP {code}")
