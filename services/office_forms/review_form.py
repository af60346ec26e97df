"""《信息发布审批表》: the facts of one item put into the office's template, as a Word file."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from docxtpl import DocxTemplate
from jinja2.sandbox import SandboxedEnvironment

from models import SourceKind
from services.office_forms.review_form_template import TEMPLATE
from services.queries.review_forms import FormFacts
from services.rules.checklist import ITEMS
from services.rules.office_time import OFFICE_ZONE

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
NONE = "无"
LABELS = {each.code: each.label for each in ITEMS}


def fill(facts: FormFacts, made_at: datetime) -> bytes:
    """The form as a .docx. Whatever somebody typed is text in it, never markup or a template of its own."""
    template = DocxTemplate(str(TEMPLATE))
    template.render(context_of(facts, made_at), SandboxedEnvironment(autoescape=True), autoescape=True)
    file = io.BytesIO()
    template.save(file)
    return file.getvalue()


def number_of(facts: FormFacts) -> str:
    """The number of the form: year of the first handing-in, and the item's own."""
    begun = facts.submission.submitted_at or facts.submission.created_at
    return f"{begun.astimezone(OFFICE_ZONE):%Y}-{facts.submission.id:05d}"


def file_name_of(facts: FormFacts) -> str:
    """How the file is called: number and title, without what file systems dislike."""
    title = re.sub(r'[\\/:*?"<>|\s]+', " ", UNPRINTABLE.sub("", facts.content.title)).strip(" .")[:40]
    return f"审批表 {number_of(facts)} {title or '无标题'}.docx"


def context_of(facts: FormFacts, made_at: datetime) -> Mapping[str, Any]:
    """The words of the form under the names the template uses."""
    submission, content = facts.submission, facts.content
    reprint = f"转载自 {content.source_name} {content.source_url}".strip()
    words: Mapping[str, Any] = _printable(
        {
            "number": number_of(facts),
            "state": submission.state.label,
            "title": content.title,
            "department": facts.department,
            "contributor": facts.contributor,
            "author": content.author,
            "photographer": content.photographer or NONE,
            "category": submission.category.label,
            "account": facts.account or NONE,
            "source": reprint if content.source_kind is SourceKind.REPRINT else content.source_kind.label,
            "pictures": f"{facts.pictures} 张",
            "submitted_at": _moment(submission.submitted_at),
            "wanted_at": _moment(submission.wanted_at),
            "risks": "、".join(mark.label for mark in submission.risks) or NONE,
            "ai_use": submission.ai_use.label,
            "declarations": _declarations(facts),
            "emergency": _emergency(facts),
            "steps": [
                {
                    "round": str(each.review_round or ""),
                    "stage": each.stage.label,
                    "action": each.action.label,
                    "by": each.by,
                    "at": _moment(each.at),
                    "words": each.words,
                }
                for each in facts.signatures
            ],
            "checks": [
                {
                    "code": each.item,
                    "label": LABELS.get(each.item, each.item),
                    "stage": each.stage.label,
                    "verdict": each.verdict.label,
                    "note": each.note,
                    "by": each.by,
                }
                for each in sorted(facts.answers, key=lambda each: (each.item, each.at))
            ],
            "outlets": [
                {"place": each.place, "state": each.state.label, "at": _moment(each.at), "address": each.address}
                for each in facts.outlets
            ],
            "seal": submission.seal or "尚未封版",
            "made_at": _moment(made_at),
        }
    )
    return words


def _declarations(facts: FormFacts) -> str:
    given = (
        ("已作保密自查声明", facts.submission.declared_no_secrets),
        ("已作版权和肖像声明", facts.submission.declared_rights),
    )
    return "；".join(words for words, is_given in given if is_given) or NONE


def _emergency(facts: FormFacts) -> str:
    used = facts.emergency
    if used is None:
        return "未使用"
    opened = f"{used.reason.label}：{used.words}（{used.opened_by} {_moment(used.opened_at)}）"
    if used.verdict is not None:
        return f"{opened}\n{used.verdict.label}：{used.found}（{used.settled_by or '系统'} {_moment(used.settled_at)}）"
    return f"{opened}\n须在 {_moment(used.due_at)} 前补审，尚未补审" if used.due_at else opened


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(OFFICE_ZONE):%Y-%m-%d %H:%M}" if at else NONE


def _printable(value: Any) -> Any:
    """Without the control characters that no XML may hold."""
    if isinstance(value, str):
        return UNPRINTABLE.sub("", value)
    if isinstance(value, list):
        return [_printable(each) for each in value]
    return {name: _printable(each) for name, each in value.items()}
