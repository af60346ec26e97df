"""公众号台账: every official account of the school, what units ask about them, the annual review, the clocks."""

from services import working_calendar
from services.queries import account_requests, accounts, annual_reviews, destinations, people
from services.queries.account_requests import Timing
from services.queries.clocks import clocks_of
from services.queries.send_quotas import limits_of
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from ui import (
    annual_review_view,
    clock_settings_view,
    destination_view,
    navigation,
    official_application,
    official_register,
    official_requests,
    page,
    runtime,
    send_limits_form,
)
from ui.official_register import View

user = page.begin("公众号台账", requires=navigation.READS_REGISTER)

view = official_register.choose(user)
now = runtime.current().now()
with runtime.reading() as db:
    clocks = clocks_of(db)
    calendar = working_calendar.calendar_of(db, office_day(now))
    timing = Timing(calendar, clocks)

if view is View.REGISTER:
    with runtime.reading() as db:
        lines = accounts.register(db, user, now=now, clocks=clocks)
        waiting = account_requests.waiting_for(db, user)
    official_register.draw(user, lines, waiting=waiting)
elif view is View.APPLY:
    with runtime.reading() as db:
        departments = people.department_names(db)
    official_application.draw(user, departments)
    if user.may(Capability.ADMINISTER):
        official_application.existing(user, departments)
elif view is View.REQUESTS:
    with runtime.reading() as db:
        requests = account_requests.open_requests(db, user, timing)
    official_requests.listing(user, requests)
elif view is View.ANNUAL:
    with runtime.reading() as db:
        campaigns = annual_reviews.campaigns(db)
    annual_review_view.begin(user, campaigns)
    campaign = annual_review_view.choose(campaigns)
    if campaign is not None:
        with runtime.reading() as db:
            reviews = annual_reviews.lines(db, user, campaign, now=now, clocks=clocks)
        annual_review_view.draw(user, campaign, reviews)
elif view is View.DESTINATIONS:
    with runtime.reading() as db:
        places = destinations.every(db)
    destination_view.draw(user, places)
else:
    with runtime.reading() as db:
        limits = limits_of(db)
        entered = working_calendar.spans(db)
    clock_settings_view.draw(user, clocks, calendar, entered)
    send_limits_form.draw(user, limits)
