"""图中人物的授权: which consents a picture is linked to, and how another is found by the whole name."""

from __future__ import annotations

import streamlit as st

from models import Asset, PortraitConsent
from services import consents
from services.queries import consents as reads
from services.queries.sessions import SignedInPerson
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from ui import consent_card, feedback, navigation, runtime, wording

NAME = "portrait-{}".format


def draw(user: SignedInPerson, asset: Asset, linked: list[PortraitConsent]) -> None:
    """The people of one picture: who is linked, and a search for the next."""
    st.markdown("**图中人物的肖像授权**")
    for consent in linked:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(consent_card.described(consent))
            if consent.withdrawn_at is not None:
                st.badge("已撤回，须换图或打码", color="red")
                continue
            st.button(
                "解除",
                type="tertiary",
                key=f"unlink-{asset.id}-{consent.id}",
                on_click=_unlink,
                args=(user, asset.id or 0, consent.id or 0),
            )
    name = st.text_input("姓名", key=NAME(asset.id), placeholder="输入完整姓名查找授权", label_visibility="collapsed")
    if name.strip():
        _found(user, asset, name, {each.id for each in linked})


def _found(user: SignedInPerson, asset: Asset, name: str, linked: set[int | None]) -> None:
    here = runtime.current()
    with runtime.reading() as db:
        digest = consents.digest_of(here.secrets, name)
        found = reads.named_exactly(db, digest, today=office_day(here.now()))
    for consent in found:
        if consent.id in linked:
            continue
        st.button(
            f"关联　{wording.literal(consent_card.described(consent))}",
            icon=":material/link:",
            key=f"link-{asset.id}-{consent.id}",
            on_click=_link,
            args=(user, asset.id or 0, consent.id or 0),
        )
    if not found:
        st.caption("没有找到这位同学的有效授权：请核对姓名，或把签好的授权书交宣传部登记。")
    if user.may(Capability.KEEP_CONSENTS):
        navigation.link("consents", "去登记授权")


def _link(user: SignedInPerson, asset_id: int, consent_id: int) -> None:
    with feedback.reporting("已关联。") as done, runtime.acting_as(user) as work:
        consents.link(work, asset_id=asset_id, consent_id=consent_id)
    if done.done:
        st.session_state[NAME(asset_id)] = ""


def _unlink(user: SignedInPerson, asset_id: int, consent_id: int) -> None:
    with feedback.reporting("已解除关联。"), runtime.acting_as(user) as work:
        consents.unlink(work, asset_id=asset_id, consent_id=consent_id)
