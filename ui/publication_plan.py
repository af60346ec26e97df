"""排入发布: the way, the targets and the time of what may go out, and what pressing the button will do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import streamlit as st

from models import AccountState, OfficialAccount, PublicationWay, PublishOrder, Target
from services import dry_run, publishing
from services.queries import accounts, destinations, publishing_stops, send_quotas
from services.queries import submissions as submission_reads
from services.queries.publications import PublicationLine, ReadyItem, TargetsLeft
from services.queries.sessions import SignedInPerson
from services.rules import publishing_ways
from services.rules.office_time import OFFICE_ZONE
from services.rules.publication_states import Place
from services.rules.send_quota import SendQuota
from services.rules.variants import Variant
from ui import (
    article_preview,
    edition_form,
    embargo_form,
    feedback,
    navigation,
    publication_trial,
    quota_answer,
    runtime,
    slot_notes,
    wording,
)

NOW, LATER = "now", "later"
TIMES = {NOW: "立即", LATER: "定时"}

MEANINGS = {
    PublicationWay.DRAFT: "文章只进草稿箱，谁也不会收到通知。由您在公众平台核对后发出，通不通知粉丝到时再选。",
    PublicationWay.PUBLISH: "系统直接发布，得到文章链接。不通知粉丝，不进公众号主页，不占群发次数。",
    PublicationWay.MASS: "系统群发，全部粉丝都会收到通知，用掉今天的一次群发。发出后不能改，也不能重来。",
    PublicationWay.MANUAL: "系统不动公众号，谁也不会收到通知。由您自己发出，再把文章链接登记到这里。",
}

EFFECTS = {
    PublicationWay.DRAFT: "把文章存入“{account}”的草稿箱等您发出",
    PublicationWay.PUBLISH: "在“{account}”上发布（不通知粉丝）",
    PublicationWay.MASS: "群发给“{account}”的全部粉丝",
    PublicationWay.MANUAL: "请您在“{account}”上人工发出、登记链接",
}


@dataclass(frozen=True)
class Plan:
    """What is to be planned. `key` tells the fields of several plans on one page apart."""

    key: str
    submission_id: int
    title: str
    account: OfficialAccount | None
    targets: tuple[Target, ...]
    default_way: PublicationWay | None
    wanted_at: datetime | None
    embargo_until: datetime | None = None
    further: tuple[Place, ...] | None = None
    """Further destinations that are offered; None for all that are switched on."""

    @property
    def places(self) -> tuple[Place, ...]:
        """Everywhere it may go; WeChat only while its account runs."""
        shut = self.account is not None and self.account.state is not AccountState.ACTIVE
        built_in = (Place(each) for each in self.targets if not (shut and each is Target.WECHAT))
        return (*built_in, *(self.further or ()))


@dataclass(frozen=True)
class Choice:
    """What the person chose so far. `at` is None for at once; `complete` says whether anything is missing."""

    targets: tuple[Target, ...]
    way: PublicationWay | None
    at: datetime | None
    complete: bool
    order: PublishOrder | None = None
    further: tuple[Place, ...] = ()
    variants: Mapping[int, Variant] = field(default_factory=dict)

    @property
    def notifies_followers(self) -> bool:
        return self.way is PublicationWay.MASS


# --- What may go out -------------------------------------------------------------------------------------


def ready(user: SignedInPerson, items: Sequence[ReadyItem]) -> None:
    """待发布: each approved item with its plan."""
    st.subheader(f"待发布　{len(items)}" if items else "待发布")
    if not items:
        st.caption("没有等待发布的稿件。终审通过的稿件会出现在这里。")
        return
    register = register_of_accounts()
    for item in items:
        with st.container(border=True, key=f"ready-{item.submission_id}", gap="small"):
            st.markdown(f"**{wording.literal(item.title)}**")
            st.caption(_facts(item))
            _planning(user, item, register)
            _reading(user, item)


def register_of_accounts() -> Mapping[str, OfficialAccount]:
    """The accounts by name."""
    with runtime.reading() as db:
        return {each.name: each for each in accounts.every(db)}


def _facts(item: ReadyItem) -> str:
    facts = (
        item.department,
        item.account or "没有选公众号",
        f"{wording.moment(item.approved_at)} 通过",
        f"希望 {wording.moment(item.wanted_at)} 发布" if item.wanted_at else "",
    )
    return wording.literal("　·　".join(fact for fact in facts if fact))


def _planning(user: SignedInPerson, item: ReadyItem, register: Mapping[str, OfficialAccount]) -> None:
    # Closed at first, also when it is the only one: what was queued makes room, and a second click of an
    # impatient finger would land on the next item's button.
    account = register.get(item.account or "")
    fold = st.expander(
        "安排发布",
        key=f"planning-{item.submission_id}",
        icon=":material/schedule_send:",
        on_change="rerun",
    )
    if not fold.open:
        return
    with fold:
        draw(
            user,
            Plan(
                key=str(item.submission_id),
                submission_id=item.submission_id,
                title=item.title,
                account=account,
                targets=(Target.WECHAT, Target.SITE) if account else (Target.SITE,),
                default_way=item.default_way,
                wanted_at=item.wanted_at,
                embargo_until=item.embargo_until,
            ),
        )


def _reading(user: SignedInPerson, item: ReadyItem) -> None:
    fold = st.expander("手机预览", key=f"reading-{item.submission_id}", icon=":material/smartphone:", on_change="rerun")
    if not fold.open:
        return
    with fold, feedback.reporting():
        with runtime.reading() as db:
            shown = submission_reads.detail(db, user, item.submission_id)
        st.caption(f"封版指纹 {(shown.submission.seal or '')[:16]}，只有这一版可以发布。")
        article_preview.draw(
            title=shown.content.title,
            author=shown.content.author,
            photographer=shown.content.photographer,
            body_html=shown.content.body_html,
            account=shown.account,
            key=f"article-{item.submission_id}",
            theme=shown.submission.theme,
        )
        navigation.link("submission", "查看稿件和审核经过", id=item.submission_id)


# --- One plan --------------------------------------------------------------------------------------------


def again(user: SignedInPerson, line: PublicationLine) -> None:
    """The same for what did not go out, with another way or at another time."""
    draw(
        user,
        Plan(
            key=f"again-{line.id}",
            submission_id=line.submission_id,
            title=line.title,
            account=register_of_accounts().get(line.account or ""),
            targets=() if line.destination_id else (line.target,),
            further=(Place(line.target, line.destination_id, line.place),) if line.destination_id else (),
            default_way=line.way,
            wanted_at=None,
            embargo_until=line.embargo_until,
        ),
    )


def rest(user: SignedInPerson, left: TargetsLeft) -> None:
    """The same for where an item that is out has not gone yet."""
    item = left.item
    names = [each.label for each in left.targets] + [wording.literal(each.label) for each in left.further]
    places = "、".join(names)
    fold = st.expander(
        f"再发布到{places}",
        key=f"rest-{item.submission_id}",
        icon=":material/schedule_send:",
        type="compact",
        on_change="rerun",
    )
    if not fold.open:
        return
    with fold:
        draw(
            user,
            Plan(
                key=f"rest-{item.submission_id}",
                submission_id=item.submission_id,
                title=item.title,
                account=register_of_accounts().get(item.account or ""),
                targets=left.targets,
                further=left.further,
                default_way=item.default_way,
                wanted_at=None,
                embargo_until=item.embargo_until,
            ),
        )


def draw(user: SignedInPerson, plan: Plan) -> None:
    """The fields, what they come to, and the button."""
    if plan.further is None:
        with runtime.reading() as db:
            further = tuple(Place(each.kind, each.id, each.name) for each in destinations.active(db))
        plan = replace(plan, further=further)
    _say_if_shut(plan)
    if not plan.places:
        return
    if len(plan.places) > 1:
        names = {_code(each): each.label for each in plan.places}
        st.pills(
            "发布到",
            list(names),
            default=list(names),
            selection_mode="multi",
            format_func=names.__getitem__,
            key=_key(plan, "targets"),
        )
    if Target.WECHAT in {each.target for each in _chosen_places(plan)}:
        _choose_way(plan)
    for place in _chosen_places(plan):
        if place.target in publishing.HAS_VARIANTS:
            edition_form.draw(plan.submission_id, place, key=_key(plan, _code(place)))
    if _can_be_ordered(plan):
        _choose_order(plan)
    _choose_time(plan)
    embargo_form.draw(user, plan.submission_id, plan.embargo_until)
    choice = chosen(plan)
    if choice.complete:
        slot_notes.draw(at=choice.at, account=plan.account, way=choice.way, submission_id=plan.submission_id)
    st.markdown(consequence(plan, choice))
    for sentence in held_back(plan, choice).sentences:
        st.markdown(f":orange[:material/front_hand: {sentence}]")
    with st.container(horizontal=True, gap="small"):
        _button(user, plan, choice)
        if choice.complete:
            publication_trial.button(user, _tried(plan, choice), key=plan.key, embargo=plan.embargo_until)
    publication_trial.outcome(_tried(plan, choice), key=plan.key, embargo=plan.embargo_until)


def _tried(plan: Plan, choice: Choice) -> dry_run.Plan:
    return dry_run.Plan(
        plan.submission_id, choice.way, choice.targets, choice.at, choice.order, _ids(choice.further), choice.variants
    )


def _ids(places: Iterable[Place]) -> tuple[int, ...]:
    return tuple(each.destination_id for each in places if each.destination_id is not None)


def _say_if_shut(plan: Plan) -> None:
    if plan.account is not None and Target.WECHAT in plan.targets and plan.account.state is not AccountState.ACTIVE:
        st.warning(
            f"公众号“{wording.literal(plan.account.name)}”{plan.account.state.label}，现在不能发布到微信。",
            icon=":material/block:",
        )


def _code(place: Place) -> str:
    return f"to-{place.destination_id}" if place.destination_id else place.target.value


def _choose_way(plan: Plan) -> None:
    ways = ways_of(plan.account)
    default = plan.default_way if plan.default_way in ways else ways[0]
    st.radio(
        "微信发布方式",
        [each.value for each in ways],
        index=ways.index(default),
        format_func=lambda code: PublicationWay.of(code).label,
        captions=[MEANINGS[each] for each in ways],
        key=_key(plan, "way"),
    )
    for sentence in _why_closed(plan.account):
        st.caption(f":material/info: {wording.literal(sentence)}")


def _why_closed(account: OfficialAccount | None) -> list[str]:
    """Why the ways that are not offered are closed, each reason once."""
    return list(dict.fromkeys(publishing_ways.closed_ways(account).values())) if account else []


def ways_of(account: OfficialAccount | None) -> list[PublicationWay]:
    """The ways this account may use now; by hand is always one of them."""
    if account is None:
        return [PublicationWay.MANUAL]
    with runtime.reading() as db:
        closed = publishing_stops.closed_ways(db, account.id or 0, runtime.current().now())
    return [each for each in publishing.ways_open_to(account) if each not in closed]


def _can_be_ordered(plan: Plan) -> bool:
    chosen_now = _chosen_places(plan)
    return len(chosen_now) > 1 and any(each.target is Target.WECHAT for each in chosen_now)


def _choose_order(plan: Plan) -> None:
    usual = plan.account.publish_order if plan.account else PublishOrder.TOGETHER
    st.segmented_control(
        "先后",
        [each.value for each in PublishOrder],
        default=usual.value,
        format_func=lambda code: PublishOrder.of(code).label,
        required=True,
        key=_key(plan, "order"),
        width="content",
        help="排在后面的，等前面的上线才发；前面的没有发出，后面的就停下等您决定。",
    )


def _choose_time(plan: Plan) -> None:
    now = runtime.current().now()
    wish = plan.wanted_at if plan.wanted_at and plan.wanted_at > now else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        when = st.segmented_control(
            "发布时间",
            list(TIMES),
            default=LATER if wish else NOW,
            format_func=TIMES.__getitem__,
            required=True,
            key=_key(plan, "when"),
            width="content",
        )
        if when == LATER:
            st.datetime_input(
                "北京时间",
                _on_the_clock(wish or _next_hour(now)),
                format="YYYY-MM-DD",
                key=_key(plan, "at"),
                width=260,
            )


def _on_the_clock(moment: datetime) -> datetime:
    return moment.astimezone(OFFICE_ZONE).replace(tzinfo=None)


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _key(plan: Plan, field: str) -> str:
    return f"plan-{plan.key}-{field}"


def _chosen_places(plan: Plan) -> tuple[Place, ...]:
    codes = st.session_state.get(_key(plan, "targets"))
    return plan.places if codes is None else tuple(each for each in plan.places if _code(each) in codes)


def chosen(plan: Plan) -> Choice:
    """What stands in the fields now; a handler reads them again, because it runs before they are drawn."""
    places = _chosen_places(plan)
    targets = tuple(each.target for each in places if each.destination_id is None)
    further = tuple(each for each in places if each.destination_id is not None)
    code = st.session_state.get(_key(plan, "way")) if Target.WECHAT in targets else None
    at: datetime | None = None
    if st.session_state.get(_key(plan, "when")) == LATER:
        at = st.session_state.get(_key(plan, "at"))
    order = st.session_state.get(_key(plan, "order")) if _can_be_ordered(plan) else None
    return Choice(
        targets=targets,
        way=PublicationWay.of(code) if code else None,
        at=at.replace(tzinfo=OFFICE_ZONE) if at else None,
        complete=bool(places) and (st.session_state.get(_key(plan, "when")) == NOW or at is not None),
        order=PublishOrder.of(order) if order else None,
        further=further,
        variants={
            each.destination_id or 0: edition_form.given(_key(plan, _code(each)))
            for each in further
            if each.target in publishing.HAS_VARIANTS
        },
    )


def consequence(plan: Plan, choice: Choice) -> str:
    """One sentence that says what the button does."""
    if not choice.complete:
        return ":orange[请选择至少一个发布目标和发布时间。]"
    start = _start(plan, choice)
    when = f"**{wording.moment(start)}**（北京时间）" if start else "**立即**"
    account = wording.literal(plan.account.name) if plan.account else ""
    effects = [EFFECTS[choice.way].format(account=account)] if choice.way else []
    effects += ["在校园网站上线"] if Target.SITE in choice.targets else []
    effects += [f"发到“{wording.literal(each.label)}”" for each in choice.further]
    return f"按下后，{when}{'，并'.join(effects)}。"


def _start(plan: Plan, choice: Choice) -> datetime | None:
    """When it can begin; None is at once. Before its embargo an item goes nowhere."""
    embargo = plan.embargo_until
    if embargo is None or embargo <= runtime.current().now():
        return choice.at
    return max(choice.at, embargo) if choice.at else embargo


@dataclass(frozen=True)
class HeldBack:
    """What of a plan would wait for a stop to be lifted, in words; `altogether` where nothing of it would begin."""

    sentences: tuple[str, ...] = ()
    altogether: bool = False


def held_back(plan: Plan, choice: Choice) -> HeldBack:
    """Whether a stop stands in the way of what is chosen."""
    with runtime.reading() as db:
        stops = publishing_stops.standing(db, runtime.current().now())
    if any(stop.account is None for stop in stops):
        return HeldBack(("全部发布现在停着，排入后等恢复才发。",), altogether=True)
    account_id = plan.account.id if plan.account and choice.way else None
    if not any(stop.would_hold(account_id, choice.way) for stop in stops):
        return HeldBack()
    alone = len(choice.targets) + len(choice.further) == 1
    return HeldBack(("公众号的发布现在暂停着，排入后等恢复才发到公众号。",), altogether=alone)


def _button(user: SignedInPerson, plan: Plan, choice: Choice) -> None:
    """Queue it. What every follower will notice is asked twice."""
    if not choice.notifies_followers:
        _press(user, plan, "排入发布", enabled=choice.complete)
        return
    with st.popover("排入群发……", type="primary", key=f"mass-{plan.key}"):
        account = wording.literal(plan.account.name) if plan.account else ""
        st.markdown(
            f"**{wording.literal(plan.title)}** 将以公众号 **{account}** 群发：全部粉丝都会收到通知，"
            "发出后不能改，也不能重来。"
        )
        left = _sends_left(plan, choice)
        st.markdown(f":orange-badge[{left.sentence}]" if left.left else f":red-badge[{left.sentence}]")
        if plan.account is not None and plan.account.app_id is not None:
            quota_answer.draw(user, plan.account.id or 0, key=_key(plan, "quota"))
        sure = st.checkbox(f"我已看过手机预览，确认以“{account}”群发", key=_key(plan, "sure"))
        _press(user, plan, "确认群发", enabled=choice.complete and sure and left.left > 0)


def _sends_left(plan: Plan, choice: Choice) -> SendQuota:
    if plan.account is None:
        raise RuntimeError("only an account sends to followers")
    start = max(filter(None, (choice.at, plan.embargo_until, runtime.current().now())))
    with runtime.reading() as db:
        return send_quotas.sends_left(db, plan.account, start, but_submission=plan.submission_id)


def _press(user: SignedInPerson, plan: Plan, label: str, *, enabled: bool) -> None:
    st.button(
        label,
        key=f"queue-{plan.key}",
        type="primary",
        icon=":material/send:",
        disabled=not enabled,
        on_click=_queue,
        args=(user, plan),
    )


def _queue(user: SignedInPerson, plan: Plan) -> None:
    choice = chosen(plan)
    start, held = _start(plan, choice), held_back(plan, choice)
    when = f"将于 {wording.moment(start)}（北京时间）发布" if start else "" if held.altogether else "马上开始"
    told = f"已排入发布，{when}。" if when else "已排入发布。"
    with (
        feedback.reporting(f"《{wording.literal(plan.title)}》{told}{''.join(held.sentences)}"),
        runtime.acting_as(user) as work,
    ):
        publishing.queue(
            work,
            runtime.current().secrets,
            submission_id=plan.submission_id,
            way=choice.way,
            targets=choice.targets,
            at=choice.at,
            order=choice.order,
            destinations=_ids(choice.further),
            variants=choice.variants,
        )
