"""What an item must have before it goes on: nothing missing, nothing longer than WeChat takes, no file but its own."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import select

from models import AccountState, Asset, Attachment, Content, Draft, OfficialAccount, Particulars, SourceKind, Submission
from services.errors import InvalidInput
from services.manuscript import blocks, wechat_markup
from services.unit_of_work import UnitOfWork

PICTURE_ADDRESS = "https://mmbiz.qpic.cn/mmbiz_jpg/" + "0" * 90 + "/0?wx_fmt=jpeg"
"""As long as the addresses WeChat gives to body pictures; they count against the body's limit."""


def refuse_incomplete(work: UnitOfWork, draft: Draft) -> None:
    """Say all that is missing at once: nobody is to be sent back for one thing after another. Raises `InvalidInput`."""
    missing = [*_missing_in(draft), *_missing_for_handing_in(work, draft)]
    if not missing:
        return
    (field, sentence), *others = missing
    if others:
        numbered = "".join(f"（{number}）{each}" for number, (_field, each) in enumerate(missing, start=1))
        sentence = f"提交前还有 {len(missing)} 处要补：{numbered}"
    raise InvalidInput(sentence, field=field)


def _missing_in(content: Content) -> Iterator[tuple[str, str]]:
    """What no content may lack, by field."""
    if not content.title:
        yield "title", "请填写标题。"
    if not blocks.plain_text(content.body_html).strip():
        yield "body", "正文还没有文字：请上传 Word 文件或在正文框里输入内容。"
    if content.source_kind is SourceKind.REPRINT and not (content.source_name or content.source_url):
        yield "source_name", "转载稿件须写明来源：请填写来源单位或原文网址。"


def _missing_for_handing_in(work: UnitOfWork, draft: Draft) -> Iterator[tuple[str, str]]:
    fault = _fault_of(_chosen_account(work, draft))
    if fault:
        yield "account_id", fault
    if not draft.author:
        yield "author", "请填写作者。"
    if not draft.declared_no_secrets:
        yield "declared_no_secrets", "请勾选保密自查声明：确认稿件不含涉密和不宜公开的内容。"
    if not draft.declared_rights:
        yield "declared_rights", "请勾选版权声明：确认文字和图片有权使用。"


def _chosen_account(work: UnitOfWork, item: Particulars) -> OfficialAccount | None:
    return work.session.get(OfficialAccount, item.account_id) if item.account_id else None


def _fault_of(account: OfficialAccount | None) -> str:
    if account is None:
        return "请选择要发布的公众号。"
    if account.state is not AccountState.ACTIVE:
        return f"公众号“{account.name}”{account.state.label}，请改选其他公众号。"
    return ""


def account_of(work: UnitOfWork, submission: Submission) -> OfficialAccount:
    """The account an item is for. Raises `InvalidInput` where none is chosen, or one that takes nothing now."""
    account = _chosen_account(work, submission)
    fault = _fault_of(account)
    if account is None or fault:
        raise InvalidInput(fault, field="account_id")
    return account


def check_content(content: Content, *, theme: str) -> None:
    """Refuse content that WeChat or the rule would refuse. Raises `InvalidInput` naming the field.

    Pictures are counted with addresses as long as WeChat's own.
    """
    for name, sentence in _missing_in(content):
        raise InvalidInput(sentence, field=name)
    wechat_markup.check_wechat_limits(
        content.title,
        content.digest,
        content.author,
        as_long_as_on_wechat(content, theme),
    )


def as_long_as_on_wechat(content: Content, theme: str) -> str:
    """The body as WeChat would store it, with picture addresses as long as its own."""
    return wechat_markup.to_wechat(
        content.body_html,
        theme=theme,
        picture_urls=dict.fromkeys(blocks.picture_hashes(content.body_html), PICTURE_ADDRESS),
        photographer=content.photographer,
    )


def refuse_foreign_files(work: UnitOfWork, submission_id: int, content: Content) -> None:
    """Refuse content with files that were not uploaded for this item. Raises `InvalidInput`."""
    known = set(work.session.exec(select(Asset.sha256).where(Asset.submission_id == submission_id)))
    if content.cover_sha256 is None:
        raise InvalidInput("请选择封面图片：从正文图片中选一张，或上传一张。", field="cover_sha256")
    if not {*blocks.picture_hashes(content.body_html), content.cover_sha256} <= known:
        raise InvalidInput("正文里有一张图片没有上传成功，请删去它后重新插入。", field="body")
    uploaded = set(work.session.exec(select(Attachment.sha256).where(Attachment.submission_id == submission_id)))
    if not {each["sha256"] for each in content.attachments} <= uploaded:
        raise InvalidInput("有一个附件没有上传成功，请移除它后重新上传。", field="attachments")
