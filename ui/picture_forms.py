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
    with st.form(f"picture-{asset.id}", border=True):
        thumbnails.draw([(asset.sha256, f"图 {number}" + ("　已登记" if record else ""))], width=140)
        left, middle, right = st.columns(3)
        left.text_input("来源", kept.source, key=NAME(asset.id, "source"), placeholder="如 本校拍摄")
        middle.text_input("作者", kept.author, key=NAME(asset.id, "author"))
        right.text_input("授权", kept.licence, key=NAME(asset.id, "licence"), placeholder="如 作者同意校内使用")
        chosen = [flag for flag in FLAGS if getattr(kept, flag)]
        st.pills(
            "图中有", list(FLAGS), default=chosen, selection_mode="multi", format_func=FLAGS.__getitem__,
            key=NAME(asset.id, "flags"),
        )  # fmt: skip
        st.text_input("审图号（含地图时必填）", kept.map_number, key=NAME(asset.id, "map"))
        st.form_submit_button("保存登记", on_click=_save, args=(user, asset.id), key=NAME(asset.id, "save"))


def _save(user: SignedInPerson, asset_id: int) -> None:
    kept = {name: st.session_state[NAME(asset_id, name)] for name in ("source", "author", "licence", "map", "flags")}
    flags = kept["flags"] or ()
    fields = RecordFields(
        source=kept["source"],
        author=kept["author"],
        licence=kept["licence"],
        map_number=kept["map"],
        has_people="has_people" in flags,
        has_minors="has_minors" in flags,
        has_map="has_map" in flags,
        made_by_ai="made_by_ai" in flags,
    )
    with feedback.reporting("图片登记已保存。"), runtime.acting_as(user) as work:
        picture_records.save(work, asset_id=asset_id, fields=fields)
