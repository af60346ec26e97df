"""Which adapter serves which kind of further place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from models import Target
from services.adapters.sftp_site import SftpSite
from services.adapters.webhook import Webhook
from services.adapters.wordpress import WordPress
from services.ports import Outlet, OutletSettings


class ConfiguredOutlets:
    """`Outlets` over the adapters; `folder` holds what is mirrored from here."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock

    def open(self, settings: OutletSettings) -> Outlet:
        """The adapter for these settings; nothing is connected yet."""
        kind = Target.of(settings.kind)
        if kind is Target.SFTP:
            return SftpSite(settings, self._folder / str(settings.id))
        if kind is Target.WORDPRESS:
            return WordPress(settings)
        if kind is Target.WEBHOOK:
            return Webhook(settings, self._clock)
        raise ValueError(f"{kind} is no further place")
