"""Brings delivered series into albums, and tries again until Kheops has taken them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from philae.destinations.stow.kheops import Kheops, NotShared
from philae.destinations.stow.settings import StowSettings
from philae.pipeline.errand import keep_at
from philae.pipeline.retry import RetryCurve

if TYPE_CHECKING:
    from philae.config.album import KheopsAlbum
    from philae.config.tls import ClientTls
    from philae.pipeline.album_shares import AlbumShare, AlbumShares, WaitingShare
    from philae.pipeline.ports import ConfigStore
    from philae.pipeline.wake import Wake

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 2.0
KEPT: Final = timedelta(days=7)
"""How long a share is remembered, and one waits for an album that is not configured any more."""
_FORGET_EVERY: Final = timedelta(hours=1)
_CURVE: Final = RetryCurve(base_s=5.0, cap_s=1800.0)


@dataclass(slots=True)
class Sharing:
    """Any number of processes may do it at once: each share is made by one."""

    shares: AlbumShares
    configurations: ConfigStore
    _forget_at: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)

    def run(self, wake: Wake) -> None:
        """Work until told to stop. What a server does, or the database, is no reason to end."""
        keep_at(lambda: self.work(datetime.now(UTC), wake), wake, LOOK_EVERY_S)

    def work(self, now: datetime, wake: Wake) -> None:
        """Do what is due at ``now``. Raises `LedgerUnavailable`."""
        if now >= self._forget_at:
            self._forget_at = now + _FORGET_EVERY
            self.shares.forget(now - KEPT)
        while not wake.stopped and (waiting := self.shares.claim(now)):
            self._work_off(waiting, now)

    def _work_off(self, waiting: WaitingShare, now: datetime) -> None:
        said = {"destination": waiting.share.destination_id, "album": waiting.share.album}
        try:
            self._share(waiting.share)
        except _Gone as error:
            if now - waiting.since > KEPT:
                self.shares.drop(waiting.id)
                log.error("album.given_up", extra={**said, "reason": str(error)})
            else:
                self._postpone(waiting, str(error), now)
        except NotShared as error:
            self._postpone(waiting, str(error), now)
            log.warning("album.not_shared", extra={**said, "attempts": waiting.attempts, "reason": str(error)})
        else:
            self.shares.shared(waiting.id, now)
            log.info("album.shared", extra=said)

    def _postpone(self, waiting: WaitingShare, reason: str, now: datetime) -> None:
        self.shares.postpone(waiting.id, now + _CURVE.delay(waiting.attempts), reason)

    def _share(self, share: AlbumShare) -> None:
        kheops = Kheops(*self._album(share))
        try:
            kheops.check_tokens()
            kheops.share(share.study_instance_uid, share.series_instance_uid)
        finally:
            kheops.close()

    def _album(self, share: AlbumShare) -> tuple[KheopsAlbum, ClientTls]:
        """As configured now: tokens are renewed, servers move. Raises `_Gone`."""
        found = self.configurations.current().destination(share.destination_id)
        settings = found[1].settings if found is not None else None
        if isinstance(settings, StowSettings):
            for album in settings.kheops_albums:
                if album.name == share.album:
                    return album, settings.tls
        raise _Gone("the album is not configured any more; add it again under its name, or let the series go")


class _Gone(Exception):
    """There is no such album any more."""
