"""稿件模板: how an article of one occasion usually begins. The office keeps them; a draft starts as a copy of one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, func, select

from models import AuditAction, ContentCategory, Occasion
from services import audit
from services.errors import InvalidInput, NotAllowed, NotFound
from services.manuscript import blocks
from services.manuscript.cleaning import clean
from services.rules.permissions import KEEPS_OCCASIONS
from services.rules.typed import one_line
from services.unit_of_work import UnitOfWork

SOMEBODY_WAS_FASTER = "这个模板刚刚被别人修改过，这里没有覆盖它：请先复制您填写的内容，再按“不改了”，重新打开后修改。"
LONGEST_NAME, LONGEST_HINT, LONGEST_TITLE = 30, 100, 64


@dataclass(frozen=True)
class OccasionFields:
    """What the form of one template holds. `XX` is for the author to fill in; the machine check finds what is left."""

    name: str
    category: ContentCategory = ContentCategory.NEWS
    hint: str = ""
    title: str = ""
    body_html: str = ""
    active: bool = True


SHIPPED: tuple[OccasionFields, ...] = (
    OccasionFields(
        "会议报道",
        ContentCategory.NEWS,
        "时间、地点、谁主持、谁出席、议题和结论；领导按名录的次序写全职务",
        "XX部门召开XX会议",
        "<p>XX月XX日，XX部门在XX（地点）召开XX会议。XX（职务姓名）出席并讲话，XX（职务姓名）主持会议，XX等XX人参加。</p>"
        "<h2>会议内容</h2><p>会议听取了XX，研究了XX。</p>"
        "<h2>会议要求</h2><p>会议强调，XX。</p><p>会议明确，下一步XX，由XX于XX月XX日前完成。</p>",
    ),
    OccasionFields(
        "活动预告",
        ContentCategory.PREVIEW,
        "至少提前两个工作日提交；写清时间、地点、对象、怎么参加",
        "预告：XX活动将于XX月XX日举行",
        "<p>为XX，XX部门定于近期举办XX活动，欢迎XX参加。</p>"
        "<table><tbody><tr><th><p>时间</p></th><td><p>XX月XX日（星期XX）XX:XX</p></td></tr>"
        "<tr><th><p>地点</p></th><td><p>XX</p></td></tr><tr><th><p>对象</p></th><td><p>XX</p></td></tr>"
        "<tr><th><p>报名</p></th><td><p>XX，XX月XX日前</p></td></tr></tbody></table><p>咨询：XX部门XX。</p>",
    ),
    OccasionFields(
        "讲座",
        ContentCategory.PREVIEW,
        "主讲人介绍以本人提供的为准；校外主讲人先按学校规定报批",
        "讲座：XX（题目）",
        "<table><tbody><tr><th><p>题目</p></th><td><p>XX</p></td></tr>"
        "<tr><th><p>主讲人</p></th><td><p>XX（单位、职务）</p></td></tr>"
        "<tr><th><p>时间</p></th><td><p>XX月XX日（星期XX）XX:XX</p></td></tr>"
        "<tr><th><p>地点</p></th><td><p>XX</p></td></tr><tr><th><p>主办</p></th><td><p>XX</p></td></tr></tbody></table>"
        "<h2>主讲人简介</h2><p>XX</p><h2>内容提要</h2><p>XX</p>",
    ),
    OccasionFields(
        "获奖喜报",
        ContentCategory.BRIEF,
        "奖项名称、颁奖单位与证书一致；不写升学率和排名，学生姓名先征得同意",
        "我校XX在XX中获XX奖",
        "<p>近日，XX（颁奖单位）公布XX（比赛或评选）结果，我校XX获XX奖。</p>"
        "<p>本次XX由XX主办，共有XX参加。我校XX由XX（指导教师）指导，作品XX。</p><p>XX（获奖者）说：“XX。”</p>",
    ),
    OccasionFields(
        "放假通知",
        ContentCategory.NOTICE,
        "日期与星期、调休与校历一致；写清值班和返校时间",
        "关于XX放假安排的通知",
        "<p>各部门、各学院：</p><p>根据XX安排，现将我校XX放假有关事项通知如下。</p>"
        "<h2>放假时间</h2><p>XX月XX日（星期XX）至XX月XX日（星期XX）放假，共XX天。XX月XX日（星期XX）上班、上课。</p>"
        "<h2>有关要求</h2><ol><li><p>各单位安排好值班，遇突发事件按规定及时报告。</p></li>"
        "<li><p>离校前检查水电门窗，做好防火防盗。</p></li></ol><p>XX部门</p><p>XX年XX月XX日</p>",
    ),
    OccasionFields(
        "通知公告",
        ContentCategory.NOTICE,
        "谁发、发给谁、做什么、什么时候前、找谁；名单只留必要的信息",
        "关于XX的通知",
        "<p>各XX：</p><p>为XX，现将XX有关事项通知如下。</p><h2>一、事项</h2><p>XX</p>"
        "<h2>二、时间</h2><p>XX月XX日XX:XX前。</p><h2>三、要求</h2><p>XX</p><p>联系人：XX部门XX。</p>",
    ),
)


def start(work: UnitOfWork) -> int:
    """Take the templates that come with the product into an empty list; how many. Raises `NotAllowed`."""
    _refuse_others(work)
    if work.session.exec(select(func.count()).select_from(Occasion)).one():
        return 0
    for fields in SHIPPED:
        _write(work, Occasion(name="", category=fields.category, changed_at=work.now), fields)
    return len(SHIPPED)


def save(
    work: UnitOfWork, *, fields: OccasionFields, occasion_id: int | None = None, seen_version: int = 0
) -> Occasion:
    """Enter a template, or change the one whose version was seen; drafts that began with it stay as they are.

    Raises `NotAllowed` for anybody but the office and the administrator, `NotFound`, `StaleState`, `InvalidInput`
    naming the field.
    """
    _refuse_others(work)
    row = work.session.get(Occasion, occasion_id) if occasion_id is not None else None
    if occasion_id is not None and row is None:
        raise NotFound("没有找到这个模板，请刷新页面。")
    if row is not None:
        work.claim(row, seen_version, otherwise=SOMEBODY_WAS_FASTER)
    tidy = _tidied(fields)
    taken = work.session.exec(select(Occasion.id).where(col(Occasion.name) == tidy.name)).first()
    if taken is not None and taken != occasion_id:
        raise InvalidInput(f"已有名为“{tidy.name}”的模板，请换一个名称。", field="name")
    return _write(work, row or Occasion(name="", category=tidy.category, changed_at=work.now), tidy)


def _tidied(fields: OccasionFields) -> OccasionFields:
    name, hint, title = (one_line(each) for each in (fields.name, fields.hint, fields.title))
    for words, label, longest, field in (
        (name, "名称", LONGEST_NAME, "name"),
        (hint, "提示", LONGEST_HINT, "hint"),
        (title, "标题", LONGEST_TITLE, "title"),
    ):
        if len(words) > longest:
            raise InvalidInput(f"模板的{label}请控制在 {longest} 字以内。", field=field)
    if not name:
        raise InvalidInput("请填写模板名称，例如“会议报道”。", field="name")
    body = clean(fields.body_html)
    if blocks.picture_hashes(body):
        raise InvalidInput("模板里不放图片：图片属于每篇稿件，请删去后再保存。", field="body")
    if not blocks.plain_text(body).strip():
        raise InvalidInput("请填写模板正文。", field="body")
    return OccasionFields(name, fields.category, hint, title, body, fields.active)


def _write(work: UnitOfWork, row: Occasion, fields: OccasionFields) -> Occasion:
    row.name, row.category, row.hint = fields.name, fields.category, fields.hint
    row.title, row.body_html, row.active = fields.title, clean(fields.body_html), fields.active
    row.changed_at, row.changed_by_id = work.now, work.actor.id
    work.session.add(row)
    work.session.flush()
    details = {"name": row.name, "category": row.category.value, "active": row.active}
    audit.record(work, AuditAction.OCCASION_CHANGED, "occasion", row.id, details)
    return row


def _refuse_others(work: UnitOfWork) -> None:
    if work.actor.id is not None and not any(work.actor.may(each) for each in KEEPS_OCCASIONS):
        raise NotAllowed("只有宣传部和系统管理员可以修改稿件模板。")
