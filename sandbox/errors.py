"""The platform's refusals: a number, its English sentence, and a request id at the end."""

from __future__ import annotations

MESSAGES: dict[int, str] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40004: "invalid media type",
    40005: "invalid file type",
    40007: "invalid media_id",
    40009: "invalid image size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40059: "invalid msg id",
    40066: "invalid url",
    40097: "invalid args",
    40113: "unsupported file type",
    40114: "invalid index value",
    40125: "invalid appsecret",
    40164: "invalid ip {ip} ipv6 ::ffff:{ip}, not in whitelist",
    40201: "invalid action",
    40202: "invalid check_operator",
    40243: "AppSecret has been frozen",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41039: "invalid content_source_url",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    44002: "empty post data",
    44003: "empty news data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45003: "title size out of limit",
    45004: "description size out of limit",
    45005: "url size out of limit",
    45008: "article count out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45028: "has no masssend quota",
    45065: "clientmsgid exist",
    45066: "same clientmsgid retry too fast",
    45067: "clientmsgid size out of limit",
    45110: "author size out of limit",
    45166: "invalid content",
    47001: "data format error",
    48001: "api unauthorized",
    48003: "user not agree mass-send protocol",
    48006: "forbid to clear quota because of reaching the limit",
    48008: "no permission for this msgtype",
    50002: "user limited",
    50004: "forbidden to use token api",
    50007: "account frozen",
    53402: "crop image failed",
    53500: "publish function is forbidden",
    53501: "publish too frequently",
    53502: "invalid publish_id",
    53503: "the draft did not pass the publish check",
    53504: "the draft must be handled on the official account website",
    53505: "please save the draft on the official account website first",
    53600: "invalid article_id",
    61500: "date format error",
    61501: "date range error",
    76021: "cgi_path not found, please check",
    76022: "could not use this cgi_path, no permission",
    88000: "without comment privilege",
    88001: "msg_data is not exists",
}


class ApiError(Exception):
    """The platform refuses a call: HTTP 200 with `errcode` and `errmsg`.

    `fields` are further members of the answer, as in 45065, which names the message already sent.
    """

    def __init__(self, errcode: int, **fields: object) -> None:
        super().__init__(errcode, fields)
        self.errcode = errcode
        self.fields = fields


def errmsg(errcode: int, *, ip: str, rid: str) -> str:
    """Return the sentence of a code as the platform words it, with the caller's address and the request id."""
    sentence = MESSAGES.get(errcode, "error").format(ip=ip)
    return f"{sentence} rid: {rid}"
