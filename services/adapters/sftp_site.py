"""The pages of the campus site on somebody else's web server, over SFTP.

The pages are written into a folder here first, as the campus site's are; then every file that is not yet there as it
is here goes up: to a name nobody reads, and renamed whole. What went up is remembered file by file, so a broken
connection goes on where it stopped and an article costs a constant number of files. Its page and its lists go up
whatever is remembered, because other machines write there too. The server is known by its key.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import posixpath
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import paramiko  # type: ignore[import-untyped]  # publishes no types

from services.adapters.campus_site import StaticSite, page_copy
from services.ports import (
    Cure,
    DeliveryRefused,
    NotSent,
    OutletFinding,
    OutletSettings,
    SiteArticle,
    SitePageCopy,
    SiteShelf,
    SiteTombstone,
)

TIMEOUT = 15.0
"""Seconds for connecting, for the greeting, for signing in and between two answers."""

KEPT_EVERY = 50
"""Files after which a long upload writes down how far it came."""

TOLD_EVERY = 20
"""The same where somebody watches."""

ORDER = (
    "pictures/",
    "files/",
    "style.css",
    "articles/",
    "archive/",
    "index.html",
    "feed.xml",
    "sitemap/",
    "sitemap.xml",
)
"""What goes up first: nothing ever points to what is not there yet."""

ALIKE = ("pictures/", "files/", "style.css")
"""What every machine writes alike: pictures and attachments bear the hash of their content."""

OF_ARTICLES = ("articles/", "pictures/", "files/")
"""What belongs to single articles, not to the site."""

RSA_SIGNATURES = ("rsa-sha2-512", "rsa-sha2-256")

WRONG_SERVER = "服务器的公钥与登记的不一致：可能换了服务器，也可能有人冒充。请服务器管理员核对后，再由系统管理员更新。"
WRONG_SECRET = "服务器不接受用户名、密码或私钥：请系统管理员在“发布去处”里重新填写。"  # noqa: S105  # a sentence
NO_RIGHTS = "没有权限写入网站目录：请服务器管理员检查目录是否存在、该用户能否写入。"
BAD_KEY = "私钥看不懂，或设了口令：请换成没有口令的 OpenSSH 私钥全文。"
UNREACHED = "连不上服务器：请检查服务器名、端口和防火墙。"


class SftpSite:
    """`Outlet`, `ReadableOutlet` and `ResendableOutlet` over SFTP.

    `folder` holds the pages as they shall be there, and what went up already.
    """

    def __init__(self, settings: OutletSettings, folder: Path) -> None:
        self._fields = settings.fields
        self._secret = settings.secret
        self._pages = folder / "pages"
        self._sent_file = folder / "sent.json"
        self._mark_file = folder / "resent"
        self._site = StaticSite(self._pages, settings.fields["address"], name=settings.name)

    def find(self, slug: str) -> str | None:  # noqa: ARG002  # writing a page again is harmless: nobody need ask
        """Never asked for: writing a page again leaves the same page."""
        return None

    def deliver(self, article: SiteArticle, around: SiteShelf) -> str:
        """Write the page and what stands around it here, then bring what changed to the server."""
        self._bring_up(self._site.write(article, around))
        return self._site.address_of(article.entry.slug)

    def replace(self, article: SiteArticle, around: SiteShelf) -> str:
        """As `deliver`: a page is written whole, whatever stood there."""
        return self.deliver(article, around)

    def retract(self, tombstone: SiteTombstone, around: SiteShelf) -> None:
        """Put the notice in the place of the page here, then bring what changed, and what is gone, to the server."""
        written, gone = self._site.bury(tombstone, around)
        self._bring_up(written, gone)

    def resend(self, articles: Iterable[SiteArticle], *, mark: str, progress: Callable[[int, int], None]) -> None:
        """Write the whole site here, then bring it up file by file, whatever went up before this `mark`."""
        if not self._mark_file.exists() or self._mark_file.read_text() != mark:
            self._keep({})
            self._mark_file.write_text(mark)
        kept: set[str] = set()
        self._site.rebuild(_noting_files(articles, kept))
        self._drop_others(kept)
        present = dict(self._present())
        # What stands there beside these pages stays: a notice in the place of a page that was taken down.
        sent = {name: seen for name, seen in self._sent().items() if name in present}
        waiting = sorted((name for name, seen in present.items() if sent.get(name) != seen), key=_turn)
        progress(len(present) - len(waiting), len(present))
        with self._connected() as sftp:
            try:
                for number, name in enumerate(waiting, start=1):
                    self._put(sftp, name)
                    sent[name] = present[name]
                    if number % TOLD_EVERY == 0:
                        self._keep(sent)
                        progress(len(present) - len(waiting) + number, len(present))
            finally:
                self._keep(sent)
        progress(len(present), len(present))

    def _drop_others(self, kept: set[str]) -> None:
        """Take away here what no article needs any more: another machine may have taken it down since."""
        for name, _ in list(self._present()):
            if name.startswith(OF_ARTICLES) and name not in kept:
                (self._pages / name).unlink()

    def read_back(self, slug: str) -> SitePageCopy | None:
        """The page as it lies on the server, with its pictures and attachments."""
        with self._connected() as sftp:
            content = self._bytes_of(sftp, f"articles/{slug}.html")
            return None if content is None else page_copy(content, partial(self._bytes_of, sftp))

    def _bytes_of(self, sftp: paramiko.SFTPClient, name: str) -> bytes | None:
        held = io.BytesIO()
        try:
            sftp.getfo(self._remote(name), held)
        except FileNotFoundError:
            return None
        return held.getvalue()

    def examine(self) -> Sequence[OutletFinding]:
        """Connect, compare the key, sign in, write a file nobody links to, and take it away again."""
        try:
            with self._connected() as sftp:
                name = self._remote(f".weishentai-{os.getpid()}.part")
                sftp.putfo(io.BytesIO(b"ok"), name)
                sftp.remove(name)
        except DeliveryRefused as refused:
            return [OutletFinding("连接与写入", ok=False, sentence=refused.sentence)]
        except NotSent:
            return [OutletFinding("连接与写入", ok=False, sentence=UNREACHED)]
        return [OutletFinding("连接与写入", ok=True, sentence="服务器公钥一致，登录成功，网站目录可以写入。")]

    # Bringing up

    def _bring_up(self, written: Sequence[str], removed: Sequence[str] = ()) -> None:
        """Send what changed here since it was sent, and in any case what was `written` just now: another machine may
        have written the same page or list since, and what went up is remembered on each machine for itself.
        """
        sent = self._sent()
        present = dict(self._present())
        gone = {*removed, *(name for name in sent if name not in present)}
        with self._connected() as sftp:
            changed = {name for name, mark in present.items() if sent.get(name) != mark}
            changed.update(name for name in written if not self._stands(sftp, name))
            try:
                for number, name in enumerate(sorted(changed, key=_turn), start=1):
                    self._put(sftp, name)
                    sent[name] = present[name]
                    if number % KEPT_EVERY == 0:
                        self._keep(sent)
                for name in gone:
                    with suppress(FileNotFoundError):
                        sftp.remove(self._remote(name))
                    sent.pop(name, None)
            finally:
                self._keep(sent)

    def _stands(self, sftp: paramiko.SFTPClient, name: str) -> bool:
        """Whether a file that every machine writes alike is there, in its full size."""
        if not name.startswith(ALIKE):
            return False
        try:
            return bool(sftp.stat(self._remote(name)).st_size == (self._pages / name).stat().st_size)
        except FileNotFoundError:
            return False

    def _put(self, sftp: paramiko.SFTPClient, name: str) -> None:
        target = self._remote(name)
        draft = posixpath.join(posixpath.dirname(target), f".{posixpath.basename(target)}.part")
        _make_folders(sftp, self._fields["folder"], posixpath.dirname(name))
        # Compares the size on the server with what was sent.
        sftp.put(str(self._pages / name), draft, confirm=True)
        with suppress(OSError):
            sftp.chmod(draft, 0o644)
        # Plain SFTP renames refuse to replace a file; OpenSSH's own does it in one step.
        sftp.posix_rename(draft, target)

    def _remote(self, name: str) -> str:
        return posixpath.join(self._fields["folder"], name)

    def _present(self) -> Iterator[tuple[str, str]]:
        """Every file here with a mark that changes when it is written anew."""
        for path in self._pages.rglob("*"):
            if path.is_file() and not path.name.startswith("."):
                facts = path.stat()
                yield path.relative_to(self._pages).as_posix(), f"{facts.st_size}-{facts.st_mtime_ns}"

    def _sent(self) -> dict[str, str]:
        if not self._sent_file.exists():
            return {}
        known: dict[str, dict[str, str]] = json.loads(self._sent_file.read_text())
        # Another server, or another folder on it, has none of it.
        return known.get(self._where(), {})

    def _keep(self, sent: Mapping[str, str]) -> None:
        self._sent_file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._sent_file.with_suffix(".part")
        draft.write_text(json.dumps({self._where(): sent}))
        draft.replace(self._sent_file)

    def _where(self) -> str:
        place = "\n".join(self._fields[name] for name in ("host", "port", "folder", "host_key"))
        return hashlib.sha256(place.encode()).hexdigest()

    # The connection

    @contextmanager
    def _connected(self) -> Iterator[paramiko.SFTPClient]:
        transport = self._transport()
        try:
            sftp = self._signed_in(transport)
            try:
                yield sftp
            except PermissionError as fault:
                raise _refused("sftp_rights", NO_RIGHTS, fault) from fault
            except FileNotFoundError as fault:
                raise _refused("sftp_folder", NO_RIGHTS, fault) from fault
            except (OSError, EOFError, paramiko.SSHException) as fault:
                raise NotSent(f"sftp: {type(fault).__name__}: {fault}") from fault
        finally:
            transport.close()

    def _transport(self) -> paramiko.Transport:
        try:
            line = socket.create_connection((self._fields["host"], int(self._fields["port"])), TIMEOUT)
        except OSError as fault:
            raise NotSent(f"sftp: {type(fault).__name__}: {fault}") from fault
        try:
            transport = paramiko.Transport(line)
        except (OSError, paramiko.SSHException) as fault:
            line.close()
            raise NotSent(f"sftp: {type(fault).__name__}: {fault}") from fault
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = TIMEOUT
        return transport

    def _signed_in(self, transport: paramiko.Transport) -> paramiko.SFTPClient:
        pinned = paramiko.PKey.from_type_string(*_key_parts(self._fields["host_key"]))
        kind = pinned.get_name()
        # The server is to show this very key, not another of its own.
        transport.get_security_options().key_types = RSA_SIGNATURES if kind == "ssh-rsa" else (kind,)
        try:
            transport.start_client(timeout=TIMEOUT)
        except (OSError, EOFError, paramiko.SSHException) as fault:
            if isinstance(fault, paramiko.IncompatiblePeer):
                raise _refused("host_key", WRONG_SERVER, fault) from fault
            raise NotSent(f"sftp: {type(fault).__name__}: {fault}") from fault
        if transport.get_remote_server_key() != pinned:
            raise DeliveryRefused(
                code="host_key", sentence=WRONG_SERVER, cure=Cure.ADMIN, detail="sftp: other host key"
            )
        try:
            if self._secret.startswith("-----BEGIN"):
                transport.auth_publickey(self._fields["user"], _private_key(self._secret))
            else:
                transport.auth_password(self._fields["user"], self._secret)
            sftp = paramiko.SFTPClient.from_transport(transport)
        except paramiko.AuthenticationException as fault:
            raise _refused("sftp_auth", WRONG_SECRET, fault) from fault
        except (OSError, EOFError, paramiko.SSHException) as fault:
            raise NotSent(f"sftp: {type(fault).__name__}: {fault}") from fault
        if sftp is None:
            raise NotSent("sftp: the server opened no channel")
        sftp.get_channel().settimeout(TIMEOUT)
        return sftp


def _noting_files(articles: Iterable[SiteArticle], kept: set[str]) -> Iterator[SiteArticle]:
    """The same articles, with the files they need noted as they pass."""
    for each in articles:
        kept.add(f"articles/{each.entry.slug}.html")
        kept.update(f"pictures/{picture.file_name}" for picture in each.pictures)
        kept.update(f"files/{attachment.file_name}" for attachment in each.attachments)
        yield each


def _key_parts(line: str) -> tuple[str, bytes]:
    kind, text = line.split()[:2]
    return kind, base64.b64decode(text)


def _private_key(text: str) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with suppress(paramiko.SSHException, ValueError):
            return kind.from_private_key(io.StringIO(text))
    raise DeliveryRefused(code="sftp_key", sentence=BAD_KEY, cure=Cure.ADMIN, detail="sftp: unreadable private key")


def _refused(code: str, sentence: str, fault: Exception) -> DeliveryRefused:
    detail = f"sftp: {type(fault).__name__}: {fault}"
    return DeliveryRefused(code=code, sentence=sentence, cure=Cure.ADMIN, detail=detail)


def _turn(name: str) -> tuple[int, str]:
    return next(number for number, start in enumerate((*ORDER, "")) if name.startswith(start)), name


def _make_folders(sftp: paramiko.SFTPClient, root: str, folder: str) -> None:
    if not folder:
        return
    path = posixpath.join(root, folder)
    try:
        sftp.stat(path)
    except FileNotFoundError:
        _make_folders(sftp, root, posixpath.dirname(folder))
        sftp.mkdir(path)
