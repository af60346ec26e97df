"""投稿: the form of one draft. It keeps what is typed from the first change on and never loses a word.

The form is a fragment: typing redraws the form and its preview, not the page around it. Every field is drawn
from the kept draft; what the fields say at the end of a drawing is kept if it differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import Action, AiUse, ContentCategory, Draft, OfficialAccount, SourceKind
from services import attachment_checks, findings, picture_checks, submissions
from services.errors import Refusal, StaleState
from services.manuscript.wechat_markup import LONGEST_AUTHOR, LONGEST_DIGEST, LONGEST_TITLE
from services.manuscript.word import read_manuscript
from services.queries import accounts as account_reads
from services.queries import submissions as reads
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.office_time import OFFICE_ZONE
from services.submissions import DraftFields
from ui import (
    article_preview,
    attachment_fields,
    emergency_form,
    feedback,
    findings_panel,
    layout_choice,
    limited_text,
    navigation,
    picture_addresses,
    picture_forms,
    remark_list,
    risk_field,
    runtime,
    thumbnails,
    uploads,
    wording,
)
from ui.attachment_fields import Edition
from ui.editor import rich_text
from ui.emergency_form import Opening

FILE_TYPES = ["docx", "html", "htm", "txt"]
PICTURE_TYPES = ["jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff"]


@st.fragment
def draw(user: SignedInPerson, submission_id: int) -> None:
    """The whole form of one draft, its preview and its machine check."""
    with feedback.or_stop(), runtime.reading() as db:
        item = reads.written_by(db, user, submission_id)
        accounts = account_reads.open_for_submissions(db)
    kept = submissions.draft_fields(item.draft)
    form, beside = st.columns([3, 2], gap="large")
    with form:
        feedback.show()
        _last_return(item)
        remarks = st.container()
        told = st.container()
        _file_field(user, item, kept)
        notes = st.container()
        given = _fields(user, item, _as_seen(item, kept), accounts)
        files = st.container()
        given = _declarations(partial(_key, submission_id), given)
        with notes:  # a picture pasted just now is known only after the fields
            uploads.tell_notes(submission_id)
        item = _keep(user, item, kept, given, told=told)
        with remarks:  # only now is it known whether their words are still there
            remark_list.answering(user, item.submission, item.draft)
        edition = Edition(partial(_edition, item), partial(_remember_edition, submission_id))
        with files:  # above the declarations, which speak of them too
            attachment_fields.draw(user, item, edition)
            picture_forms.draw(user, item)
        opening = emergency_form.choose(user, key=_key(submission_id, "emergency"))
        _hand_in_button(user, item, opening)
        mending = findings_panel.Mending(_edition(item), partial(_take_mended, submission_id))
        findings_panel.draw(user, submission_id, mending=mending)
    with beside, st.container(key="beside"):
        article_preview.draw(
            title=given.title,
            author=given.author,
            photographer=given.photographer,
            body_html=given.body_html,
            account=next((each for each in accounts if each.id == given.account_id), None),
            key=f"preview-{submission_id}",
            theme=given.theme,
        )


def _key(submission_id: int, field: str) -> str:
    return f"draft-{submission_id}-{field}"


def _last_return(item: SubmissionDetail) -> None:
    last = item.history[-1] if item.history else None
    if last is not None and last.action is Action.RETURN:
        st.warning(
            f"**{wording.literal(last.actor)} 于 {wording.moment(last.at)} 退回**：{wording.literal(last.comment)}",
            icon=":material/undo:",
        )


# --- The fields ------------------------------------------------------------------------------------------


def _fields(
    user: SignedInPerson, item: SubmissionDetail, kept: DraftFields, accounts: Sequence[OfficialAccount]
) -> DraftFields:
    key = partial(_key, item.draft.submission_id)
    title = limited_text.line(
        "标题", kept.title, limit=LONGEST_TITLE, key=key("title"), placeholder="不超过 64 字，建议 32 字以内"
    )
    body = rich_text(
        key("body"),
        html=kept.body_html,
        picture_address=picture_addresses.address,
        label="正文",
        keep_picture=partial(uploads.keep_picture, user, item.draft.submission_id),
        remarked=remark_list.marked_words(item),
    )
    given = replace(kept, title=title, body_html=body)
    given = _where(key, given, accounts)
    given = replace(given, risks=risk_field.choose(item.submission, given, key=key("risks")))
    given = _credits(key, given)
    given = replace(given, cover_sha256=_cover(user, item, kept))
    account = next((each for each in accounts if each.id == given.account_id), None)
    return replace(given, theme=layout_choice.for_item(given.theme, account, key=key("theme")))


def _where(key: Callable[[str], str], kept: DraftFields, accounts: Sequence[OfficialAccount]) -> DraftFields:
    left, right = st.columns(2)
    by_id = {account.id: account for account in accounts}
    options = list(by_id)
    index = options.index(kept.account_id) if kept.account_id in by_id else (0 if len(options) == 1 else None)
    account_id = left.selectbox(
        "发布到哪个公众号",
        options,
        index=index,
        format_func=lambda each: by_id[each].name,
        key=key("account"),
        placeholder="请选择",
    )
    category = right.selectbox(
        "稿件类别",
        list(ContentCategory),
        index=list(ContentCategory).index(kept.category),
        format_func=lambda each: each.label,
        key=key("category"),
    )
    event_date = left.date_input("活动日期", kept.event_date, key=key("event_date"), format="YYYY-MM-DD")
    wanted_at = right.datetime_input(
        "期望发布时间（北京时间）", _local(kept.wanted_at), key=key("wanted_at"), format="YYYY-MM-DD"
    )
    return replace(
        kept,
        account_id=account_id,
        category=category or kept.category,
        event_date=event_date,
        wanted_at=wanted_at.replace(tzinfo=OFFICE_ZONE) if wanted_at else None,
    )


def _local(moment: datetime | None) -> datetime | None:
    return moment.astimezone(OFFICE_ZONE).replace(tzinfo=None) if moment else None


def _credits(key: Callable[[str], str], kept: DraftFields) -> DraftFields:
    left, right = st.columns(2)
    author = limited_text.line("作者", kept.author, limit=LONGEST_AUTHOR, place=left, key=key("author"))
    photographer = right.text_input("摄影", kept.photographer, key=key("photographer"), max_chars=40)
    digest = limited_text.area(
        "摘要",
        kept.digest,
        limit=LONGEST_DIGEST,
        key=key("digest"),
        height=80,
        placeholder="可不填：微信会取正文前 54 个字",
    )
    source_kind = st.segmented_control(
        "稿件来源",
        list(SourceKind),
        default=kept.source_kind,
        required=True,
        format_func=lambda each: each.label,
        key=key("source_kind"),
    )
    given = replace(
        kept, author=author, photographer=photographer, digest=digest, source_kind=source_kind or kept.source_kind
    )
    if given.source_kind is not SourceKind.REPRINT:
        return given
    left, right = st.columns(2)
    return replace(
        given,
        source_name=left.text_input("来源单位", kept.source_name, key=key("source_name")),
        source_url=right.text_input("原文网址", kept.source_url, key=key("source_url")),
    )


def _declarations(key: Callable[[str], str], kept: DraftFields) -> DraftFields:
    with st.container(border=True):
        st.markdown("**提交前声明**")
        no_secrets = st.checkbox(
            "保密自查：不含国家秘密、内部资料和不宜公开的内容", kept.declared_no_secrets, key=key("no_secrets")
        )
        rights = st.checkbox(
            "版权：文字和图片为原创或已获授权，人物肖像已征得同意", kept.declared_rights, key=key("rights")
        )
        ai_use = st.segmented_control(
            "是否使用 AI 生成内容",
            list(AiUse),
            default=kept.ai_use,
            required=True,
            format_func=lambda each: each.label,
            key=key("ai_use"),
        )
    return replace(kept, declared_no_secrets=no_secrets, declared_rights=rights, ai_use=ai_use or kept.ai_use)


# --- Files and pictures ----------------------------------------------------------------------------------


def _file_field(user: SignedInPerson, item: SubmissionDetail, kept: DraftFields) -> None:
    place = _key(item.draft.submission_id, "file")
    turn = st.session_state.setdefault(f"{place}-turn", 0)
    label = "用 Word 文件替换正文" if kept.body_html else "上传 Word 文件，文字和图片会自动填入"
    st.file_uploader(
        label,
        type=FILE_TYPES,
        key=f"{place}-{turn}",
        on_change=_take_file,
        args=(user, item, kept, f"{place}-{turn}"),
        help="支持 .docx、.html、.txt，最大 30 MB。旧版 .doc 请先在 Word 或 WPS 里另存为 .docx。",
    )


def _take_file(user: SignedInPerson, item: SubmissionDetail, kept: DraftFields, widget: str) -> None:
    file = st.session_state.get(widget)
    if file is None:
        return
    submission_id = item.draft.submission_id
    place = _key(submission_id, "file")
    st.session_state[f"{place}-turn"] += 1
    with feedback.reporting():
        document = read_manuscript(file.getvalue(), file.name)
        title = kept.title or document.title
        filled = replace(kept, title=title, body_html=document.body_under(title))
        with runtime.acting_as(user) as work:
            uploads.keep_pictures(work, submission_id, document)
            draft = submissions.save_draft(work, submission_id=submission_id, seen_edition=_edition(item), draft=filled)
        st.session_state[_key(submission_id, "edition")] = draft.edition
        st.session_state[_key(submission_id, "title")] = filled.title
        uploads.remember_notes(submission_id, document)


def _cover(user: SignedInPerson, item: SubmissionDetail, kept: DraftFields) -> str | None:
    """The cover as it is chosen; without a choice the first picture of the body is taken when handing in."""
    submission_id = item.draft.submission_id
    with st.expander("封面图片" + ("" if kept.cover_sha256 else "（不选则用正文第一张图）"), icon=":material/image:"):
        if item.assets:
            thumbnails.draw(
                [(asset.sha256, f"图 {number}") for number, asset in enumerate(item.assets, start=1)], width=110
            )
        chosen = _choose_cover(item, kept) if item.assets else None
        place = _key(submission_id, "cover-file")
        turn = st.session_state.setdefault(f"{place}-turn", 0)
        st.file_uploader(
            "或另传一张（建议 900×383，2.35:1）" if item.assets else "上传一张（建议 900×383，2.35:1）",
            type=PICTURE_TYPES,
            key=f"{place}-{turn}",
            on_change=_take_cover,
            args=(user, item, kept, place),
        )
    return chosen or kept.cover_sha256


def _choose_cover(item: SubmissionDetail, kept: DraftFields) -> str | None:
    numbers = {asset.sha256: number for number, asset in enumerate(item.assets, start=1)}
    return st.pills(
        "选一张作封面",
        list(numbers),
        default=kept.cover_sha256 if kept.cover_sha256 in numbers else None,
        format_func=lambda sha256: f"图 {numbers[sha256]}",
        key=_key(item.draft.submission_id, f"cover-{len(numbers)}-{kept.cover_sha256}"),
    )


def _take_cover(user: SignedInPerson, item: SubmissionDetail, kept: DraftFields, place: str) -> None:
    file = st.session_state.get(f"{place}-{st.session_state[f'{place}-turn']}")
    if file is None:
        return
    st.session_state[f"{place}-turn"] += 1
    submission_id = item.draft.submission_id
    with feedback.reporting():
        sha256 = uploads.keep_picture(user, submission_id, file.getvalue(), file.name)
        with runtime.acting_as(user) as work:
            draft = submissions.save_draft(
                work,
                submission_id=submission_id,
                seen_edition=_edition(item),
                draft=replace(kept, cover_sha256=sha256),
            )
        st.session_state[_key(submission_id, "edition")] = draft.edition


# --- Keeping and handing in ------------------------------------------------------------------------------


def _edition(item: SubmissionDetail) -> int:
    """The edition this window last saw: what it may write over."""
    edition: int = st.session_state.setdefault(_key(item.draft.submission_id, "edition"), item.draft.edition)
    return edition


def _remember_edition(submission_id: int, edition: int) -> None:
    st.session_state[_key(submission_id, "edition")] = edition


def _keep(
    user: SignedInPerson, item: SubmissionDetail, kept: DraftFields, given: DraftFields, *, told: DeltaGenerator
) -> SubmissionDetail:
    """Keep what the fields say, and tell above them that it is kept, or that it is not and why."""
    item = _kept(user, item, kept, given, told)
    if _edition(item) == item.draft.edition:
        told.caption(f"已保存 {wording.clock_time(item.draft.saved_at)}　改动会自动保存，随时可以离开。")
    return item


def _kept(
    user: SignedInPerson, item: SubmissionDetail, kept: DraftFields, given: DraftFields, told: DeltaGenerator
) -> SubmissionDetail:
    seen = _edition(item)
    submission_id = item.draft.submission_id
    if given == kept:
        _remember_edition(submission_id, item.draft.edition)
        return item
    try:
        with runtime.acting_as(user) as work:
            draft = submissions.save_draft(work, submission_id=submission_id, seen_edition=seen, draft=given)
    except StaleState as conflict:
        with told:
            _offer_both(conflict, user, item, given)
        return item
    st.session_state[_key(submission_id, "edition")] = draft.edition
    return replace(item, draft=draft)


def _offer_both(conflict: Refusal, user: SignedInPerson, item: SubmissionDetail, given: DraftFields) -> None:
    submission_id = item.draft.submission_id
    with st.container(border=True, key=_key(submission_id, "conflict")):
        st.error(conflict.sentence, icon=":material/sync_problem:")
        left, right = st.columns(2)
        left.button(
            "载入另一处保存的内容",
            key=_key(submission_id, "take-theirs"),
            on_click=_forget,
            args=(submission_id,),
            help="放弃这个窗口里未保存的改动",
        )
        right.button(
            "用这个窗口的内容覆盖",
            key=_key(submission_id, "take-mine"),
            on_click=_write_over,
            args=(user, item, given),
            help="另一处保存的改动会被替换",
        )


def _as_seen(item: SubmissionDetail, kept: DraftFields) -> DraftFields:
    """The draft as this window last saw it. What another window kept since then must not push out, on its way to
    the editor, the words that are being typed here.
    """
    place = _key(item.draft.submission_id, "seen")
    if place not in st.session_state or _edition(item) == item.draft.edition:
        st.session_state[place] = kept
    seen: DraftFields = st.session_state[place]
    return seen


def _write_over(user: SignedInPerson, item: SubmissionDetail, given: DraftFields) -> None:
    """Keep what this window shows in place of what another kept; refused if a third was faster still."""
    submission_id = item.draft.submission_id
    with feedback.reporting("已按这个窗口的内容保存。"):
        with runtime.acting_as(user) as work:
            draft = submissions.save_draft(
                work, submission_id=submission_id, seen_edition=item.draft.edition, draft=given
            )
        _remember_edition(submission_id, draft.edition)


def _forget(submission_id: int) -> None:
    """Show what was kept elsewhere. The editor is told of it as of any text from the page: undo brings ours back."""
    own = {name for name in st.session_state if str(name).startswith(_key(submission_id, ""))}
    for name in own - {each for each in own if str(each).startswith(_key(submission_id, "body"))}:
        del st.session_state[name]


def _take_mended(submission_id: int, field: str) -> None:
    """After a one-click correction this window has seen the new edition; a typed field shows what was kept."""
    with runtime.reading() as db:
        draft = db.get_one(Draft, submission_id)
    st.session_state[_key(submission_id, "edition")] = draft.edition
    if field != "body":
        st.session_state[_key(submission_id, field)] = getattr(draft, field)


def _hand_in_button(user: SignedInPerson, item: SubmissionDetail, opening: Opening | None) -> None:
    submission_id = item.draft.submission_id
    label = "检查并提交，转入紧急快速通道" if opening else "检查并提交"
    if not st.button(label, type="primary", icon=":material/send:", key=_key(submission_id, "hand-in")):
        return
    with feedback.reporting(f"《{item.draft.title}》已提交。") as handed_in, st.spinner("正在机器初筛并提交…"):
        screener = runtime.current().screener()  # building it takes a moment that no transaction should
        picture_forms.keep_typed(user, item)
        # Three acts: what the check found must stay even if handing in is refused because of it.
        with runtime.acting_as(user) as work:
            submissions.prepare(work, runtime.current().assets, submission_id=submission_id)
        picture_checks.read_pictures(runtime.current(), submission_id=submission_id)
        attachment_checks.read_attachments(runtime.current(), submission_id=submission_id)
        with runtime.acting_as(user) as work:
            draft = work.session.get_one(Draft, submission_id)
            findings.check(work, screener, submission_id=submission_id)
        st.session_state[_key(submission_id, "edition")] = draft.edition
        with runtime.acting_as(user) as work:
            sent = submissions.submit(work, submission_id=submission_id, seen_version=item.submission.version)
            if opening is not None:
                submissions.expedite(
                    work,
                    submission_id=submission_id,
                    seen_version=sent.version,
                    reason=opening.reason,
                    words=opening.words,
                )
    if handed_in.done:
        navigation.go("my_submissions")
