"""The .docx package: everything that must hold before a Word file is parsed at all."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Any, TypeAlias

from lxml import etree  # type: ignore[import-untyped]  # it publishes no types

from services.errors import UnreadableFile

#: An lxml element; lxml publishes no types.
Xml: TypeAlias = Any

LARGEST_UPLOAD = 30_000_000
#: What the parts may unpack to. An ordinary article is 12 to 500 kB of XML.
LARGEST_CONTENT = 200_000_000
LARGEST_PART = 8_000_000
MOST_MEDIA = 200
MOST_ENTRIES = 5_000
#: XML shrinks twenty times at most; a file that unpacks to more than this many times its size was made to hurt.
GREATEST_RATIO = 200
RATIO_MATTERS_FROM = 20_000_000

_SAVE_AS = "请用 WPS 或 Word 打开，“另存为”Word 文档（.docx）后重新上传。"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OTHER_PACKAGES = {
    "Pages": (re.compile(r"Index/.*\.iwa|Index\.zip"), "请在 Pages 中选择“文件 - 导出为 - Word”后重新上传。"),
    "ODT": (re.compile(r"content\.xml"), _SAVE_AS),
    "OFD": (re.compile(r"OFD\.xml"), "请上传它的 Word 原稿（.docx）。"),
}
_STRICT = b"http://purl.oclc.org/ooxml/"
_TRANSITIONAL = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
    b"http://purl.oclc.org/ooxml/officeDocument/math": b"http://schemas.openxmlformats.org/officeDocument/2006/math",
    b"http://purl.oclc.org/ooxml/drawingml/": b"http://schemas.openxmlformats.org/drawingml/2006/",
}


@dataclass(frozen=True)
class Relationship:
    """What a part refers to; `target` is an entry of the package or, if `external`, an address."""

    kind: str
    target: str
    external: bool


@dataclass(frozen=True)
class Package:
    """An opened .docx whose sizes are known to be bearable."""

    archive: zipfile.ZipFile
    file_name: str
    main_part: str

    def part(self, name: str) -> Xml | None:
        """The root element of an XML part, or nothing if the package lacks it."""
        try:
            raw = self.read(name)
        except KeyError:
            return None
        if _STRICT in raw:
            for strict, transitional in _TRANSITIONAL.items():
                raw = raw.replace(strict, transitional)
        return parsed(raw, self.file_name)

    def read(self, name: str) -> bytes:
        """The bytes of an entry. Raises `KeyError` if there is none, `UnreadableFile` if it is damaged."""
        try:
            return self.archive.read(name)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as damage:
            raise _broken(self.file_name) from damage

    def relationships(self, part: str) -> dict[str, Relationship]:
        """The relationships of a part by their id."""
        folder, _, name = part.rpartition("/")
        root = self.part(f"{folder}/_rels/{name}.rels".lstrip("/"))
        if root is None:
            return {}
        return {
            element.get("Id"): _relationship(element, folder)
            for element in root.iter("{*}Relationship")
            if element.get("Id") and element.get("Target")
        }

    def companion(self, kind: str) -> str:
        """The entry of a companion of the main part: styles, numbering, footnotes, endnotes, comments."""
        related = (
            relationship.target
            for relationship in self.relationships(self.main_part).values()
            if relationship.kind == kind and not relationship.external
        )
        return next(related, f"{self.main_part.rpartition('/')[0]}/{kind}.xml".lstrip("/"))


def open_package(content: bytes, file_name: str) -> Package:
    """Open a .docx. Raises `UnreadableFile`, saying what to do, for everything else and for bombs."""
    _refuse_other_formats(content, file_name)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as damage:
        raise _broken(file_name) from damage
    _refuse_bombs(archive, len(content), file_name)
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        raise UnreadableFile(f"“{file_name}”设置了密码，请先取消密码再上传。")
    package = Package(archive, file_name, "")
    main_part = _main_part(package)
    if archive.getinfo(main_part).file_size > LARGEST_PART:
        raise UnreadableFile(f"“{file_name}”的正文太大，不像一篇稿件，请只保留要发布的内容后重新上传。")
    return Package(archive, file_name, main_part)


def parsed(raw: bytes, file_name: str) -> Xml:
    """An XML part. Entities are never expanded, nothing is fetched, 256 levels at most."""
    if len(raw) > LARGEST_PART:
        raise UnreadableFile(f"“{file_name}”的内部结构太大，不像一篇稿件，请复制正文到新文档后重新上传。")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as damage:
        raise _broken(file_name) from damage
    if root.getroottree().docinfo.doctype:
        # No word processor writes one; it is where entity bombs and file references live.
        raise _broken(file_name)
    return root


def _refuse_other_formats(content: bytes, file_name: str) -> None:
    if not content.strip():
        raise UnreadableFile(f"“{file_name}”是空文件，请检查后重新上传。")
    if len(content) > LARGEST_UPLOAD:
        raise UnreadableFile(f"“{file_name}”超过 30 MB，请先在 Word 中压缩图片（图片工具 - 压缩图片）再上传。")
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise UnreadableFile(f"“{file_name}”设置了打开密码，请先取消密码再上传。")
        raise UnreadableFile(f"“{file_name}”是旧版 .doc/.wps 格式（或由它改名而来），{_SAVE_AS}")
    if content.startswith(b"%PDF"):
        raise UnreadableFile(f"“{file_name}”是 PDF，请上传它的 Word 原稿（.docx）。")
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"{\\rtf", b"<html", b"<!doctype", b"<?xml", b"mime-version")):
        raise UnreadableFile(f"“{file_name}”不是真正的 Word 文档（只是改了扩展名），{_SAVE_AS}")
    if not content.startswith(b"PK"):
        raise UnreadableFile(f"“{file_name}”不是 Word 文档，请上传 .docx 文件。")


def _refuse_bombs(archive: zipfile.ZipFile, size: int, file_name: str) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    is_bomb = unpacked > RATIO_MATTERS_FROM and unpacked > GREATEST_RATIO * size
    if len(entries) > MOST_ENTRIES or unpacked > LARGEST_CONTENT or is_bomb:
        raise UnreadableFile(f"“{file_name}”解压后过大，为安全起见不予打开，请把正文复制到新文档后重新上传。")
    if sum("/media/" in entry.filename for entry in entries) > MOST_MEDIA:
        raise UnreadableFile(f"“{file_name}”中的图片超过 {MOST_MEDIA} 张，请只保留要发布的图片后重新上传。")


def _main_part(package: Package) -> str:
    names = set(package.archive.namelist())
    related = [
        relationship.target
        for relationship in package.relationships("").values()
        if relationship.kind == "officeDocument" and relationship.target in names
    ]
    main_part = next(iter(related), "word/document.xml")
    if main_part in names and not main_part.startswith(("xl/", "ppt/")):
        return main_part
    if any(name.startswith(("xl/", "ppt/")) for name in names):
        raise UnreadableFile(f"“{package.file_name}”是 Excel 或 PPT 文件，请上传 Word 稿件（.docx）。")
    for other, (names_of_it, advice) in _OTHER_PACKAGES.items():
        if any(map(names_of_it.fullmatch, names)):
            raise UnreadableFile(f"“{package.file_name}”是 {other} 文件，{advice}")
    raise UnreadableFile(f"“{package.file_name}”是压缩包而不是 Word 文档，请解压后上传其中的 .docx 文件。")


def _relationship(element: Xml, folder: str) -> Relationship:
    kind = (element.get("Type") or "").rpartition("/")[2]
    target = element.get("Target")
    if element.get("TargetMode") == "External":
        return Relationship(kind, target, external=True)
    return Relationship(kind, _resolved(folder, target), external=False)


def _resolved(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    steps: list[str] = [step for step in folder.split("/") if step]
    for step in target.split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in {"", "."}:
            steps.append(step)
    return "/".join(steps)


def _broken(file_name: str) -> UnreadableFile:
    return UnreadableFile(f"“{file_name}”已损坏，无法读取，请用 WPS 或 Word 打开并另存一份后重新上传。")
