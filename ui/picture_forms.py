"""图片登记: a compact form for each picture of a draft."""

from __future__ import annotations

import streamlit as st

from models import Asset, PictureRecord
from services import consent_checks, picture_checks, picture_records
from services.picture_records import RecordFields
from services.queries import standings
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from ui import consent_links, feedback, runtime, thumbnails, wording

FLAGS = {"has_people": "含人像", "has_minors": "含可辨认的未成年人", "has_map": "含地图", "made_by_ai": "AI 生成"}
NAME = "picture-{}-{}".format


def draw(user: SignedInPerson, item: SubmissionDetail) -> None:
    """One form for each picture, closed until somebody opens it."""
    if not item.assets:
        return
    with runtime.reading() as db:
        records = picture_checks.recorded(db, item.draft.submission_id)
        linked = consent_checks.linked(db, item.draft.submission_id)
    done = sum(asset.sha256 in records for asset in item.assets)
    title = f"图片来源登记（{done}/{len(item.assets)}）"
    with st.expander(title, icon=":material/photo_library:", key=f"pictures-{item.draft.submission_id}"):
        for number, asset in enumerate(item.assets, start=1):
            record, consents = records.get(asset.sha256), linked.get(asset.sha256, [])
            _form(user, asset, record, number)
            if consents or (record is not None and record.has_people):
                consent_links.draw(user, asset, consents)


def in_review(user: SignedInPerson, item: SubmissionDetail) -> None:
    """What is known of the pictures of the version in review; entered and linked by whoever may."""
    shown = [each for each in consent_checks.shown_in(item.content) if each != picture_checks.plain_cover_sha256()]
    assets = sorted((each for each in item.assets if each.sha256 in shown), key=lambda each: shown.index(each.sha256))
    if not assets:
        return
    submission = item.submission
    with runtime.reading() as db:
        standing = standings.standing(db, submission)
        records = picture_checks.recorded(db, item.draft.submission_id)
        linked = consent_checks.linked(db, item.draft.submission_id)
    may_record = picture_records.may_record(user, submission, standing)
    may_link = consent_checks.may_link(user, submission, standing)
    done = sum(asset.sha256 in records for asset in assets)
    title = f"图片来源与授权（{done}/{len(assets)} 已登记）"
    with st.expander(title, icon=":material/photo_library:", key=f"pictures-{item.draft.submission_id}"):
        for number, asset in enumerate(assets, start=1):
            record, consents = records.get(asset.sha256), linked.get(asset.sha256, [])
            if may_record:
                _form(user, asset, record, number)
            else:
                thumbnails.draw([(asset.sha256, f"图 {number}")], width=140)
                st.caption(_said(record))
            if may_link and (consents or (record is not None and record.has_people)):
                consent_links.draw(user, asset, consents)
            elif consents:
                st.caption(f"已关联 {len(consents)} 份肖像授权")


def _said(record: PictureRecord | None) -> str:
    """What was entered about a picture, in one line."""
    if record is None:
        return "来源还没有登记"
    flags = wording.listed(words for flag, words in FLAGS.items() if getattr(record, flag))
    parts = (
        f"来源 {record.source}",
        f"作者 {record.author}" if record.author else "",
        f"授权 {record.licence}" if record.licence else "",
        flags,
        f"审图号 {record.map_number}" if record.map_number else "",
    )
    return wording.literal("　".join(part for part in parts if part))


def _form(user: SignedInPerson, asset: Asset, record: PictureRecord | None, number: int) -> None:
    kept = picture_records.fields_of(record)
    with st.container(border=True, key=f"picture-{asset.id}"):
        thumbnails.draw([(asset.sha256, f"图 {number}" + ("　已登记" if record else ""))], width=140)
        left, right = st.columns(2)
        left.text_input("来源", kept.source, key=NAME(asset.id, "source"), placeholder="如 本校拍摄")
        right.text_input("作者", kept.author, key=NAME(asset.id, "author"))
        st.text_input("授权", kept.licence, key=NAME(asset.id, "licence"), placeholder="如 作者同意校内使用")
        chosen = st.pills(
            "图中有", list(FLAGS), default=[flag for flag in FLAGS if getattr(kept, flag)], selection_mode="multi",
            format_func=FLAGS.__getitem__, key=NAME(asset.id, "flags"),
        )  # fmt: skip
        if "has_map" in chosen:
            st.text_input("审图号", kept.map_number, key=NAME(asset.id, "map"), placeholder="含地图时必填")
        st.button("保存登记", on_click=_save, args=(user, asset.id), key=NAME(asset.id, "save"))


def keep_typed(user: SignedInPerson, item: SubmissionDetail) -> None:
    """Enter what was typed about the pictures of a draft and not saved by its button: handing in loses no word.

    Raises as `picture_records.save`.
    """
    with runtime.acting_as(user) as work:
        records = picture_checks.recorded(work.session, item.draft.submission_id)
        for asset in item.assets:
            typed = _typed(asset.id or 0)
            if typed not in (None, picture_records.fields_of(records.get(asset.sha256))):
                picture_records.save(work, asset_id=asset.id or 0, fields=typed)


def _typed(asset_id: int) -> RecordFields | None:
    """What the form of a picture says; None where it was not drawn."""
    said = {name: st.session_state.get(NAME(asset_id, name)) for name in ("source", "author", "licence", "map")}
    if said["source"] is None:
        return None
    flags = st.session_state.get(NAME(asset_id, "flags")) or ()
    return RecordFields(
        source=said["source"],
        author=said["author"] or "",
        licence=said["licence"] or "",
        map_number=said["map"] or "",
        has_people="has_people" in flags,
        has_minors="has_minors" in flags,
        has_map="has_map" in flags,
        made_by_ai="made_by_ai" in flags,
    )


def _save(user: SignedInPerson, asset_id: int) -> None:
    with feedback.reporting("图片登记已保存。"), runtime.acting_as(user) as work:
        picture_records.save(work, asset_id=asset_id, fields=_typed(asset_id) or RecordFields())
