"""公众号: one account with its entry, its requests and duties, its credentials and its history."""

import streamlit as st

from services import working_calendar
from services.queries import account_requests, accounts, annual_reviews, people
from services.queries.account_requests import Timing
from services.queries.clocks import clocks_of
from services.rules import flow_charts
from services.rules.account_requests import UNDER_WAY
from services.rules.office_time import office_day
from ui import (
    annual_review_view,
    feedback,
    flow_chart,
    layout_choice,
    navigation,
    official_account,
    official_credentials,
    official_requests,
    page,
    publication_stops,
    runtime,
)
from ui.query import number

user = page.begin("公众号", requires=navigation.READS_REGISTER)
navigation.link("accounts", ":material/arrow_back: 返回台账")

account_id = number("id")
if account_id is None:
    st.info("请从“公众号台账”里打开一个公众号。", icon=":material/info:")
    st.stop()

now = runtime.current().now()
with feedback.or_stop(), runtime.reading() as db:
    clocks = clocks_of(db)
    timing = Timing(working_calendar.calendar_of(db, office_day(now)), clocks)
    item = accounts.detail(db, user, account_id, now=now, clocks=clocks)
    requests = account_requests.of_account(db, user, timing, account_id)
    departments = people.department_names(db)
    review = annual_reviews.under_way(db, user, account_id, now=now, clocks=clocks)
open_requests = [line for line in requests if line.request.state in UNDER_WAY]

official_account.head(item)
publication_stops.on_account(item.id)
entry, doing = st.columns([3, 2], gap="large")
with doing:
    for line in open_requests:
        official_requests.card(user, line)
    if review is not None:
        annual_review_view.of_account(user, *review)
    official_account.steps(user, item)
    official_account.duties(user, item)
    official_account.asking(user, item, under_way=bool(open_requests), departments=departments)
    flow_chart.offer(flow_charts.of_account(), here=item.account.state, key=f"account-{item.id}")
with entry:
    register, credentials, history = st.tabs(["登记信息", "凭证与自检", "经过"], key=f"account-tabs-{item.id}")
    with register:
        official_account.entry(user, item)
        layout_choice.for_account(user, item.account)
    with credentials:
        official_credentials.draw(user, item)
    with history:
        official_account.history(user, item)
