"""An office's side of the conversation: calls over HTTP, a clock that stands still, small pictures."""

from __future__ import annotations

import base64
import json
from typing import Any

import requests

from sandbox.server import RunningSandbox
from tests.waiting import PATIENCE

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 200
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 200
GIF = b"GIF89a" + b"0" * 200
WEBP = b"RIFF\x00\x00\x00\x00WEBP" + b"0" * 200
MORNING = 1_795_309_200.0  # 2026-11-22 09:00 in China
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")


class StandingClock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> float:
        return self.now

    def pass_time(self, seconds: float) -> None:
        self.now += seconds


class Caller:
    """One account's program. Bodies are sent as raw UTF-8, the way the platform asks for."""

    def __init__(self, box: RunningSandbox, appid: str, secret: str) -> None:
        self.box = box
        self.appid, self.secret = appid, secret
        self._token = ""

    @property
    def token(self) -> str:
        if not self._token:
            self._token = self.stable_token()["access_token"]
        return self._token

    def stable_token(self, *, force_refresh: bool = False, secret: str = "") -> dict[str, Any]:
        asked = {"grant_type": "client_credential", "appid": self.appid, "secret": secret or self.secret}
        url = f"{self.box.base_url}/cgi-bin/stable_token"
        return decoded(requests.post(url, json={**asked, "force_refresh": force_refresh}, timeout=PATIENCE))

    def plain_token(self) -> dict[str, Any]:
        return self.get("token", grant_type="client_credential", appid=self.appid, secret=self.secret, token="none")

    def get(self, call: str, *, token: str = "", **query: str) -> dict[str, Any]:
        return decoded(
            requests.get(self._url(call), params={"access_token": token or self.token, **query}, timeout=PATIENCE)
        )

    def post(self, call: str, body: dict[str, Any], *, token: str = "") -> dict[str, Any]:
        return decoded(self.send(call, json.dumps(body, ensure_ascii=False).encode(), token=token))

    def send(self, call: str, raw: bytes, *, token: str = "", patience: float = PATIENCE) -> requests.Response:
        query = {"access_token": token or self.token}
        return requests.post(self._url(call), params=query, data=raw, timeout=(PATIENCE, patience))

    def upload(self, call: str, data: bytes, *, name: str = "a.jpg", **query: str) -> dict[str, Any]:
        files = {"media": (name, data, "image/jpeg")}
        sent = requests.post(
            self._url(call), params={"access_token": self.token, **query}, files=files, timeout=PATIENCE
        )
        return decoded(sent)

    def body_picture(self) -> str:
        return str(self.upload("media/uploadimg", JPEG)["url"])

    def cover(self) -> str:
        return str(self.upload("material/add_material", JPEG, type="image")["media_id"])

    def article(self, **fields: Any) -> dict[str, Any]:
        return {"title": "校运会开幕", "content": "<p>今天开幕。</p>", "thumb_media_id": self.cover(), **fields}

    def add(self, **fields: Any) -> dict[str, Any]:
        return self.post("draft/add", {"articles": [self.article(**fields)]})

    def draft(self, **fields: Any) -> str:
        return str(self.add(**fields)["media_id"])

    def stored(self, media_id: str) -> dict[str, Any]:
        item: dict[str, Any] = self.post("draft/get", {"media_id": media_id})["news_item"][0]
        return item

    def submit(self, media_id: str) -> dict[str, Any]:
        return self.post("freepublish/submit", {"media_id": media_id})

    def status(self, publish_id: int) -> dict[str, Any]:
        return self.post("freepublish/get", {"publish_id": publish_id})

    def published(self, **fields: Any) -> dict[str, Any]:
        """Publish one article and return freepublish/get's answer once it has ended."""
        return self.status(self.submit(self.draft(**fields))["publish_id"])

    def mass_send(self, media_id: str, key: str = "") -> dict[str, Any]:
        asked = {"filter": {"is_to_all": True}, "mpnews": {"media_id": media_id}, "msgtype": "mpnews"}
        return self.post("message/mass/sendall", {**asked, "clientmsgid": key} if key else asked)

    def fault(self, spec: str) -> None:
        self.box.platform.faults.add(spec)

    def committed(self, call: str) -> int:
        """Return how often the platform did what this call asks."""
        return sum(each.committed for each in self.box.platform.calls(call))

    def _url(self, call: str) -> str:
        prefix = "" if call.startswith("datacube/") else "cgi-bin/"
        return f"{self.box.base_url}/{prefix}{call}"


def decoded(response: requests.Response) -> dict[str, Any]:
    """Return an answer's JSON; the platform answers 200 whatever it has to say."""
    assert response.status_code == 200
    answer: dict[str, Any] = json.loads(response.content.decode())
    return answer


def errcode(answer: dict[str, Any]) -> int:
    return int(answer.get("errcode", 0))
