"""The composition root: settings in, one `Runtime` out. The only module that knows the adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models import SignInSession
from services.adapters.article_pages import WECHAT_PAGES, PlatformPages
from services.adapters.asset_files import AssetFiles
from services.adapters.campus_site import StaticSite
from services.adapters.group_robot import GroupRobot
from services.adapters.mail import SmtpMail
from services.adapters.outlets import ConfiguredOutlets
from services.adapters.picture_text import installed_reader
from services.adapters.rehearsal import RehearsalPlatform
from services.adapters.wechat import WeChatGateway
from services.adapters.wechat_pushes import WeChatPushCipher
from services.database import Engines, is_double, make_engines, transaction
from services.errors import SignedOut, StaleState
from services.lexicon import CurrentScreener
from services.ports import (
    ArticlePages,
    AssetStore,
    CampusSite,
    Mail,
    Outlets,
    PictureReader,
    PushCipher,
    Robot,
    WeChatPlatform,
)
from services.queries import people, sessions
from services.rules.office_time import office_day
from services.screening.addresses import domain_of
from services.screening.engine import Screener, ScreeningSettings
from services.screening.personal_information import PersonalDataSettings
from services.secret_box import SecretBox
from services.settings import Settings
from services.unit_of_work import SYSTEM, UnitOfWork

ENTERED_TWICE = "同样的内容刚刚已经登记过，这一次没有重复登记。请刷新页面核对。"


@dataclass(frozen=True)
class Runtime:
    """Everything one process shares: settings, engines, clock and the doors to the outside world.

    `rehearsal` starts the rehearsal's WeChat platform if need be and answers with its address; there is none where
    calls go to the real one.
    """

    settings: Settings
    engines: Engines
    secrets: SecretBox
    assets: AssetStore
    wechat: WeChatPlatform
    pushes: PushCipher
    pages: ArticlePages
    site: CampusSite
    screener: Callable[[], Screener]
    clock: Callable[[], datetime]
    mail: Mail | None = None
    outlets: Outlets | None = None
    robot: Robot | None = None
    screening: ScreeningSettings = field(default_factory=ScreeningSettings)
    picture_reader: PictureReader | None = None
    rehearsal: Callable[[], str] | None = None
    closers: tuple[Callable[[], None], ...] = ()

    def now(self) -> datetime:
        return self.clock()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads; what it returns stays readable after it is closed."""
        with Session(self.engines.read, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def acting_as(
        self, person_id: int, *, session_id: int | None = None, entering: bool = False
    ) -> Iterator[UnitOfWork]:
        """One act of one person: commits at the end, or leaves nothing.

        The person is read again inside the transaction, and the sign-in session where there is one: a right
        withdrawn a minute ago is gone, and whoever still owes a code or a new password has none yet, but for the
        acts of `entering` itself. Raises `SignedOut`, and `StaleState` where somebody entered the same at the same
        moment: both looked before either wrote, and the database let one through.
        """
        try:
            with self._acting_as(person_id, session_id, entering=entering) as work:
                yield work
        except IntegrityError as fault:
            if not is_double(fault):
                raise
            raise StaleState(ENTERED_TWICE) from fault

    @contextmanager
    def _acting_as(self, person_id: int, session_id: int | None, *, entering: bool) -> Iterator[UnitOfWork]:
        now = self.now()
        with transaction(self.engines) as session:
            if session_id is not None:
                _refuse_ended(session, session_id, now)
                if not entering:
                    _refuse_unfinished(session, session_id, now, is_live=not self.settings.is_rehearsal)
            actor = people.actor(session, person_id, office_day(now))
            if actor is None:
                raise SignedOut("您的账号已停用或不存在，请联系系统管理员。刚才的操作没有执行。")
            yield UnitOfWork(session=session, actor=actor, now=now)

    @contextmanager
    def as_system(self) -> Iterator[UnitOfWork]:
        """One act of the worker or the installation."""
        with transaction(self.engines) as session:
            yield UnitOfWork(session=session, actor=SYSTEM, now=self.now())

    def close(self) -> None:
        for closer in self.closers:
            closer()
        self.engines.dispose()


def _refuse_ended(session: Session, session_id: int, now: datetime) -> None:
    row = session.get(SignInSession, session_id)
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        raise SignedOut("您的登录已结束，请重新登录。刚才的操作没有执行，已填写的内容仍在页面上。")


def _refuse_unfinished(session: Session, session_id: int, now: datetime, *, is_live: bool) -> None:
    who = sessions.by_id(session, session_id, now)
    if who is not None and who.duty(is_live=is_live) is not None:
        raise SignedOut("登录还没有完成，请刷新页面，按提示完成后再操作。刚才的操作没有执行。")


def _screening(settings: Settings, box: SecretBox) -> ScreeningSettings:
    # Salted per installation: the hashes that recognise personal data again say nothing anywhere else.
    personal = PersonalDataSettings(salt=box.signature("screening").encode())
    return ScreeningSettings(personal=personal, site=domain_of(settings.public_url))


def _mail(settings: Settings) -> Mail | None:
    if not settings.smtp_host:
        return None
    return SmtpMail(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        sender=settings.smtp_sender,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
    )


def utc_now() -> datetime:
    """The one clock of the product."""
    return datetime.now(UTC)


def bootstrap(settings: Settings) -> Runtime:
    """Join everything. Nothing is started or connected yet; in a rehearsal the WeChat platform starts by itself
    when it is first needed.
    """
    box = SecretBox(settings.secret_key.get_secret_value())
    engines = make_engines(settings.database)
    screening = _screening(settings, box)
    platform = RehearsalPlatform(settings.home / "sandbox")
    address = (lambda: settings.wechat_api) if settings.wechat_api else platform.address
    return Runtime(
        settings=settings,
        engines=engines,
        secrets=box,
        assets=AssetFiles(settings.assets_folder),
        wechat=WeChatGateway(base_url=address, engines=engines, secrets=box, clock=utc_now),
        pushes=WeChatPushCipher(),
        pages=PlatformPages(address if settings.is_rehearsal else lambda: WECHAT_PAGES),
        site=StaticSite(settings.site_folder, settings.site_url),
        screener=CurrentScreener(lambda: Session(engines.read, expire_on_commit=False), screening),
        screening=screening,
        clock=utc_now,
        mail=_mail(settings),
        outlets=ConfiguredOutlets(settings.home / "outlets", utc_now),
        robot=GroupRobot(settings.robot_url.get_secret_value()) if settings.robot_url.get_secret_value() else None,
        rehearsal=address if settings.is_rehearsal else None,
        picture_reader=installed_reader(),
        closers=(platform.stop,),
    )
