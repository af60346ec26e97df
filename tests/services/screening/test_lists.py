"""Lists as CSV: in with a reason for every refused line, out unchanged."""

from datetime import date
from pathlib import Path

from models import FindingLevel
from services.screening.entries import Match, Term
from services.screening.folding import fold
from services.screening.lists import RowError, read_terms, shipped_confusions, shipped_terms, write_terms
from services.screening.terms import TermFinder

STORIES = sorted((Path(__file__).parent / "stories").glob("*.txt"))
HEADER = "term,group,level,match,allow,near,strict_topics,suggestion,replacement,source,owner,valid_from,valid_to\n"


def test_a_list_comes_back_as_it_went_out() -> None:
    terms = (
        Term("代开发票", "fraud", FindingLevel.BLOCK, suggestion="请删除，“发票”不得代开。"),
        Term(
            "最佳", "superlative", FindingLevel.INFO, Match.WORD, ("最佳辩手", "最佳阵容"), ("学校",), ("招生",),
            "请核实。", "优秀", "广告法", "宣传部", date(2026, 1, 1), date(2026, 12, 31),
        ),
        Term("加微信", "fraud", FindingLevel.WARN, suggestion="请删除。", pinyin=True),
        Term("不敢腐、不能腐、不想腐", "slogan", FindingLevel.WARN, Match.COMPLETE, suggestion="请完整引用。"),
    )  # fmt: skip
    assert read_terms(write_terms(terms)).terms == terms


def test_excels_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert read_terms("\ufeff" + HEADER + "代开发票,fraud,block,,,,,,,,,,\n").errors == ()


def test_each_bad_line_is_reported_and_the_good_ones_kept() -> None:
    rows = [
        "代开发票,fraud,block,,,,,,,,,,",
        "字,fraud,block,,,,,,,,,,",
        "最佳,fraud,block,,,,,,,,,,",
        "代写论文,Fraud!,block,,,,,,,,,,",
        "代写论文,fraud,严重,,,,,,,,,,",
        "代写论文,fraud,warn,regex,,,,,,,,,",
        "代写论文,fraud,warn,,,,,,,,,2026/1/1,",
        "代写论文,fraud,warn,,,,,,,,,2026-02-01,2026-01-01",
        f"{'长' * 65},fraud,warn,,,,,,,,,,",
    ]
    imported = read_terms(HEADER + "\n".join(rows))
    assert [term.text for term in imported.terms] == ["代开发票"]
    assert imported.errors == (
        RowError(3, "“字”不足两个字，会误标大量正常文字。"),
        RowError(4, "两个字的词“最佳”请用 word 匹配，或填写 allow、near。"),
        RowError(5, "分组代码请用小写英文字母、数字和下划线，不超过 32 个字符。"),
        RowError(6, "级别“严重”不认识，可用：block、warn、info。"),
        RowError(7, "匹配方式“regex”不认识，可用：anywhere、word、exact、complete。"),
        RowError(8, "日期“2026/1/1”不合规范，请写成 2026-01-31。"),
        RowError(9, "失效日期早于生效日期。"),
        RowError(10, "词条超过 64 个字。"),
    )


def test_what_cannot_be_heard_or_is_no_formula_is_refused_with_its_reason() -> None:
    rows = [
        "微信,fraud,warn,word,yes",
        "加v信群,fraud,warn,,yes",
        "加微信群,fraud,warn,,maybe",
        "加微信群,fraud,warn,,是",
    ]
    rows += ["甲、乙、丙,slogan,warn,complete,", "不敢腐、不能腐,slogan,warn,complete,"]
    rows += ["不敢腐、不能腐、不想腐,slogan,warn,complete,yes", "不敢腐、不能腐、不想腐,slogan,warn,complete,no"]
    imported = read_terms("term,group,level,match,pinyin\n" + "\n".join(rows))

    assert [(term.text, term.pinyin) for term in imported.terms] == [
        ("加微信群", True),
        ("不敢腐、不能腐、不想腐", False),
    ]
    assert imported.errors == (
        RowError(2, "“微信”不能按读音匹配：只用于三个以上汉字的词，否则误报太多。"),
        RowError(3, "“加v信群”不能按读音匹配：只用于三个以上汉字的词，否则误报太多。"),
        RowError(4, "读音匹配“maybe”不认识，可用：yes、no 或留空。"),
        RowError(6, "完整引用的表述请用“、”分开，至少三部分，每部分不少于两个字。"),
        RowError(7, "完整引用的表述请用“、”分开，至少三部分，每部分不少于两个字。"),
        RowError(8, "完整引用的表述不能按读音匹配。"),
    )


def test_a_list_without_its_columns_is_refused_as_a_whole() -> None:
    assert read_terms("词,级别\n代开发票,block\n").errors == (RowError(1, "表头缺少 term、group、level 列。"),)


def test_the_shipped_groups_are_whole_and_name_no_person() -> None:
    terms = shipped_terms()
    assert len(terms) == len({term.text for term in terms}) >= 300
    assert {term.owner for term in terms} == {"宣传部"}
    assert all(term.suggestion.endswith("。") for term in terms)


def test_the_confusion_list_is_long_and_corrects_only_real_differences() -> None:
    pairs = shipped_confusions()
    wrong = {term.text for term in pairs}
    assert len(wrong) == len(pairs) >= 300
    for term in pairs:
        assert term.replacement
        assert not any(mistake in term.replacement for mistake in wrong)
        assert fold(term.text).text != fold(term.replacement).text


def test_every_wrong_writing_is_found_and_replaced_by_the_right_one() -> None:
    finder = TermFinder(shipped_confusions())
    for term in shipped_confusions():
        marks = finder.marks_in(f"我们{term.text}。")
        assert (term.text, term.replacement) in [(mark.quote, mark.replacement) for mark in marks]


def test_the_confusion_list_marks_nothing_in_clean_stories() -> None:
    finder = TermFinder(shipped_confusions())
    marks = [mark for story in STORIES for mark in finder.marks_in(story.read_text("utf-8"))]
    assert marks == []
