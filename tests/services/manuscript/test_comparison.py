from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.manuscript.blocks import blocks
from services.manuscript.cleaning import clean
from services.manuscript.comparison import (
    MOST_BLOCKS,
    BlockChange,
    Comparison,
    compare,
    compare_text,
    render,
    render_pieces,
)

OPENING = "学校于9月1日上午在大礼堂举行2026年新生开学典礼，来自全国各地的523名新生参加。"
EDITED = "学校于9月2日上午在大礼堂举行2026年新生开学典礼，来自全国各地的532名新生参加。"
RULES = "典礼结束后，各班召开第一次班会，班主任介绍校纪校规。"
MUSIC = "典礼在国歌声中开始，校合唱团演唱校歌。"
FIRST, SECOND = "a" * 64, "b" * 64


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def exactly(old: str, new: str) -> Comparison:
    return compare(old, new, patience=0)


def kinds(comparison: Comparison) -> list[str]:
    return [change.kind for change in comparison.blocks]


def test_changed_number_is_shown_whole() -> None:
    assert compare_text("共523人", "共532人", patience=0) == (
        ("equal", "共"),
        ("delete", "523"),
        ("insert", "532"),
        ("equal", "人"),
    )


def test_edited_paragraph_beside_untouched_ones() -> None:
    comparison = exactly(paragraphs(OPENING, RULES), paragraphs(EDITED, RULES))
    assert kinds(comparison) == ["changed", "kept"]
    assert [str(highlight) for highlight in comparison.highlights] == ["9月1日 → 9月2日", "523 → 532"]
    assert not comparison.unchanged


def test_added_deleted_and_moved_paragraphs() -> None:
    comparison = exactly(paragraphs(OPENING, RULES, MUSIC), paragraphs(MUSIC, OPENING, "新增的一段话。"))
    assert [(change.kind, change.pieces) for change in comparison.blocks] == [
        ("moved", (("insert", MUSIC),)),
        ("kept", (("equal", OPENING),)),
        ("deleted", (("delete", RULES),)),
        ("moved", (("delete", MUSIC),)),
        ("inserted", (("insert", "新增的一段话。"),)),
    ]


def test_same_body_written_differently_is_unchanged() -> None:
    comparison = exactly("<p>甲</p><p>乙</p>", "<p>甲</p>\n<p>乙</p>")
    assert (comparison.unchanged, kinds(comparison), comparison.highlights) == (True, ["kept", "kept"], ())


def test_change_of_format_alone_is_told_apart() -> None:
    comparison = exactly("<p>请注意安全</p>", "<p>请注意<strong>安全</strong></p>")
    assert [(change.kind, change.only_format) for change in comparison.blocks] == [("changed", True)]
    assert "格式改动" in render(comparison)


def test_change_of_list_kind_alone_is_no_silence() -> None:
    comparison = exactly("<ul><li>甲</li></ul>", "<ol><li>甲</li></ol>")
    assert (comparison.unchanged, comparison.only_layout) == (False, True)
    assert "版式有改动" in render(comparison)


@pytest.mark.parametrize(
    ("old", "new", "highlights"),
    [
        ("参加活动的有校长王小明、主任李芳。", "参加活动的有校长王晓明、主任李芳。", ["王小明 → 王晓明"]),
        ("张伟老师主持活动", "张玮老师主持活动", ["张伟 → 张玮"]),
        ("会议于8:30开始", "会议于9:30开始", ["8:30 → 9:30"]),
        ("共有3.5万人观看", "共有35万人观看", ["3.5万 → 35万"]),
        ("共有120人报名", "共有120人报名，其中女生56人", ["新增 56"]),
        ("本周五举行", "本周六举行", ["周五 → 周六"]),
        (
            '<a href="https://a.cn/1">报名入口在这里</a>',
            '<a href="https://a.cn/2">报名入口在这里</a>',
            ["https://a.cn/1 → https://a.cn/2"],
        ),
    ],
)
def test_figures_dates_names_and_links_are_listed(old: str, new: str, highlights: list[str]) -> None:
    assert [str(highlight) for highlight in exactly(paragraphs(old), paragraphs(new)).highlights] == highlights


