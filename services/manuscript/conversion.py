"""One file in, what both places show out: the WeChat fragment, the campus page, the pictures."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from services.manuscript.blocks import plain_text
from services.manuscript.pictures import Picture
from services.manuscript.wechat_markup import theme_named, to_campus_body, to_wechat
from services.manuscript.word import read_manuscript

_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{
    max-width: 46em; margin: 0 auto; padding: 1.5em 1em 4em; color: #222;
    font: 17px/1.8 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif;
}}
h1 {{ font-size: 1.5em; line-height: 1.4 }}
h2 {{ font-size: 1.2em }}
h3, h4 {{ font-size: 1.05em }}
article > p {{ text-indent: 2em; text-align: justify }}
figure {{ margin: 1.5em 0; text-align: center }}
img {{ max-width: 100%; height: auto }}
figcaption {{ margin-top: .4em; font-size: .85em; color: #666 }}
blockquote {{ margin: 1.2em 0; padding: .2em 1em; border-left: 3px solid #bbb; background: #f7f7f7 }}
table {{ width: 100%; border-collapse: collapse; font-size: .9em }}
td, th {{ padding: .4em .6em; border: 1px solid #ccc }}
th {{ background: #f3f3f3 }}
</style>
</head>
<body>
<article>
{heading}{body}
</article>
</body>
</html>
"""


@dataclass(frozen=True)
class Conversion:
    """`article_html` is a WeChat-safe fragment, `page_html` a complete page; both name pictures `images/NAME`.

    `characters` counts the body's text without markup and blanks.
    """

    title: str
    article_html: str
    page_html: str
    pictures: tuple[Picture, ...]
    characters: int
    warnings: tuple[str, ...]

    def write_to(self, folder: Path) -> None:
        """Write `article.html`, `page.html` and `images/`. Everything is written beside the folder first, so
        a full disk or a missing right leaves the folder as it was. Raises `OSError`.
        """
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as name:
            prepared = Path(name)
            for path, content in self._files().items():
                target = prepared / path
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(content)
            for path in self._files():
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                (prepared / path).replace(target)

    def _files(self) -> Mapping[str, bytes]:
        pictures = {f"images/{picture.file_name}": picture.content for picture in self.pictures}
        # The pages last: whoever sees them finds their pictures.
        return {**pictures, "article.html": self.article_html.encode(), "page.html": self.page_html.encode()}


def convert(content: bytes, file_name: str, *, theme: str = "plain") -> Conversion:
    """Convert a Word, HTML or text file. Raises `UnreadableFile`, and `InvalidInput` for an unknown theme."""
    theme_named(theme)
    document = read_manuscript(content, file_name)
    addresses = {picture.sha256: f"images/{picture.file_name}" for picture in document.pictures}
    heading = f"<h1>{escape(document.title)}</h1>\n" if document.title else ""
    page = _PAGE.format(
        title=escape(document.title or Path(file_name).stem),
        heading=heading,
        body=to_campus_body(document.html, picture_urls=addresses),
    )
    return Conversion(
        title=document.title,
        # With its title as the first heading: nothing of the file is lost, whoever opens only this one.
        article_html=to_wechat(document.body_under(""), theme=theme, picture_urls=addresses),
        page_html=page,
        pictures=document.pictures,
        characters=len("".join(plain_text(document.html).split())),
        warnings=document.warnings,
    )
