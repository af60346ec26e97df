"""Usual reasons for returns and refusals, with those that ship; the talk before a third return

Revision: 0018
After: 0017
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SHIPPED = (
    ("return", "1.3", "C04", "请补充活动的时间、地点、主办单位和参加人数。"),
    ("return", "1.3", "C04", "事实或数据没有出处，请与主办科室核对后写明。"),
    ("return", "3.2", "C03", "人名、职务或排序与实际不符，请核对后修改。"),
    ("return", "3.2", "C05", "日期、星期或数字前后不一致，请核对原始材料。"),
    ("return", "3.2", "C06", "文字差错较多，请校对错别字、标点和语句后再提交。"),
    ("return", "3.2", "C07", "标题与正文不一致，或过于夸张，请修改标题。"),
    ("return", "4.1", "C08", "含有内部事项或未公开的决定，请删去，并经保密审查。"),
    ("return", "4.2", "C09", "含有能识别到个人的信息（证件号、电话、住址、学号等），请删去或打码。"),
    ("return", "4.2", "C10", "图片里有可辨认的未成年人，请补充监护人同意书，或更换图片。"),
    ("return", "3.2", "C11", "图片没有登记来源或授权，请登记后再提交。"),
    ("return", "4.3", "C15", "链接或二维码打不开，或指向来历不明的网站，请更换或删去。"),
    ("return", "3.1", "C16", "转载稿件没有写明来源、作者和原文网址，请补齐。"),
    ("return", "3.2", "", "请按批注逐条修改。"),
    ("reject", "3.1", "", "同一内容近期已经发布过，不再重复刊发。"),
    ("reject", "3.1", "", "活动已过去较久，不再适合发布。"),
    ("reject", "3.1", "", "内容不属于本公众号的发布范围，请改用部门公众号或校内通知。"),
    ("reject", "3.2", "C13", "含有商业推广内容，不能发布。"),
    ("reject", "4.1", "C08", "涉及不宜公开的事项，不能发布。"),
    ("reject", "3.1", "C16", "来源没有授权或无法核实，不予转载。"),
)
"""Decision, clause, item of the checklist, words."""


def upgrade() -> None:
    templates = op.create_table(
        "reasontemplate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("clause", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("item", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_reasontemplate_changed_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reasontemplate")),
    )
    op.bulk_insert(
        templates,
        [
            {
                "action": action,
                "text": text,
                "clause": clause,
                "item": item,
                "active": True,
                "changed_at": datetime(2026, 1, 1, tzinfo=UTC),
                "changed_by_id": None,
            }
            for action, clause, item, text in SHIPPED
        ],
    )
    op.create_table(
        "returntalk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("review_round", sa.Integer(), nullable=False),
        sa.Column("who", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("entered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name=op.f("fk_returntalk_entered_by_id_person")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_returntalk_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returntalk")),
        sa.UniqueConstraint("submission_id", "review_round", name=op.f("uq_returntalk_submission_id_review_round")),
    )


def downgrade() -> None:
    op.drop_table("returntalk")
    op.drop_table("reasontemplate")