def test_exchanged_picture_is_listed_and_its_description_counts() -> None:
    def figure(sha256: str, alt: str = "") -> str:
        return f'<figure><img src="asset:{sha256}" alt="{alt}"></figure>'

    exchanged = exactly(figure(FIRST), figure(SECOND))
    assert (kinds(exchanged), [str(h) for h in exchanged.highlights]) == (
        ["deleted", "inserted"],
        ["图片 aaaaaaaa → 图片 bbbbbbbb"],
    )
    described = exactly(figure(FIRST), figure(FIRST, "合影"))
    assert [(change.kind, change.only_format) for change in described.blocks] == [("changed", True)]


def test_rendering_escapes_what_was_written() -> None:
    comparison = exactly("<p>a &lt;b&gt; 甲乙丙丁</p>", "<p>a &lt;i&gt; 甲乙丙丁</p>")
    assert render(comparison) == (
        '<div class="diff"><div class="diff-changed diff-block-p"><span class="diff-label">改动</span>'
        "a &lt;<del>b</del><ins>i</ins>&gt; 甲乙丙丁</div></div>"
    )
    assert render_pieces(compare_text("旧<", "新<", patience=0)) == "<del>旧</del><ins>新</ins>&lt;"


def test_rendering_shows_pictures_it_knows() -> None:
    comparison = exactly("", f'<figure><img src="asset:{FIRST}" alt=""></figure>')
    assert '<ins><img src="/a?x=1&amp;y=2" alt=""></ins>' in render(comparison, picture_urls={FIRST: "/a?x=1&y=2"})
    assert "<ins>（图片 aaaaaaaa）</ins>" in render(comparison)


def test_endless_article_is_shown_as_rewritten() -> None:
    long = paragraphs(*(f"第{number}段的内容。" for number in range(MOST_BLOCKS + 1)))
    comparison = exactly(long, paragraphs("甲"))
    assert (comparison.rewritten, set(kinds(comparison))) == (True, {"deleted", "inserted"})
    assert "全文重写" in render(comparison)


# --- both sides can be put together again ---------------------------------------------------------------

TEXT = st.text(alphabet="学校院 　，。0123456789.%abC👍🏽\n<&", max_size=40)


def side(pieces: tuple[tuple[str, str], ...], left_out: str) -> str:
    return "".join(text for op, text in pieces if op != left_out)


@settings(max_examples=600)
@given(TEXT | st.text(max_size=40), TEXT | st.text(max_size=40))
def test_texts_reconstruct_exactly(old: str, new: str) -> None:
    pieces = compare_text(old, new, patience=0)
    assert (side(pieces, "insert"), side(pieces, "delete")) == (old, new)


BODY = st.lists(
    st.tuples(st.sampled_from(["p", "h2", "li", "blockquote", "b"]), TEXT)
    | st.sampled_from([("p", OPENING), ("p", EDITED), ("p", RULES), ("p", MUSIC), ("p", f'<img src="asset:{FIRST}">')]),
    max_size=8,
).map(lambda parts: clean("".join(f"<{tag}>{text}</{tag}>" for tag, text in parts)))


def texts(changes: tuple[BlockChange, ...], *, new: bool) -> list[str]:
    left_out = "delete" if new else "insert"
    return [side(change.pieces, left_out) for change in changes if (change.new if new else change.old) is not None]


@settings(max_examples=300)
@given(BODY, BODY)
def test_bodies_reconstruct_exactly(old: str, new: str) -> None:
    comparison = exactly(old, new)
    assert texts(comparison.blocks, new=False) == [block.text for block in blocks(old)]
    assert texts(comparison.blocks, new=True) == [block.text for block in blocks(new)]
    assert tuple(change.old for change in comparison.blocks if change.old) == blocks(old)
    assert tuple(change.new for change in comparison.blocks if change.new) == blocks(new)
    assert comparison.unchanged == (old == new)
