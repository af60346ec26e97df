"""WeChat's error numbers in the office's words: what helps, and a sentence that says what to do.

One table. Numbers and meanings: WeChat doc, the error tables of the calls used and 全局返回码. A number that is
not listed is the platform's own business: an administrator must look, and the raw answer is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.ports import Cure, DeliveryRefused

REJECTED_TOKEN = frozenset({40001, 40014, 41001, 42001})
"""The access token is missing, wrong or used up: one new token may help."""

SYSTEM_BUSY = -1
DRAFT_GONE = 40007
ALREADY_SENT = 45065
ARTICLE_GONE = 53600

Meaning = tuple[Cure, str]

WRONG_SECRET: Meaning = (
    Cure.ADMIN,
    "公众号的 AppSecret 不正确。请系统管理员在微信开发者平台核对或重置，并在“公众号管理”中重新填写。",
)

MEANINGS: Mapping[int, Meaning] = {
    # The platform is busy
    -1: (Cure.LATER, "微信平台繁忙，系统稍后会自动再试。"),
    45011: (Cure.LATER, "调用微信接口过于频繁，系统稍后会自动再试。"),
    45066: (Cure.LATER, "同一群发任务提交得太快，系统一分钟后会自动再试。"),
    53501: (Cure.LATER, "发布过于频繁，系统稍后会自动再试。"),
    # The day's quota is used up
    45009: (Cure.TOMORROW, "今天的微信接口调用次数已用完，系统将在明天零点后自动继续。"),
    45028: (Cure.TOMORROW, "公众号今天的群发次数已用完，系统将在明天零点后自动继续；如有急事，请改用“接口发布”。"),
    # The article must change
    40004: (Cure.CONTENT, "微信不接受这种图片类型。请把图片换成 JPG 或 PNG 后重新送审。"),
    40005: (Cure.CONTENT, "微信不接受这种图片格式。请把图片换成 JPG 或 PNG 后重新送审。"),
    40006: (Cure.CONTENT, "图片超过微信允许的大小。请压缩图片后重新送审。"),
    40009: (Cure.CONTENT, "图片超过微信允许的大小。请压缩图片后重新送审。"),
    40113: (Cure.CONTENT, "微信不接受这种图片格式。请把图片换成 JPG 或 PNG 后重新送审。"),
    40137: (Cure.CONTENT, "微信不接受这种图片格式。请把图片换成 JPG 或 PNG 后重新送审。"),
    45001: (Cure.CONTENT, "图片超过微信允许的大小。请压缩图片后重新送审。"),
    40007: (Cure.CONTENT, "微信素材库里已没有这份草稿或封面。请在公众平台核对后点“重试”。"),
    41039: (Cure.CONTENT, "微信不接受“阅读原文”的链接。请系统管理员检查校园网站的公开地址。"),
    44004: (Cure.CONTENT, "正文是空的，微信不接受。请补充正文后重新送审。"),
    45002: (Cure.CONTENT, "正文超过微信 2 万字符的上限（含排版）。请精简或拆成两篇后重新送审。"),
    45003: (Cure.CONTENT, "标题超过微信允许的长度（64 字）。请缩短标题后重新送审。"),
    45004: (Cure.CONTENT, "摘要超过微信允许的长度。请缩短到 40 个汉字以内后重新送审。"),
    45005: (Cure.CONTENT, "“阅读原文”的链接超过微信允许的长度。请系统管理员检查校园网站的公开地址。"),
    45008: (Cure.CONTENT, "一次发布的文章篇数超过微信上限。请分开发布。"),
    45110: (Cure.CONTENT, "作者署名超过微信允许的长度（16 字）。请缩短署名后重新送审。"),
    45166: (Cure.CONTENT, "微信认为正文含有不允许的内容（常见为外部链接）。请修改正文后重新送审。"),
    53402: (Cure.CONTENT, "封面裁剪失败。请换一张封面后重新送审。"),
    87014: (Cure.CONTENT, "微信认为内容有风险。请修改后重新送审。"),
    # The account or its settings must change
    40001: (Cure.ADMIN, "微信反复不认可访问凭证。请系统管理员核对公众号的 AppID 与 AppSecret，确认没有被重置。"),
    40014: (Cure.ADMIN, "微信反复不认可访问凭证。请系统管理员核对公众号的 AppID 与 AppSecret，确认没有被重置。"),
    41001: (Cure.ADMIN, "微信反复不认可访问凭证。请系统管理员核对公众号的 AppID 与 AppSecret，确认没有被重置。"),
    42001: (Cure.ADMIN, "微信反复不认可访问凭证。请系统管理员核对公众号的 AppID 与 AppSecret，确认没有被重置。"),
    40002: (Cure.ADMIN, "微信拒绝发放访问凭证。请系统管理员核对公众号的接口设置。"),
    40013: (Cure.ADMIN, "公众号的 AppID 不正确。请系统管理员在“公众号管理”中重新填写。"),
    40125: WRONG_SECRET,
    41002: (Cure.ADMIN, "没有填写公众号的 AppID。请系统管理员在“公众号管理”中填写。"),
    41004: (Cure.ADMIN, "没有填写公众号的 AppSecret。请系统管理员在“公众号管理”中填写。"),
    40164: (
        Cure.ADMIN,
        "本服务器地址不在公众号的 IP 白名单里：请系统管理员在微信开发者平台加入{address}，约五分钟后生效。",
    ),
    40243: (Cure.ADMIN, "公众号的 AppSecret 已被冻结。请系统管理员在微信开发者平台解冻。"),
    48001: (
        Cure.ADMIN,
        "这个公众号没有开通此接口（未认证的账号不能用接口发布或群发）。请改选“存入草稿箱”，由人在公众平台发出。",
    ),
    48003: (Cure.ADMIN, "公众号管理员还没有同意群发协议。请管理员登录公众平台，手动群发一次并同意协议。"),
    48004: (Cure.ADMIN, "公众号的接口已被微信封禁。请管理员登录公众平台查看站内信。"),
    48008: (Cure.ADMIN, "这个公众号没有群发图文消息的权限。请改选“存入草稿箱”，由人在公众平台发出。"),
    50002: (Cure.ADMIN, "公众号被微信限制使用。请管理员登录公众平台查看站内信。"),
    50004: (Cure.ADMIN, "公众号被微信禁止使用接口。请管理员登录公众平台查看站内信。"),
    50007: (Cure.ADMIN, "公众号已被冻结。请管理员登录公众平台查看站内信。"),
    53500: (Cure.ADMIN, "公众号的发布功能已被微信封禁。请管理员登录公众平台查看站内信。"),
    53502: (Cure.ADMIN, "微信不认识这次发布任务。请在公众平台核对文章是否已经发出，再登记结果。"),
    53600: (Cure.ADMIN, "微信不认识这篇已发布的文章。请在公众平台核对。"),
    88000: (Cure.ADMIN, "这个公众号没有留言权限。请系统管理员联系维护人员：本系统不应打开留言。"),
    89503: (Cure.ADMIN, "本次调用需要公众号管理员在微信里确认。请管理员确认后点“重试”。"),
    89506: (Cure.ADMIN, "公众号管理员拒绝了本服务器的调用，24 小时内不能再试。请与管理员联系。"),
    89507: (Cure.ADMIN, "公众号管理员拒绝了本服务器的调用，1 小时内不能再试。请与管理员联系。"),
    # A person must finish on the WeChat site
    53503: (
        Cure.ON_PLATFORM,
        "草稿没有通过微信的发布检查。请登录公众平台打开这篇草稿，按页面提示处理并发出。",
    ),
    53504: (Cure.ON_PLATFORM, "微信要求在公众平台官网处理这篇草稿。请登录公众平台打开草稿并发出。"),
    53505: (Cure.ON_PLATFORM, "微信要求先在公众平台手动保存这篇草稿。请登录公众平台打开草稿、保存并发出。"),
}

_ADDRESS = re.compile(r"invalid ip ([0-9a-fA-F.:]+)")


def refusal(errcode: int, errmsg: str, *, asking_for_token: bool = False) -> DeliveryRefused:
    """The refusal behind an answer. `errmsg` ends with the request id (rid) that WeChat's support asks for; it
    stays in the detail.
    """
    cure, sentence = _meaning(errcode, asking_for_token=asking_for_token)
    found = _ADDRESS.search(errmsg)
    address = f" {found[1]}" if found else "本服务器的公网地址"
    return DeliveryRefused(
        code=str(errcode),
        sentence=sentence.replace("{address}", address),
        cure=cure,
        detail=f"errcode {errcode}: {errmsg}",
    )


def _meaning(errcode: int, *, asking_for_token: bool) -> Meaning:
    # Everywhere else 40001 means an outdated token; where the token is asked for there is only the secret.
    if asking_for_token and errcode == 40001:
        return WRONG_SECRET
    unlisted = f"微信拒绝了请求（错误码 {errcode}）。请系统管理员查看原始回答，按微信文档处理后再点“重试”。"
    return MEANINGS.get(errcode, (Cure.ADMIN, unlisted))
