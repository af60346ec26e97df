"""The robot of a 企业微信 group: one webhook, plain text (企业微信文档：群机器人配置说明)."""

from __future__ import annotations

from dataclasses import dataclass, field

import requests

from services.ports import Cure, DeliveryRefused, NotSent

PATIENCE = 10.0
"""Seconds for one answer."""

TOO_OFTEN = 45009
"""More than 20 messages in a minute."""


@dataclass(frozen=True)
class GroupRobot:
    """A webhook. Its address is a secret: whoever has it can speak in the group."""

    address: str = field(repr=False)

    def say(self, text: str) -> None:
        """Say something in the group. Raises `DeliveryRefused` and `NotSent`."""
        try:
            answer = requests.post(
                self.address,
                json={"msgtype": "text", "text": {"content": text}},
                timeout=PATIENCE,
                allow_redirects=False,
            )
            code = int(answer.json()["errcode"])
        except (requests.RequestException, ValueError, KeyError, TypeError) as fault:
            # Never the fault's own words: they hold the address.
            raise NotSent(type(fault).__name__) from None
        if code == TOO_OFTEN:
            raise NotSent(f"errcode {code}")
        if code != 0:
            raise DeliveryRefused(
                code=str(code),
                sentence="群机器人拒绝了这条消息：请在企业微信群里核对机器人，更新 WEISHENTAI_ROBOT_URL。",
                cure=Cure.ADMIN,
                detail=f"errcode {code}",
            )
