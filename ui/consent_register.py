"""肖像授权登记: the register, looked through, and the form of one signed paper."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from models import PortraitAge, PortraitScope
from services import consents
from services.account_files import GivenFile
from services.queries import consents as reads
from services.queries.consents import ConsentFilter, ConsentStanding
from services.queries.sessions import SignedInPerson
from services.rules.consents import ConsentFields, end_of_school_year, school_year_of
from ui import consent_card, feedback, paging, runtime

PAGE = "consents"
OF_ONE_PERSON = ("name", "guardian", "relation", "contact")
"""Fields that are emptied for the next paper; class, occasion and dates stay, because papers come by the class."""

KEY = "consent-form-{}".format


def draw(user: SignedInPerson, today: date) -> None:
    """The search and a page of the register."""
    wanted = _wanted()
    with feedback.or_stop(), runtime.reading() as db:
        total = reads.count(db, user, today=today, wanted=wanted)
        years = reads.keep_years(db)
    listing = st.container()
    number = paging.choose(reads.pages_of(total), key=PAGE)
    with runtime.reading() as db:
        found = reads.page(db, user, today=today, wanted=wanted, number=number)
        pictures = reads.pictures_of(db, [each.id or 0 for each in found])
    with listing:
        st.caption(
            f"共 {total} 份。姓名打码显示，完整信息须写明用途才能查看。"
            f"到期或撤回 {years} 年后，稿件也处理完的，系统自动删除个人信息，登记仍在。"
        )
        if not found:
            nothing = (
                "还没有登记：收到签好的授权书后，在上面“登记一份授权”。"
                if wanted == reads.EVERYTHING
                else "没有符合条件的授权。"
            )
            st.info(nothing, icon=":material/info:")
        for consent in found:
            consent_card.draw(user, consent, pictures=pictures.get(consent.id or 0, 0), today=today)


def _wanted() -> ConsentFilter:
    first_page = partial(paging.back_to_first, PAGE)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("姓名（须完整）", key="consents-name", on_change=first_page)
        school_class = st.text_input("班级", key="consents-class", on_change=first_page)
        standing = st.selectbox(
            "状态", list(ConsentStanding), index=None, format_func=lambda each: each.label, placeholder="全部",
            key="consents-standing", on_change=first_page,
        )  # fmt: skip
    digest = consents.digest_of(runtime.current().secrets, name) if name.strip() else ""
    return ConsentFilter(
        digest=digest,
        school_class=school_class.strip(),
        standing=ConsentStanding.of(standing) if standing is not None else None,
    )


# --- The form --------------------------------------------------------------------------------------------


def form(user: SignedInPerson, today: date) -> None:
    """One signed paper; what a whole class shares stays filled in for the next."""
    with st.expander("登记一份授权", icon=":material/add:", key="consent-form"):
        left, right = st.columns(2)
        left.text_input("被拍摄人姓名", key=KEY("name"), max_chars=40)
        right.text_input("班级或单位", key=KEY("class"), max_chars=40, placeholder="如 三（2）班")
        st.radio("年龄", list(PortraitAge), format_func=lambda each: each.label, key=KEY("age"), horizontal=True)
        one, two, three = st.columns(3)
        one.text_input("监护人姓名", key=KEY("guardian"), max_chars=40, placeholder="成年人不填")
        two.text_input("与本人关系", key=KEY("relation"), max_chars=20, placeholder="如 母亲")
        three.text_input("联系方式（可不填）", key=KEY("contact"), max_chars=40)
        st.pills(
            "使用范围", list(PortraitScope), selection_mode="multi", format_func=lambda each: each.label,
            default=[PortraitScope.WECHAT, PortraitScope.SITE], key=KEY("scopes"),
        )  # fmt: skip
        st.text_input("活动或学年", school_year_of(today), key=KEY("occasion"), max_chars=80)
        signed, until = st.columns(2)
        signed.date_input("签署日期", today, key=KEY("signed"), format="YYYY-MM-DD", max_value=today)
        until.date_input("有效期至", end_of_school_year(today), key=KEY("until"), format="YYYY-MM-DD")
        st.checkbox("可以署名", key=KEY("named"), help="同意在图注或正文里出现姓名")
        turn = st.session_state.setdefault(KEY("turn"), 0)
        st.file_uploader(
            f"{consent_card.SCAN_WORDS}，可后补",
            type=consent_card.SCAN_TYPES,
            max_upload_size=consent_card.LARGEST_MB,
            key=KEY(f"scan-{turn}"),
        )
        st.button("登记", type="primary", key=KEY("save"), on_click=_save, args=(user,))
        st.caption("姓名、监护人、联系方式和扫描件加密保存，列表里只显示打码的姓名。")


def _save(user: SignedInPerson) -> None:
    here, said = runtime.current(), st.session_state
    file = said.get(KEY(f"scan-{said[KEY('turn')]}"))
    with feedback.reporting() as saved, runtime.acting_as(user) as work:
        consent = consents.record(
            work,
            here.secrets,
            here.assets,
            fields=_fields(said),
            scan=GivenFile(file.name, file.getvalue()) if file is not None else None,
        )
    if saved.done:
        feedback.say(f"已登记 {consent.shown_name} 的授权。同班的下一份，接着填姓名即可。")
        for name in OF_ONE_PERSON:
            said[KEY(name)] = ""
        said[KEY("turn")] += 1


def _fields(said: Any) -> ConsentFields:
    return ConsentFields(
        name=said[KEY("name")],
        school_class=said[KEY("class")],
        age=PortraitAge.of(said[KEY("age")]),
        guardian=said[KEY("guardian")],
        relation=said[KEY("relation")],
        contact=said[KEY("contact")],
        scopes=tuple(PortraitScope.of(each) for each in said[KEY("scopes")] or ()),
        occasion=said[KEY("occasion")],
        may_be_named=said[KEY("named")],
        signed_on=said[KEY("signed")],
        valid_until=said[KEY("until")],
    )
