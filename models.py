"""The office's vocabulary and its tables. Words and columns only: no queries, no rules, no Streamlit.

A vocabulary word is a code and a Chinese label: the code is stored, compared and tested, the label is
drawn. Tables are not validators (a `table=True` model accepts anything at construction); input is checked
by services, and the constraints here are the second line.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Dialect,
    Enum,
    Index,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

# --- Vocabulary ------------------------------------------------------------------------------------------


class Vocabulary(StrEnum):
    """A closed set of words: the member's value is its stored code, `label` is its Chinese name."""

    label: str

    def __new__(cls, code: str, label: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    @classmethod
    def of(cls, code: str) -> Self:
        """The word with this code. Raises `ValueError` for a code that is not in the vocabulary."""
        return cls(code)  # type: ignore[call-arg]  # enum look-up takes the value alone


class Role(Vocabulary):
    """What a person may do in the office; one person may hold several."""

    CONTRIBUTOR = "contributor", "通讯员"
    DEPARTMENT_HEAD = "department_head", "部门负责人"
    REVIEWER = "reviewer", "审核员"
    APPROVER = "approver", "终审人"
    PUBLISHER = "publisher", "发布员"
    SUPERVISOR = "supervisor", "监督小组"
    LEADER = "leader", "校领导"
    ADMIN = "admin", "系统管理员"


class DepartmentKind(Vocabulary):
    """Groups of units; boards rank only inside a group (appraisal scheme 5.3)."""

    PUBLICITY_OFFICE = "publicity_office", "宣传部"
    ADMIN_DEPARTMENT = "admin_department", "职能部门"
    TEACHING_UNIT = "teaching_unit", "教学单位"
    MASS_ORGANISATION = "mass_organisation", "群团组织"


class AccountKind(Vocabulary):
    SUBSCRIPTION = "subscription", "订阅号"
    SERVICE = "service", "服务号"


class AccountLevel(Vocabulary):
    """A school-level account needs the school leader's word (rule 2.1)."""

    UNIT = "unit", "二级（部门）"
    SCHOOL = "school", "一级（学校）"


class AccountState(Vocabulary):
    """Life of an official account (rule 2.1-2.3); `services/rules/account_life.py` says what follows what."""

    APPLIED = "applied", "申请中"
    APPROVED = "approved", "同意开通，待注册"
    REGISTERED = "registered", "已注册，待备案"
    ACTIVE = "active", "正常运行"
    SUSPENDED = "suspended", "暂停运行"
    CANCELLING = "cancelling", "注销中"
    CANCELLED = "cancelled", "已注销"
    REFUSED = "refused", "不予批准"
    WITHDRAWN = "withdrawn", "已撤回申请"


class AccountAction(Vocabulary):
    """What happens to an account; one row each in the table of its life."""

    APPLY = "apply", "申请开通"
    APPROVE = "approve", "批准开通"
    REFUSE = "refuse", "不予批准"
    WITHDRAW = "withdraw", "撤回申请"
    REGISTER = "register", "提交注册证明"
    REJECT_PROOF = "reject_proof", "退回补充证明"
    ACTIVATE = "activate", "核对备案并启用"
    SUSPEND = "suspend", "暂停运行"
    RESUME = "resume", "恢复运行"
    CANCEL = "cancel", "批准注销"
    CLOSE = "close", "办结注销"


class RequestKind(Vocabulary):
    """What a unit asks the office for."""

    OPENING = "opening", "开通"
    CHANGE = "change", "变更"
    CANCELLATION = "cancellation", "注销"


class ChangeKind(Vocabulary):
    """变更类型 (rule 2.3); `services/rules/account_life.py` says which fields each may change."""

    NAME = "name", "名称"
    SUBJECT = "subject", "主体与主办单位"
    ADMINISTRATORS = "administrators", "管理员"
    LEADERS = "leaders", "责任人与指导教师"
    CONTACT = "contact", "联系方式"
    PURPOSE = "purpose", "功能定位"
    MODE = "mode", "运营方式"
    REVIEW_CHAIN = "review_chain", "审核链"


class CancelReason(Vocabulary):
    MERGED = "merged", "职能合并"
    IDLE = "idle", "长期不更新"
    UNSUSTAINED = "unsustained", "无力维护"
    SANCTION = "sanction", "违规关停"
    DISSOLVED = "dissolved", "主体注销"


class RequestState(Vocabulary):
    """Where a request of a unit stands (rule 2.1, 2.3)."""

    DEPARTMENT = "department", "单位审核"
    OFFICE = "office", "宣传部审核"
    LEADER = "leader", "分管校领导审批"
    RETURNED = "returned", "退回补充"
    GRANTED = "granted", "已批准"
    REFUSED = "refused", "不予批准"
    WITHDRAWN = "withdrawn", "已撤回"


class RequestAction(Vocabulary):
    SUBMIT = "submit", "提交申请"
    ENDORSE = "endorse", "单位同意"
    GRANT = "grant", "批准"
    RETURN = "return", "退回补充"
    REFUSE = "refuse", "不予批准"
    WITHDRAW = "withdraw", "撤回申请"


class AccountTask(Vocabulary):
    """Dated steps that an approved change of administrators or cancellation still owes."""

    NEW_PASSWORD = "new_password", "更换登录密码"
    OLD_RIGHTS = "old_rights", "在公众平台移除原管理员权限"
    HANDOVER = "handover", "双方签字的交接单"
    PLEDGE = "pledge", "新管理员签署安全承诺书"
    BACKUP = "backup", "备份全部文章（清单与网址）"
    OPEN_CASES = "open_cases", "未结事项办结或移交"
    NOTICE = "notice", "在公众号和网站发布注销公告"
    WECHAT_CANCEL = "wechat_cancel", "在微信公众平台注销"
    PROOF = "proof", "上传注销成功截图"
    EMBLEM = "emblem", "收回校名校徽使用授权"


class InterfaceRight(Vocabulary):
    """What the last self-test found that an account may do through WeChat's interface."""

    UNTESTED = "untested", "未检测"
    FULL = "full", "可接口发布和群发"
    DRAFTS = "drafts", "只能存入草稿箱"
    NOTHING = "nothing", "接口不可用，只能人工发布"


class CampaignState(Vocabulary):
    OPEN = "open", "进行中"
    PUBLISHED = "published", "已公示"


class AnnualState(Vocabulary):
    """Where one account stands in an annual review (rule 2.2)."""

    NOT_STARTED = "not_started", "未开始"
    SELF_CHECKED = "self_checked", "已自查"
    CONFIRMED = "confirmed", "单位已确认"
    PASSED = "passed", "合格"
    PASSED_GOOD = "passed_good", "优秀"
    CONDITIONAL = "conditional", "限期整改"
    FAILED = "failed", "不合格"
    MISSED = "missed", "未参加年检"


class AnnualAction(Vocabulary):
    SELF_CHECK = "self_check", "提交自查"
    CONFIRM = "confirm", "单位确认"
    RETURN = "return", "退回重查"
    PASS = "pass", "评为合格"
    PASS_GOOD = "pass_good", "评为优秀"
    ORDER = "order", "限期整改"
    FAIL = "fail", "评为不合格"
    MISS = "miss", "登记未参加"


class ContentCategory(Vocabulary):
    """稿件类别; decides the review route and the points."""

    NEWS = "news", "新闻报道"
    BRIEF = "brief", "简讯与图片新闻"
    FEATURE = "feature", "专题策划"
    PREVIEW = "preview", "活动预告"
    NOTICE = "notice", "通知公告"


class RiskMark(Vocabulary):
    """What makes an item one for a higher signature (domain: who signs last); declared by its author, raised by
    the office, never lowered.
    """

    LEADERS = "leaders", "涉校领导活动"
    MAJOR = "major", "重大事项"
    INCIDENT = "incident", "突发或敏感"
    FIGURES = "figures", "对外数据"
    FOREIGN = "foreign", "涉外、涉民族宗教"
    OBITUARY = "obituary", "讣告"


class EmergencyReason(Vocabulary):
    """The only three reasons for the emergency channel (domain 3.1)."""

    INCIDENT = "incident", "突发事件"
    SUPERIOR = "superior", "上级要求"
    WARNING = "warning", "安全预警"


class AfterReview(Vocabulary):
    """What the full review after an emergency publication found."""

    CONFIRMED = "confirmed", "补审通过"
    FAULTY = "faulty", "补审发现问题"


class SourceKind(Vocabulary):
    ORIGINAL = "original", "原创"
    REPRINT = "reprint", "转载"


class AiUse(Vocabulary):
    """Declaration required by 人工智能生成合成内容标识办法 (in force 2025-09-01)."""

    NONE = "none", "未使用"
    ASSISTED = "assisted", "辅助写作或修图"
    GENERATED = "generated", "主要由 AI 生成"


class SubmissionState(Vocabulary):
    """Where a submission stands. `services/rules/workflow.py` says what may follow what."""

    DRAFT = "draft", "草稿"
    DEPARTMENT_REVIEW = "department_review", "部门审签"
    FIRST_REVIEW = "first_review", "宣传部初审"
    SECOND_REVIEW = "second_review", "宣传部复审"
    FINAL_REVIEW = "final_review", "宣传部终审"
    LEADER_REVIEW = "leader_review", "分管校领导审批"
    APPROVED = "approved", "已通过，待发布"
    PUBLISHED = "published", "已发布"
    ARCHIVED = "archived", "已归档"
    RETURNED = "returned", "退回修改"
    REJECTED = "rejected", "不予采用"
    WITHDRAWN = "withdrawn", "已撤回"


REVIEW_STAGES = (
    SubmissionState.DEPARTMENT_REVIEW,
    SubmissionState.FIRST_REVIEW,
    SubmissionState.SECOND_REVIEW,
    SubmissionState.FINAL_REVIEW,
    SubmissionState.LEADER_REVIEW,
)
"""The stages a review route may name, in the only order they may follow each other."""

WITH_AUTHOR = (SubmissionState.DRAFT, SubmissionState.RETURNED)
"""States in which the author holds the pen and no clock of the office runs."""

ADOPTED = (SubmissionState.APPROVED, SubmissionState.PUBLISHED, SubmissionState.ARCHIVED)
"""采用: passed every stage."""


class Action(Vocabulary):
    """What a person can do to a submission; one row each in the workflow table."""

    SUBMIT = "submit", "提交"
    SIGN_OFF = "sign_off", "部门审签通过"
    PASS = "pass", "初审通过"
    APPROVE = "approve", "终审通过"
    ADJUST = "adjust", "调整内容"
    RAISE = "raise", "提高审核级别"
    EXPEDITE = "expedite", "转入紧急快速通道"
    RETURN = "return", "退回修改"
    REJECT = "reject", "不予采用"
    RECALL = "recall", "撤回修改"
    WITHDRAW = "withdraw", "撤回"
    SETTLE = "settle", "补审"
    RELEASE = "release", "发布完成"
    ARCHIVE = "archive", "归档"
    REOPEN = "reopen", "下架后重新送审"


class InboxView(Vocabulary):
    """The three lists of the inbox."""

    WAITING = "waiting", "待我办理"
    HANDLED = "handled", "我办过的"
    ALL = "all", "全部稿件"


class FindingLevel(Vocabulary):
    BLOCK = "block", "拦截"
    WARN = "warn", "警告"
    INFO = "info", "提示"


class SchoolFactKind(Vocabulary):
    """What of the school's own the machine check knows."""

    OWN_DOMAIN = "own_domain", "本校域名"
    TRUSTED_DOMAIN = "trusted_domain", "可信域名"
    STUDENT_NUMBER = "student_number", "学号格式"
    STAFF_NUMBER = "staff_number", "工号格式"
    NAME = "name", "规范名称"


class FindingAnswer(Vocabulary):
    """How a person answered a mark of the machine check."""

    FIXED = "fixed", "已修改"
    CONFIRMED = "confirmed", "确认无误"
    FALSE_ALARM = "false_alarm", "误报"


class CheckVerdict(Vocabulary):
    """How a person answered an item of the review checklist (审核清单)."""

    PASS = "pass", "通过"
    FAIL = "fail", "不通过"
    NOT_APPLICABLE = "not_applicable", "不适用"


class PortraitAge(Vocabulary):
    """Who signs for a portrait: under fourteen the guardian (个保法 31), up to seventeen both, then the person."""

    CHILD = "child", "未满 14 周岁（监护人签署）"
    YOUTH = "youth", "14 至 17 周岁（本人和监护人签署）"
    ADULT = "adult", "成年人（本人签署）"


class PortraitScope(Vocabulary):
    """Where a portrait may be shown."""

    WECHAT = "wechat", "公众号"
    SITE = "site", "校园网站"
    BOARD = "board", "展板橱窗"
    PRESS = "press", "第三方媒体"


class WithdrawalOutcome(Vocabulary):
    """How an item that shows somebody who withdrew was dealt with."""

    REMOVED = "removed", "已撤下"
    BLURRED = "blurred", "已打码或换图"
    NOT_SHOWN = "not_shown", "核对后图中没有本人"


class Target(Vocabulary):
    """Where one approved version goes (rule: 官网及相关平台同步发布, 同时推送至公众号)."""

    WECHAT = "wechat", "微信公众号"
    SITE = "site", "校园网站"
    SFTP = "sftp", "网站空间（SFTP）"
    WORDPRESS = "wordpress", "WordPress 网站"
    WEBHOOK = "webhook", "校园内容平台接口"


class PublishOrder(Vocabulary):
    """What goes out first where one item goes to several places; the second waits until the first is live."""

    TOGETHER = "together", "同时发布"
    SITE_FIRST = "site_first", "校园网站先，公众号后"
    WECHAT_FIRST = "wechat_first", "公众号先，其他后"


class PublicationWay(Vocabulary):
    """How the WeChat target is carried out."""

    DRAFT = "draft", "存入草稿箱，由人在公众平台发出"
    PUBLISH = "publish", "接口发布（不通知粉丝）"
    MASS = "mass", "接口群发（通知粉丝）"
    MANUAL = "manual", "人工发布后登记"


class PublicationState(Vocabulary):
    QUEUED = "queued", "排队中"
    PREPARING = "preparing", "准备素材"
    DRAFTED = "drafted", "草稿已建"
    SENDING = "sending", "正在提交"
    ACCEPTED = "accepted", "平台已受理"
    LIVE = "live", "已上线"
    FAILED = "failed", "未发出"
    UNKNOWN = "unknown", "结果待核实"
    NEEDS_PERSON = "needs_person", "等待人工完成"
    MISSED = "missed", "已错过时间"
    REMOVED = "removed", "已删除"
    BANNED = "banned", "被平台封禁"


IN_FLIGHT = (
    PublicationState.QUEUED,
    PublicationState.PREPARING,
    PublicationState.DRAFTED,
    PublicationState.SENDING,
    PublicationState.ACCEPTED,
    PublicationState.UNKNOWN,
    PublicationState.NEEDS_PERSON,
)
"""States in which something may still go, or may already have gone, live."""


class CallOutcome(Vocabulary):
    """How one remote call ended, as far as we can know."""

    STARTED = "started", "已发起"
    OK = "ok", "成功"
    REFUSED = "refused", "被拒绝"
    NOT_SENT = "not_sent", "未送达"
    UNKNOWN = "unknown", "结果不明"


class ProofOccasion(Vocabulary):
    """Why a published copy was read back."""

    AFTER = "after", "发布后"
    DAY_1 = "day_1", "次日"
    DAY_7 = "day_7", "第 7 天"
    DAY_30 = "day_30", "第 30 天"
    ASKED = "asked", "人工核对"
    EVIDENCE = "evidence", "处置前取证"


class ProofVerdict(Vocabulary):
    """What a published copy is, held against the sealed version."""

    SAME = "same", "与终审版一致"
    REWRITTEN = "rewritten", "仅平台改写"
    DIFFERENT = "different", "与终审版不一致"
    GONE = "gone", "已看不到"
    UNREAD = "unread", "没有读到"


class RemedyKind(Vocabulary):
    """What is done about an item that is out (rule 3.3)."""

    CORRECT = "correct", "更正个别文字"
    NOTE = "note", "刊登更正说明"
    TAKE_DOWN = "take_down", "下架"
    REPUBLISH = "republish", "下架并重新送审"
    SITE_ONLY = "site_only", "只撤校园网页"
    RESTORE = "restore", "按终审版恢复网页"


class RemedyReason(Vocabulary):
    FACTUAL = "factual", "事实差错"
    WORDING = "wording", "文字差错"
    POLITICAL = "political", "政治性表述问题"
    PRIVACY = "privacy", "涉及个人信息"
    COPYRIGHT = "copyright", "图片或文字侵权"
    TAMPERED = "tampered", "内容被改动"
    SUPERIOR = "superior", "上级要求"
    REQUEST = "request", "当事人或部门要求"
    OUTDATED = "outdated", "信息已过时"
    OTHER = "other", "其他"


class RemedyState(Vocabulary):
    PROPOSED = "proposed", "待另一人确认"
    CONFIRMED = "confirmed", "正在处置"
    DONE = "done", "已处置"
    REFUSED = "refused", "不同意处置"
    WITHDRAWN = "withdrawn", "已撤回提议"


class RemedyAction(Vocabulary):
    PROPOSE = "propose", "提出处置"
    CONFIRM = "confirm", "确认处置"
    REFUSE = "refuse", "不同意"
    WITHDRAW = "withdraw", "撤回提议"
    FINISH = "finish", "处置完成"


class DeedKind(Vocabulary):
    """What a remedy does to one published copy."""

    DELETE = "delete", "删除文章"
    TOMBSTONE = "tombstone", "换成下架说明"
    REWRITE = "rewrite", "改写网页"
    BY_HAND = "by_hand", "人工在公众平台完成"


class DeedState(Vocabulary):
    WAITING = "waiting", "等待执行"
    UNKNOWN = "unknown", "结果待核实"
    NEEDS_PERSON = "needs_person", "等待人工完成"
    DONE = "done", "已完成"


class ViolationKind(Vocabulary):
    """违规类型 V01-V18 (rule 3.3; taxonomy of the appraisal scheme)."""

    POLITICAL = "V01", "政治性问题"
    SECRET_LEAK = "V02", "泄露国家秘密或内部信息"
    UNLAWFUL = "V03", "违法有害信息"
    UNTRUE = "V04", "失实报道"
    PERSONAL_DATA = "V05", "个人信息或隐私泄露"
    MINORS = "V06", "侵害未成年人权益"
    COPYRIGHT = "V07", "著作权、字体或图片侵权"
    ADVERTISING = "V08", "商业广告或违规推广"
    WORDING = "V09", "表述或文字差错"
    MAP_OR_FLAG = "V10", "地图、国旗国徽等使用错误"
    UNREVIEWED = "V11", "未经审核发布或越级发布"
    REPRINT = "V12", "转载违规"
    ALTERED = "V13", "擅自修改已审内容"
    ACCOUNT = "V14", "账号管理违规"
    FAKE_FIGURES = "V15", "数据造假或强制点赞关注"
    STALE = "V16", "长期不更新或官网不同步"
    COMMENTS = "V17", "评论失管"
    RECTIFICATION = "V18", "未按期整改或阻碍检查"


class Severity(Vocabulary):
    MINOR = "minor", "一般"
    MAJOR = "major", "较重"
    SEVERE = "severe", "严重"


class Discovery(Vocabulary):
    """How a violation came to light."""

    SELF_CHECK = "self_check", "自查"
    INSPECTION = "inspection", "抽查"
    COMPLAINT = "complaint", "举报"
    SUPERIOR = "superior", "上级通报"
    MACHINE = "machine", "机器提示"


class ViolationState(Vocabulary):
    RECORDED = "recorded", "已登记"
    CONTAINED = "contained", "已先行处置"
    INVESTIGATING = "investigating", "调查中"
    RECTIFYING = "rectifying", "整改中"
    RECHECKING = "rechecking", "复核中"
    DECIDED = "decided", "已认定"
    APPEALED = "appealed", "申诉中"
    CLOSED = "closed", "已结案"
    DISMISSED = "dismissed", "不成立"


class ViolationAction(Vocabulary):
    RECORD = "record", "登记"
    CONTAIN = "contain", "先行处置"
    INVESTIGATE = "investigate", "开始调查"
    ORDER = "order", "责令整改"
    REPORT_FIXED = "report_fixed", "报告整改完成"
    DECIDE = "decide", "认定并扣分"
    DISMISS = "dismiss", "认定不成立"
    APPEAL = "appeal", "申诉"
    CLOSE = "close", "结案"


class Indicator(Vocabulary):
    """Lines of the appraisal scheme that rows of the ledger belong to (scheme 5.3)."""

    ADOPTION = "A2", "采用得分"
    BONUS = "bonus", "加分"
    DEDUCTION = "deduction", "违规扣分"


class AuditAction(Vocabulary):
    """Everything the trail can say; the Chinese sentence is rendered from the label."""

    DATABASE_CREATED = "database.created", "建立数据库"
    DATABASE_BACKED_UP = "database.backed_up", "备份"
    DATABASE_RESTORED = "database.restored", "从备份恢复"
    PERSON_CREATED = "person.created", "新建人员"
    PERSON_CHANGED = "person.changed", "修改人员"
    PERSON_DISABLED = "person.disabled", "停用人员"
    PERSON_ENABLED = "person.enabled", "恢复人员"
    ROLES_CHANGED = "person.roles", "调整角色"
    PEOPLE_IMPORTED = "person.imported", "从表格导入人员"
    RESET_CODE_ISSUED = "person.reset_code", "发放一次性登录码"
    PASSWORD_CHANGED = "person.password", "修改密码"
    SECOND_FACTOR_ON = "person.second_factor_on", "开启动态口令"
    SECOND_FACTOR_OFF = "person.second_factor_off", "停用动态口令"
    RECOVERY_CODES_MADE = "person.recovery_codes", "重新生成备用码"
    IDENTITY_LINKED = "person.identity_linked", "关联统一身份"
    IDENTITY_UNLINKED = "person.identity_unlinked", "解除统一身份"
    DEPARTMENT_CREATED = "department.created", "新建部门"
    DEPARTMENT_CHANGED = "department.changed", "修改部门"
    DEPARTMENT_DISABLED = "department.disabled", "停用部门"
    DEPARTMENT_ENABLED = "department.enabled", "恢复部门"
    ACCOUNT_CREATED = "account.created", "登记公众号"
    ACCOUNT_MOVED = "account.moved", "办理公众号"
    ACCOUNT_CHANGED = "account.changed", "修改公众号登记"
    ACCOUNT_REQUESTED = "account.requested", "办理公众号申请"
    ACCOUNT_TASK_DONE = "account.task_done", "完成公众号事项"
    ACCOUNT_FILED = "account.filed", "上传公众号材料"
    CREDENTIALS_CHANGED = "account.credentials", "更换公众号凭证"
    ACCOUNT_TESTED = "account.tested", "检测公众号接口"
    REVIEW_OPENED = "annual.opened", "开始年检"
    REVIEW_MOVED = "annual.moved", "办理年检"
    REVIEW_PUBLISHED = "annual.published", "公示年检结果"
    SETTING_CHANGED = "setting.changed", "修改时限"
    CALENDAR_CHANGED = "calendar.changed", "修改工作日历"
    SENSITIVE_DATE_CHANGED = "calendar.sensitive_date", "修改敏感日期"
    ROUTE_CHANGED = "route.changed", "修改审核流程"
    SIGNED_IN = "session.opened", "登录"
    SIGN_IN_FAILED = "session.refused", "登录失败"
    SIGNED_OUT = "session.closed", "退出登录"
    SIGNED_OUT_EVERYWHERE = "session.all_closed", "退出所有设备"
    SUBMISSION_CREATED = "submission.created", "新建稿件"
    SUBMISSION_SUBMITTED = "submission.submit", "提交稿件"
    SUBMISSION_SIGNED_OFF = "submission.sign_off", "部门审签通过"
    SUBMISSION_PASSED = "submission.pass", "初审通过"
    SUBMISSION_APPROVED = "submission.approve", "终审通过并封版"
    SUBMISSION_ADJUSTED = "submission.adjust", "调整内容"
    SUBMISSION_RAISED = "submission.raise", "提高审核级别"
    SUBMISSION_EXPEDITED = "submission.expedite", "转入紧急快速通道"
    SUBMISSION_SETTLED = "submission.settle", "补审紧急稿件"
    SUBMISSION_RECALLED = "submission.recall", "撤回修改"
    SUBMISSION_RETURNED = "submission.return", "退回修改"
    SUBMISSION_REJECTED = "submission.reject", "不予采用"
    SUBMISSION_WITHDRAWN = "submission.withdraw", "撤回稿件"
    SUBMISSION_RELEASED = "submission.release", "发布完成"
    SUBMISSION_ARCHIVED = "submission.archive", "归档"
    SUBMISSION_REOPENED = "submission.reopen", "下架后重新送审"
    EMERGENCY_LISTED = "emergency.listed", "列入紧急通道名单"
    EMERGENCY_UNLISTED = "emergency.unlisted", "移出紧急通道名单"
    OCCASION_CHANGED = "occasion.changed", "修改稿件模板"
    FINDING_ANSWERED = "finding.answered", "答复机器提示"
    CHECKLIST_ANSWERED = "checklist.answered", "填写审核清单"
    REMARK_ADDED = "remark.added", "添加批注"
    REMARK_ANSWERED = "remark.answered", "回复批注"
    REMARK_SETTLED = "remark.settled", "解决批注"
    REMARK_REOPENED = "remark.reopened", "重新打开批注"
    TALK_ENTERED = "submission.talk", "补记约谈"
    REASON_KEPT = "reason.kept", "修改常用理由"
    REASON_RETIRED = "reason.retired", "停用常用理由"
    EXEMPTION_MADE = "exemption.made", "批准初筛豁免"
    EXEMPTION_ENDED = "exemption.ended", "结束初筛豁免"
    ATTACHMENT_ADDED = "attachment.added", "上传附件"
    ATTACHMENT_REMOVED = "attachment.removed", "移除附件"
    ATTACHMENT_OPENED = "attachment.opened", "打开附件"
    CONSENT_RECORDED = "consent.recorded", "登记肖像授权"
    CONSENT_ERASED = "consent.erased", "删除到期授权的个人信息"
    CONSENTS_IMPORTED = "consent.imported", "导入肖像授权"
    CONSENT_OPENED = "consent.opened", "查看肖像授权完整信息"
    CONSENT_LINKED = "consent.linked", "关联图片与肖像授权"
    CONSENT_UNLINKED = "consent.unlinked", "解除图片与肖像授权的关联"
    CONSENT_WITHDRAWN = "consent.withdrawn", "撤回肖像授权"
    CONSENT_SETTLED = "consent.settled", "处理撤回授权的稿件"
    LEXICON_CHANGED = "lexicon.changed", "修改词库"
    LEXICON_ACTIVATED = "lexicon.activated", "启用词库版本"
    ROSTER_CHANGED = "roster.changed", "修改领导名录"
    PICTURE_RECORDED = "picture.recorded", "登记图片来源"
    PUBLICATION_QUEUED = "publication.queued", "排入发布"
    PUBLICATION_CHANGED = "publication.changed", "发布状态变化"
    PUBLICATION_CANCELLED = "publication.cancelled", "取消发布"
    PUBLICATION_SETTLED = "publication.settled", "人工核实发布结果"
    PUBLISHING_STOPPED = "publishing.stopped", "停止发布"
    PUBLISHING_RESUMED = "publishing.resumed", "恢复发布"
    PROOF_ALARMED = "proof.alarmed", "发现发布内容异常"
    PROOF_ACKNOWLEDGED = "proof.acknowledged", "确认发布内容异常"
    SCREENSHOT_ADDED = "proof.screenshot", "登记发布截图"
    RECORD_MISSING = "proof.no_record", "没有留存记录即处置"
    REMEDY_MOVED = "remedy.moved", "办理发布后处置"
    DEED_DONE = "remedy.deed", "执行发布后处置"
    PACKET_MADE = "packet.made", "导出归档包"
    EMBARGO_SET = "publishing.embargo", "设定最早发布时间"
    SITE_REBUILT = "publishing.site_rebuilt", "重建校园网站"
    DESTINATION_ADDED = "publishing.destination_added", "新增发布去处"
    DESTINATION_CHANGED = "publishing.destination_changed", "修改发布去处"
    DESTINATION_TESTED = "publishing.destination_tested", "检测发布去处"
    RESEND_ASKED = "publishing.resend_asked", "安排全部重发"
    RESEND_ENDED = "publishing.resend_ended", "全部重发结束"
    VIOLATION_RECORDED = "violation.record", "登记违规"
    VIOLATION_MOVED = "violation.moved", "办理违规"
    POINTS_GIVEN = "points.given", "记分"
    DELEGATION_MADE = "delegation.made", "委托代办"
    DELEGATION_ENDED = "delegation.ended", "结束代办"
    ABSENCE_ENTERED = "absence.entered", "登记不在岗"
    ABSENCE_WITHDRAWN = "absence.withdrawn", "撤销不在岗"
    NOTICE_RESENT = "notice.resent", "重发通知"
    NOTICE_ADDRESS_CHANGED = "notice.address", "修改接收邮箱"
    OPERATOR_NAMED = "operator.named", "指定运营人员"
    OPERATOR_ENDED = "operator.ended", "结束运营人员任职"
    TRAINING_ENTERED = "training.entered", "登记培训"
    TRAINING_STRUCK = "training.struck", "划掉登记错的培训"
    DUTY_SET = "duty.set", "排定值班"
    DUTY_CLEARED = "duty.cleared", "取消值班"
    DUTIES_CHANGED = "duties.changed", "修改岗位职责"
    DUTIES_ACKNOWLEDGED = "duties.acknowledged", "确认岗位职责"


class NoticeKind(Vocabulary):
    """What a notice is about."""

    WAITING = "waiting", "等您办理"
    RETURNED = "returned", "退回修改"
    REJECTED = "rejected", "不予采用"
    WITHDRAWN = "withdrawn", "已撤回"
    ADJUSTED = "adjusted", "内容有调整"
    REMARK = "remark", "批注"
    APPROVED = "approved", "终审通过"
    TO_PUBLISH = "to_publish", "待发布"
    PUBLISHED = "published", "已发布"
    DELIVERY = "delivery", "发布需要处理"
    ALARM = "alarm", "发布内容异常"
    REMEDY = "remedy", "发布后处置"
    VIOLATION = "violation", "违规办理"
    DELEGATION = "delegation", "代办"
    REMINDER = "reminder", "催办"
    ESCALATION = "escalation", "超时上报"
    SHORTAGE = "shortage", "无人可办"
    PORTRAIT = "portrait", "肖像授权"
    ACCOUNT = "account", "公众号事项"
    ACCOUNT_NEWS = "account_news", "公众号消息"


class NoticeChannel(Vocabulary):
    """How a notice leaves the house; the in-app inbox holds it anyway."""

    MAIL = "mail", "邮件"
    ROBOT = "robot", "群机器人"


class SendingState(Vocabulary):
    WAITING = "waiting", "等待发送"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"


class OperatorPost(Vocabulary):
    """Posts on the roster of an account (rule 5.1): the second stands in for the first."""

    A = "A", "A 角"
    B = "B", "B 角"


# --- Columns ---------------------------------------------------------------------------------------------

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def word(vocabulary: type[Vocabulary]) -> Any:
    """Column type that stores the code as plain text: SQLAlchemy alone would store the member's *name*,
    and PostgreSQL would make a native type that every new word would have to alter.
    """
    return Enum(
        vocabulary,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda words: [each.value for each in words],
    )


class Words(TypeDecorator[tuple[Any, ...]]):
    """Column type for several words of one vocabulary: their codes as a JSON list, in the vocabulary's order."""

    impl = JSON
    cache_ok = True

    def __init__(self, vocabulary: type[Vocabulary]) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def process_bind_param(self, value: tuple[Any, ...] | None, dialect: Dialect) -> Any:  # noqa: ARG002  # the base class hands it over
        return [each.value for each in self.vocabulary if each in (value or ())]

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Any, ...]:  # noqa: ARG002  # as above
        return tuple(self.vocabulary.of(code) for code in value or ())


class Record(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING))):
    """Base of every table; its own registry survives a re-import of this module."""


# --- People ----------------------------------------------------------------------------------------------


class Department(Record, table=True):
    """A unit of the school."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=60)
    kind: DepartmentKind = Field(sa_type=word(DepartmentKind))
    active: bool = True
    version: int = 1


class Person(Record, table=True):
    """Somebody who signs in. No ID number, no birthday: the office does not need them (个保法 6, 19).

    `phone` is the one at work. A student's roles always carry their last day. `second_factor_sealed` is the
    secret of their authenticator, encrypted; `second_factor_step` its last time step used, so that no code
    works twice.
    """

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=40)
    department_id: int = Field(foreign_key="department.id", index=True)
    phone: str = Field(default="", max_length=20)
    is_student: bool = False
    password_hash: str
    password_is_temporary: bool = False
    second_factor_sealed: str | None = None
    second_factor_step: int = 0
    active: bool = True
    failed_sign_ins: int = 0
    locked_until: datetime | None = None
    created_at: datetime


class PersonRole(Record, table=True):
    """One role of one person, with the dates it holds on (both inclusive)."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    role: Role = Field(sa_type=word(Role))
    starts_on: date
    ends_on: date | None = None


class PastPassword(Record, table=True):
    """A password somebody used before, as its hash: the last five do not come back."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    password_hash: str
    replaced_at: datetime


class ResetCode(Record, table=True):
    """A one-time code with which somebody gets in to choose a password. Only its keyed digest is stored."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    digest: str = Field(unique=True, max_length=64)
    issued_by_id: int | None = Field(default=None, foreign_key="person.id")
    expires_at: datetime
    used_at: datetime | None = None


class RecoveryCode(Record, table=True):
    """备用码: one of ten that stand in for the authenticator, each once. Only its keyed digest is stored."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    digest: str = Field(unique=True, max_length=64)
    used_at: datetime | None = None


class PersonIdentity(Record, table=True):
    """A person as the campus sign-in names them. It says who somebody is, and never what they may do.

    `last_token_at` is when the last accepted statement was made: each one opens a session once.
    """

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    issuer: str
    subject: str
    linked_at: datetime
    last_token_at: datetime | None = None

    __table_args__ = (UniqueConstraint("issuer", "subject"),)


class SignInFailure(Record, table=True):
    """A refused attempt from a network address, kept while it counts against that address."""

    id: int | None = Field(default=None, primary_key=True)
    origin: str
    at: datetime

    __table_args__ = (Index("ix_signinfailure_recent", "origin", "at"),)


class SignInSession(Record, table=True):
    """A signed-in browser. Only the hash of its token is stored; revoking the row ends it at the next click.

    `ticket_hash` is the one-time ticket with which the browser fetches its HttpOnly cookie. While `owes_code`,
    the password was right and the code of the authenticator has not been given.
    """

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    token_hash: str = Field(unique=True)
    ticket_hash: str | None = Field(default=None, unique=True)
    ticket_until: datetime | None = None
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    origin: str = ""
    device: str = ""
    owes_code: bool = False
    through_campus: bool = False


# --- Official accounts -----------------------------------------------------------------------------------


class RegisterEntry(SQLModel):
    """What the filing form of an account asks (domain: 备案登记表), grouped as on the form. What an application
    need not name is optional: it can be completed in the register.
    """

    kind: AccountKind = Field(default=AccountKind.SUBSCRIPTION, sa_type=word(AccountKind))
    level: AccountLevel = Field(default=AccountLevel.UNIT, sa_type=word(AccountLevel))
    external_facing: bool = False
    purpose: str = Field(default="", max_length=500)
    content_scope: str = ""
    audience: str = ""
    overlap_note: str = ""
    planned_per_month: int | None = None
    comments_enabled: bool = False
    vendor: str = ""
    vendor_contract: str = ""

    sponsor: str = ""
    first_responsible: str = ""
    leader_in_charge: str = ""
    guide_teacher: str = ""

    admin_a: str = ""
    admin_b: str = ""
    contact: str = ""
    bound_phone_end: str = Field(default="", max_length=4)

    password_custodian: str = ""
    password_changed_on: date | None = None
    login_protection: bool = False
    emergency_contact: str = ""

    first_reviewer: str = ""
    second_reviewer: str = ""
    final_reviewer: str = ""
    proofreader: str = ""

    wechat_id: str = ""
    original_id: str = ""
    subject_name: str = ""
    subject_type: str = ""
    verified: bool = False
    verified_until: date | None = None
    emblem_authorised: bool = False
    external_filing_no: str = ""
    exception_reason: str = ""


class OfficialAccount(RegisterEntry, Record, table=True):
    """One 公众号 in the register; a cancelled one stays and keeps its name. Only `services/accounts.py` writes `state`.

    AppSecret, token and key are stored encrypted and never shown again, only the date they were changed.
    `exception_granted` allows a second active account of the same kind to one unit.
    """

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=60)
    state: AccountState = Field(sa_type=word(AccountState))
    state_entered_at: datetime
    version: int = 1
    owner_department_id: int = Field(foreign_key="department.id", index=True)
    exception_granted: bool = False
    registered_on: date | None = None
    filing_no: str | None = Field(default=None, unique=True)
    filed_on: date | None = None
    default_way: PublicationWay = Field(default=PublicationWay.DRAFT, sa_type=word(PublicationWay))
    publish_order: PublishOrder = Field(default=PublishOrder.TOGETHER, sa_type=word(PublishOrder))
    theme: str = "plain"
    app_id: str | None = Field(default=None, unique=True)
    app_secret_sealed: str | None = None
    app_secret_changed_at: datetime | None = None
    callback_token_sealed: str | None = None
    callback_token_changed_at: datetime | None = None
    encoding_aes_key_sealed: str | None = None
    encoding_aes_key_changed_at: datetime | None = None
    interface_right: InterfaceRight = Field(default=InterfaceRight.UNTESTED, sa_type=word(InterfaceRight))
    created_at: datetime


class AccountRequest(Record, table=True):
    """What a unit asked for and how far it came. Only `services/account_requests.py` writes `state`.

    `changes` are the fields of the register as they shall be, by name; `happened_on` is the day a change came true,
    from which its clock runs; `applied_by_id` handed it in first, `applied_for_id` is whom they stood in for.
    """

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="officialaccount.id", index=True)
    kind: RequestKind = Field(sa_type=word(RequestKind))
    change: ChangeKind | None = Field(default=None, sa_type=word(ChangeKind))
    cancel_reason: CancelReason | None = Field(default=None, sa_type=word(CancelReason))
    changes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    reason: str = Field(default="", sa_type=Text)
    happened_on: date | None = None
    needs_leader: bool = False
    state: RequestState = Field(sa_type=word(RequestState))
    version: int = 1
    department_id: int = Field(foreign_key="department.id", index=True)
    applied_by_id: int = Field(foreign_key="person.id")
    applied_for_id: int | None = Field(default=None, foreign_key="person.id")
    applied_at: datetime
    state_entered_at: datetime
    decided_at: datetime | None = None


class AccountStep(Record, table=True):
    """One step in the life of an account or of a request about it. Rows are never changed.

    `action`, `from_state` and `to_state` are codes of the vocabulary of whichever it was; `for_id` is the person a
    deputy stood in for.
    """

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="officialaccount.id", index=True)
    request_id: int | None = Field(default=None, foreign_key="accountrequest.id", index=True)
    action: str
    from_state: str
    to_state: str
    actor_id: int | None = Field(default=None, foreign_key="person.id")
    for_id: int | None = Field(default=None, foreign_key="person.id")
    comment: str = Field(default="", sa_type=Text)
    at: datetime


class AccountDuty(Record, table=True):
    """One dated step that a granted request still owes; `done_on` is the day it was really done, `done_for_id` whom a
    deputy stood in for.
    """

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="officialaccount.id", index=True)
    request_id: int = Field(foreign_key="accountrequest.id")
    task: AccountTask = Field(sa_type=word(AccountTask))
    due_on: date
    done_on: date | None = None
    note: str = Field(default="", sa_type=Text)
    file_id: int | None = Field(default=None, foreign_key="accountfile.id")
    done_by_id: int | None = Field(default=None, foreign_key="person.id")
    done_for_id: int | None = Field(default=None, foreign_key="person.id")

    __table_args__ = (UniqueConstraint("request_id", "task"),)


class AccountFile(Record, table=True):
    """A document of an account (proof, hand-over form, pledge); the bytes are stored by their hash."""

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="officialaccount.id", index=True)
    label: str
    name: str
    media_type: str
    sha256: str = Field(max_length=64)
    size: int
    added_by_id: int = Field(foreign_key="person.id")
    added_at: datetime


class AccountTest(Record, table=True):
    """One self-test of an account's interface, in the words the administrator read. `quotas` are calls left today."""

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="officialaccount.id", index=True)
    right: InterfaceRight = Field(sa_type=word(InterfaceRight))
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    quotas: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    tested_by_id: int = Field(foreign_key="person.id")
    tested_at: datetime


class QuotaAnswer(Record, table=True):
    """What WeChat said of an account's calls when a person asked; `calls_left` are by the office's word for a call."""

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="officialaccount.id", index=True)
    calls_left: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    asked_by_id: int = Field(foreign_key="person.id")
    asked_at: datetime


class AnnualCampaign(Record, table=True):
    """The annual review of one year, with its window."""

    id: int | None = Field(default=None, primary_key=True)
    year: int = Field(unique=True)
    opens_on: date
    closes_on: date
    state: CampaignState = Field(default=CampaignState.OPEN, sa_type=word(CampaignState))
    version: int = 1
    opened_by_id: int = Field(foreign_key="person.id")
    opened_at: datetime
    published_at: datetime | None = None


class AnnualReview(Record, table=True):
    """One account in one campaign. Only `services/annual_reviews.py` writes `state`.

    `answers` hold yes or no and the evidence for each item; `facts` are what the system counted when the unit
    confirmed. The columns `…_for_id` are whom a deputy stood in for.
    """

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="annualcampaign.id")
    account_id: int = Field(foreign_key="officialaccount.id")
    state: AnnualState = Field(default=AnnualState.NOT_STARTED, sa_type=word(AnnualState))
    version: int = 1
    answers: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    comment: str = Field(default="", sa_type=Text)
    answered_by_id: int | None = Field(default=None, foreign_key="person.id")
    answered_for_id: int | None = Field(default=None, foreign_key="person.id")
    confirmed_by_id: int | None = Field(default=None, foreign_key="person.id")
    confirmed_for_id: int | None = Field(default=None, foreign_key="person.id")
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_for_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None

    __table_args__ = (UniqueConstraint("campaign_id", "account_id"),)


class CalendarOverride(Record, table=True):
    """A day on which the office decided otherwise than the published holidays (调休, 寒暑假)."""

    day: date = Field(primary_key=True)
    is_working: bool
    note: str


class SensitiveDate(Record, table=True):
    """A day on which what goes out is looked at twice: one of the office's own, or its word on a shipped one of that
    name (`services/rules/sensitive_dates.py`). It comes every year, unless `year` names one.
    """

    name: str = Field(primary_key=True, max_length=30)
    month: int
    day: int
    days: int = 1
    year: int | None = None
    advice: str = Field(default="", sa_type=Text)
    active: bool = True
    changed_by_id: int = Field(foreign_key="person.id")
    changed_at: datetime


class Setting(Record, table=True):
    """A value the administrator changed; what is not here has its default in code."""

    key: str = Field(primary_key=True, max_length=60)
    value: str


class ReviewRoute(Record, table=True):
    """Stages by configuration; the most specific row wins (account and category, account, category, none)."""

    id: int | None = Field(default=None, primary_key=True)
    account_id: int | None = Field(default=None, foreign_key="officialaccount.id")
    category: ContentCategory | None = Field(default=None, sa_type=word(ContentCategory))
    stages: list[str] = Field(sa_column=Column(JSON, nullable=False))


# --- Submissions -----------------------------------------------------------------------------------------


class Content(SQLModel):
    """What is read, reviewed, sealed and published: the fields that a draft and a revision share."""

    title: str = ""
    digest: str = ""
    author: str = ""
    photographer: str = ""
    source_kind: SourceKind = Field(default=SourceKind.ORIGINAL, sa_type=word(SourceKind))
    source_name: str = ""
    source_url: str = ""
    body_html: str = Field(default="", sa_type=Text)
    cover_sha256: str | None = None
    attachments: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    """In their order, each with its `name` and `sha256`; no name twice."""


class Particulars(SQLModel):
    """What the office needs to know of an item beside its content: the fields that a draft and its item share.

    The item's are what the office received; the draft's are what its author is writing. Until an item is first handed
    in, the two are the same.
    """

    account_id: int | None = Field(default=None, foreign_key="officialaccount.id")
    category: ContentCategory = Field(default=ContentCategory.NEWS, sa_type=word(ContentCategory))
    event_date: date | None = None
    wanted_at: datetime | None = None
    declared_no_secrets: bool = False
    declared_rights: bool = False
    ai_use: AiUse = Field(default=AiUse.NONE, sa_type=word(AiUse))
    theme: str | None = None
    risks: tuple[RiskMark, ...] = Field(default=(), sa_type=Words(RiskMark), sa_column_kwargs={"server_default": "[]"})


class Submission(Particulars, Record, table=True):
    """One 稿件 from first draft to archive. Only `services/submissions.py` writes `state`.

    `version` grows with every change of state or content, so a decision names exactly what it was made on.
    `route` is fixed when the item is submitted: a later change of settings does not move items under way.
    Before `embargo_until` nothing of it goes out anywhere, whatever was planned.
    `near_at`, `due_at` and `urgent_at` are the clock of the present stage (`services/stage_clocks.py`), empty
    while nobody of the office is waited for.
    """

    id: int | None = Field(default=None, primary_key=True)
    title: str = ""
    state: SubmissionState = Field(default=SubmissionState.DRAFT, sa_type=word(SubmissionState))
    version: int = 1
    contributor_id: int = Field(foreign_key="person.id")
    department_id: int = Field(foreign_key="department.id")
    embargo_until: datetime | None = None
    is_emergency: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    route: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    review_round: int = 0
    revision_id: int | None = None
    sealed_revision_id: int | None = None
    seal: str | None = None
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None = None
    stage_entered_at: datetime
    near_at: datetime | None = None
    due_at: datetime | None = None
    urgent_at: datetime | None = None

    __table_args__ = (
        Index("ix_submission_urgent", "state", "urgent_at", "id"),
        Index("ix_submission_touched", "updated_at", "id"),
        Index("ix_submission_wanted", "state", "wanted_at"),
        Index("ix_submission_waiting", "state", "stage_entered_at", "id"),
        Index("ix_submission_of_contributor", "contributor_id", "updated_at"),
        Index("ix_submission_of_department", "department_id", "state", "updated_at"),
        Index("ix_submission_handed_in", "department_id", "submitted_at"),
    )


class Draft(Content, Particulars, Record, table=True):
    """The working copy of whoever holds the pen, words and particulars; saved from the first change on.

    `edition` grows with every save: of two tabs, the second to save is told.
    """

    submission_id: int = Field(primary_key=True, foreign_key="submission.id")
    edition: int = 1
    saved_at: datetime
    saved_by_id: int = Field(foreign_key="person.id")


class Revision(Content, Record, table=True):
    """An immutable version of the content: what somebody handed on. Never updated, never deleted."""

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id")
    number: int
    fingerprint: str = Field(max_length=64)
    made_by_id: int = Field(foreign_key="person.id")
    made_at: datetime

    __table_args__ = (UniqueConstraint("submission_id", "number"),)


class Asset(Record, table=True):
    """A picture of a submission. The file is stored by its hash, so the same picture twice is one file."""

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id")
    sha256: str = Field(max_length=64, index=True)
    media_type: str
    width: int
    height: int
    size: int
    original_name: str
    added_by_id: int = Field(foreign_key="person.id")
    added_at: datetime

    __table_args__ = (UniqueConstraint("submission_id", "sha256"),)


class Attachment(Record, table=True):
    """A file that goes out with a submission; the bytes are stored by their hash. Which of them a version carries,
    and under which name, is part of its content.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id")
    sha256: str = Field(max_length=64, index=True)
    media_type: str
    size: int
    added_by_id: int = Field(foreign_key="person.id")
    added_at: datetime

    __table_args__ = (UniqueConstraint("submission_id", "sha256"),)


class AttachmentReading(Record, table=True):
    """What the machine marked in a stored file, by lists of these versions; personal data masked, never its text."""

    sha256: str = Field(primary_key=True, max_length=64)
    versions: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    marks: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    read_at: datetime


class AttachmentOpening(Record, table=True):
    """That a person opened an attachment of an item, first when: a reviewer answers for what is in it."""

    submission_id: int = Field(primary_key=True, foreign_key="submission.id")
    sha256: str = Field(primary_key=True, max_length=64)
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    opened_at: datetime


class ReviewDecision(Record, table=True):
    """One step of one submission: who did what, on which revision, with which words. Never changed.

    `for_id` is the person a deputy stood in for (X 代 Y); both count under the two-person rule.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id")
    revision_id: int | None = Field(default=None, foreign_key="revision.id")
    review_round: int
    action: Action = Field(sa_type=word(Action))
    from_state: SubmissionState = Field(sa_type=word(SubmissionState))
    to_state: SubmissionState = Field(sa_type=word(SubmissionState))
    actor_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    for_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    comment: str = Field(default="", sa_type=Text)
    clause: str = ""
    entered_at: datetime
    at: datetime = Field(index=True)

    __table_args__ = (
        Index("ix_reviewdecision_kind", "action", "at"),
        # With the action, which nearly every question names: SQLite would else rather read all decisions of that kind.
        Index("ix_reviewdecision_of_submission", "submission_id", "action"),
    )


class EmergencyPerson(Record, table=True):
    """Somebody who may bring an item into the emergency channel."""

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    added_by_id: int | None = Field(default=None, foreign_key="person.id")
    added_at: datetime


class Emergency(Record, table=True):
    """One use of the emergency channel, and the full review it owes: due once the item was approved, until somebody
    else settled it. `owed_to_leader` where the ordinary route ends with the school leader and none has signed.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id")
    review_round: int
    reason: EmergencyReason = Field(sa_type=word(EmergencyReason))
    words: str = Field(sa_type=Text)
    opened_by_id: int = Field(foreign_key="person.id")
    opened_at: datetime = Field(index=True)
    owed_to_leader: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    approved_at: datetime | None = None
    due_at: datetime | None = None
    settled_at: datetime | None = None
    settled_by_id: int | None = Field(default=None, foreign_key="person.id")
    verdict: AfterReview | None = Field(default=None, sa_type=word(AfterReview))
    found: str = Field(default="", sa_type=Text)

    __table_args__ = (
        UniqueConstraint("submission_id", "review_round"),
        Index("ix_emergency_owed", "settled_at", "due_at"),
    )


class Occasion(Record, table=True):
    """稿件模板: how an article of one occasion usually begins; kept by the office, copied into a new draft."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=30)
    category: ContentCategory = Field(sa_type=word(ContentCategory))
    hint: str = ""
    title: str = ""
    body_html: str = Field(default="", sa_type=Text)
    active: bool = True
    version: int = 1
    changed_at: datetime
    changed_by_id: int | None = Field(default=None, foreign_key="person.id")


class CheckAnswer(Record, table=True):
    """One answer to an item of the review checklist, given on one revision. Never changed: the latest one counts.

    `item` is its code (C01 to C18); `stage` the review stage it was given in. `for_id` as in `ReviewDecision`.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id")
    review_round: int
    stage: SubmissionState = Field(sa_type=word(SubmissionState))
    item: str = Field(max_length=3)
    verdict: CheckVerdict = Field(sa_type=word(CheckVerdict))
    note: str = Field(default="", sa_type=Text)
    revision_id: int = Field(foreign_key="revision.id")
    answered_by_id: int = Field(foreign_key="person.id")
    for_id: int | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime

    __table_args__ = (Index("ix_checkanswer_of_submission", "submission_id", "review_round", "id"),)


class Remark(Record, table=True):
    """批注: a remark on words of one version. `field` is title, digest or body; `start` and `end` count characters of
    its plain text, `quote` are these words. `for_id` and `settled_for_id` as in `ReviewDecision`.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    revision_id: int = Field(foreign_key="revision.id")
    field: str = Field(max_length=8)
    quote: str = Field(sa_type=Text)
    start: int
    end: int
    text: str = Field(sa_type=Text)
    made_by_id: int = Field(foreign_key="person.id")
    for_id: int | None = Field(default=None, foreign_key="person.id")
    made_at: datetime
    settled_by_id: int | None = Field(default=None, foreign_key="person.id")
    settled_for_id: int | None = Field(default=None, foreign_key="person.id")
    settled_at: datetime | None = None


class RemarkReply(Record, table=True):
    """An answer to a remark. Rows are never changed."""

    id: int | None = Field(default=None, primary_key=True)
    remark_id: int = Field(foreign_key="remark.id", index=True)
    text: str = Field(sa_type=Text)
    made_by_id: int = Field(foreign_key="person.id")
    for_id: int | None = Field(default=None, foreign_key="person.id")
    made_at: datetime


class SearchText(Record, table=True):
    """What an item is found by, folded as `services/rules/search_terms.py` says; written by `services/search_texts.py`.

    Beside it stands the table `search_grams`, which each database makes in its own words (migration search).
    """

    submission_id: int = Field(primary_key=True, foreign_key="submission.id")
    text: str = Field(sa_type=Text)


class SavedFilter(Record, table=True):
    """A filter of the inbox that a person keeps under a name."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    name: str = Field(max_length=20)
    view: InboxView = Field(sa_type=word(InboxView))
    criteria: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    made_at: datetime

    __table_args__ = (UniqueConstraint("person_id", "name"),)


class ReviewClaim(Record, table=True):
    """Who is looking at an item under review just now. Never a lock: it ends by itself, and whoever may decide may
    decide meanwhile.
    """

    submission_id: int = Field(primary_key=True, foreign_key="submission.id")
    person_id: int = Field(foreign_key="person.id")
    since: datetime
    until: datetime


class ReasonTemplate(Record, table=True):
    """常用理由: words for a return or a refusal, with the clause they rest on; kept by the office, edited freely once
    picked. `item` is the item of the review checklist it answers to, or empty.
    """

    id: int | None = Field(default=None, primary_key=True)
    action: Action = Field(sa_type=word(Action))
    text: str = Field(sa_type=Text)
    clause: str = Field(default="", max_length=8)
    item: str = Field(default="", max_length=3)
    active: bool = True
    changed_at: datetime
    changed_by_id: int | None = Field(default=None, foreign_key="person.id")


class ReturnTalk(Record, table=True):
    """约谈: what the third return of an item asks for, and every later one. Without a day it was put off, knowingly.

    One round has one return at most, so the round names it.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id")
    review_round: int
    who: str = Field(default="", max_length=120)
    held_on: date | None = None
    entered_by_id: int = Field(foreign_key="person.id")
    entered_at: datetime

    __table_args__ = (UniqueConstraint("submission_id", "review_round"),)


class Screening(Record, table=True):
    """One run of the machine check, with the versions of rules and lists: a dispute can be replayed.

    `fingerprint` is that of the content, `category` and `event_date` are what was said beside it; without a category it
    is a run of a release that did not note them.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    fingerprint: str = Field(max_length=64)
    category: ContentCategory | None = Field(default=None, sa_type=word(ContentCategory))
    event_date: date | None = None
    versions: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    run_at: datetime


class Finding(Record, table=True):
    """A place the machine marked. Personal data is kept masked, plus a salted hash to recognise it.

    `place` says where in an attachment: the sheet and row, the page, the paragraph. `entry` is the term of the list
    that marked it, however it was disguised in the text; `related_id` the earlier item a likeness was found with.
    """

    id: int | None = Field(default=None, primary_key=True)
    screening_id: int = Field(foreign_key="screening.id", index=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    rule: str
    level: FindingLevel = Field(sa_type=word(FindingLevel))
    field: str
    place: str = ""
    quote: str
    start: int
    end: int
    clause: str
    suggestion: str
    digest: str = ""
    replacement: str | None = None
    answer: FindingAnswer | None = Field(default=None, sa_type=word(FindingAnswer))
    reason: str = ""
    answered_by_id: int | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = None
    entry: str = ""
    related_id: int | None = Field(default=None, foreign_key="submission.id", index=True)


class Shingle(Record, table=True):
    """One of the sampled five-character pieces of an item as it was last checked, by which likenesses are found.

    A hash of 32 bits out of which no text can be read; the pieces of an item are replaced together.
    """

    hash: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    submission_id: int = Field(primary_key=True, foreign_key="submission.id", index=True)


class Exemption(Record, table=True):
    """A mark that may stand for a time, such as the duty phone: what it marks, why, who approved it.

    `likeness` recognises the marked item again: its salted hash, or its words where there is none.
    """

    id: int | None = Field(default=None, primary_key=True)
    rule: str = Field(index=True)
    likeness: str
    shown: str
    reason: str
    approved_by_id: int = Field(foreign_key="person.id")
    approved_at: datetime
    ends_on: date
    ended_at: datetime | None = None


class LexiconEntry(Record, table=True):
    """One term of the list the office is working on; what is in force is the newest `LexiconVersion`.

    `allow`, `near` and `strict_topics` hold phrases divided by `|`; `pinyin` says that it is also looked for by its
    sound.
    """

    id: int | None = Field(default=None, primary_key=True)
    term: str = Field(max_length=64)
    group: str = Field(max_length=32, index=True)
    level: FindingLevel = Field(sa_type=word(FindingLevel))
    match: str = Field(max_length=16)
    allow: str = Field(default="", sa_type=Text)
    near: str = Field(default="", sa_type=Text)
    strict_topics: str = Field(default="", sa_type=Text)
    suggestion: str = Field(default="", sa_type=Text)
    replacement: str | None = None
    source: str = ""
    owner: str = ""
    reason: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    review_on: date | None = None
    active: bool = True
    changed_by_id: int | None = Field(default=None, foreign_key="person.id")
    changed_at: datetime
    pinyin: bool = False
    version: int = 1

    __table_args__ = (
        UniqueConstraint("group", "term"),
        Index("ix_lexiconentry_changed", "active", "changed_at", "id"),
    )


class LexiconVersion(Record, table=True):
    """The lists as they were put in force, whole, so that any old run can be repeated. Never changed.

    `content` is the term list as compressed CSV; `roster` the leaders of the day; `school` what is the school's own,
    by kind.
    """

    id: int | None = Field(default=None, primary_key=True)
    number: int = Field(unique=True)
    content: bytes
    entries: int
    roster: list[dict[str, str]] = Field(sa_column=Column(JSON, nullable=False))
    note: str = ""
    made_by_id: int | None = Field(default=None, foreign_key="person.id")
    made_at: datetime
    school: dict[str, list[str]] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class SchoolFact(Record, table=True):
    """Something of the school's own that the machine check has to know: a domain, a number format, a name.

    Worked on like the term list and in force with its next version.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: SchoolFactKind = Field(sa_type=word(SchoolFactKind))
    value: str = Field(max_length=80)
    note: str = Field(default="", max_length=120)
    added_by_id: int | None = Field(default=None, foreign_key="person.id")
    added_at: datetime

    __table_args__ = (UniqueConstraint("kind", "value"),)


class LeaderTerm(Record, table=True):
    """A leader in a post, from day to day (both inclusive); `place` is the order in which leaders are named."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=40)
    post: str = Field(max_length=60)
    place: int
    valid_from: date | None = None
    valid_to: date | None = None
    version: int = 1


class PictureTraits(Record, table=True):
    """What the machine saw in a stored picture. Read once: the same file never changes."""

    sha256: str = Field(primary_key=True, max_length=64)
    likeness: str = Field(max_length=16)
    codes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    width: int
    height: int


class PictureReading(Record, table=True):
    """What the machine marked in the writing of a stored picture; personal data masked, never the writing itself.

    `lists` says with which lists. `tries` counts what was begun, so that a picture that ends its reader is not
    begun for ever; without `read_at` it waits or is being read until `lease_until`.
    """

    sha256: str = Field(primary_key=True, max_length=64)
    lists: str = Field(max_length=16)
    marks: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    tries: int = 0
    lease_until: datetime
    read_at: datetime | None = None


class PictureRecord(Record, table=True):
    """Where a picture of an item comes from and what it shows, as its author says."""

    asset_id: int = Field(primary_key=True, foreign_key="asset.id")
    source: str = Field(max_length=120)
    author: str = Field(default="", max_length=60)
    licence: str = Field(default="", max_length=120)
    has_people: bool = False
    has_minors: bool = False
    has_map: bool = False
    made_by_ai: bool = False
    map_number: str = Field(default="", max_length=60)
    recorded_by_id: int = Field(foreign_key="person.id")
    recorded_at: datetime


class PortraitConsent(Record, table=True):
    """肖像授权书: that a person may be shown, where and until when (民法典 1019, 个保法 31).

    Names, guardian, contact and the scan are encrypted; `shown_name` is the masked name, `name_digest` finds the
    person again by the exact name. A withdrawn consent is never opened again.

    From `erased_at` on the row says that there was a consent, for which places and until when, and no longer whose:
    `shown_name` is its number, everything else of the person is empty (个保法 47).
    """

    id: int | None = Field(default=None, primary_key=True)
    shown_name: str = Field(max_length=20)
    name_digest: str = Field(max_length=64, index=True)
    school_class: str = Field(default="", max_length=40)
    details_sealed: str = Field(sa_type=Text)
    age: PortraitAge = Field(sa_type=word(PortraitAge))
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    occasion: str = Field(max_length=80)
    may_be_named: bool = False
    signed_on: date
    valid_until: date = Field(index=True)
    scan_sha256: str | None = Field(default=None, max_length=64)
    recorded_by_id: int = Field(foreign_key="person.id")
    recorded_at: datetime
    withdrawn_by_id: int | None = Field(default=None, foreign_key="person.id")
    withdrawn_at: datetime | None = None
    withdrawal_reason: str = Field(default="", sa_type=Text)
    erased_at: datetime | None = None


class PictureConsent(Record, table=True):
    """That a picture shows the person of a consent."""

    asset_id: int = Field(primary_key=True, foreign_key="asset.id")
    consent_id: int = Field(primary_key=True, foreign_key="portraitconsent.id", index=True)
    linked_by_id: int = Field(foreign_key="person.id")
    linked_at: datetime


class WithdrawalTask(Record, table=True):
    """One item that shows somebody whose consent was withdrawn, to be taken down or blurred by `due_on`."""

    id: int | None = Field(default=None, primary_key=True)
    consent_id: int = Field(foreign_key="portraitconsent.id")
    submission_id: int = Field(foreign_key="submission.id", index=True)
    opened_at: datetime
    due_on: date
    done_at: datetime | None = Field(default=None, index=True)
    done_by_id: int | None = Field(default=None, foreign_key="person.id")
    outcome: WithdrawalOutcome | None = Field(default=None, sa_type=word(WithdrawalOutcome))
    note: str = Field(default="", sa_type=Text)

    __table_args__ = (UniqueConstraint("consent_id", "submission_id"),)


# --- Publications ----------------------------------------------------------------------------------------


def _without_destination(name: str, *columns: str) -> Index:
    where = text("destination_id IS NULL")
    return Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


class Publication(Record, table=True):
    """One sealed version on its way to one place; the row exists before the first call goes out.

    `calling` names the remote call in flight that must not be repeated blindly: a worker that finds it set on
    an expired lease reads back instead of calling again. `marker` is unique and travels with the article.
    `destination_id` names the place where the target is one of several of its kind; `waits_for_id` is the
    publication that must be live first. `variant` is what the place shows shorter than the sealed version.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    revision_id: int = Field(foreign_key="revision.id")
    seal: str
    target: Target = Field(sa_type=word(Target))
    destination_id: int | None = Field(default=None, foreign_key="destination.id", index=True)
    account_id: int | None = Field(default=None, foreign_key="officialaccount.id")
    way: PublicationWay = Field(sa_type=word(PublicationWay))
    waits_for_id: int | None = Field(default=None, foreign_key="publication.id")
    variant: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False, server_default="{}"))
    state: PublicationState = Field(default=PublicationState.QUEUED, sa_type=word(PublicationState))
    calling: str | None = None
    marker: str = Field(unique=True)
    scheduled_for: datetime | None = None
    run_after: datetime
    lease_owner: str | None = None
    lease_until: datetime | None = None
    tries: int = 0
    polls: int = 0
    media_id: str | None = None
    cover_media_id: str | None = None
    publish_id: str | None = None
    msg_data_id: str | None = None
    article_id: str | None = None
    url: str | None = None
    site_position: int | None = None
    failure_code: str = ""
    failure: str = ""
    failure_raw: str = Field(default="", sa_type=Text)
    queued_by_id: int = Field(foreign_key="person.id")
    queued_at: datetime
    settled_at: datetime | None = None

    __table_args__ = (
        UniqueConstraint("revision_id", "destination_id"),
        UniqueConstraint("destination_id", "site_position"),
        # One row for WeChat and one for the campus site, one position of each: NULLs alone would all be distinct.
        _without_destination("uq_publication_revision_id_target", "revision_id", "target"),
        _without_destination("uq_publication_site_position", "site_position"),
        Index("ix_publication_due", "state", "run_after", "id"),
        Index("ix_publication_of_account", "account_id", "state"),
        Index("ix_publication_settled", "state", "settled_at"),
        Index("ix_publication_site_order", "target", "state", "site_position"),
    )


class PublicationAttempt(Record, table=True):
    """One remote call of one publication; written before the call and completed right after it."""

    id: int | None = Field(default=None, primary_key=True)
    publication_id: int = Field(foreign_key="publication.id", index=True)
    call: str
    at: datetime
    finished_at: datetime | None = None
    outcome: CallOutcome = Field(default=CallOutcome.STARTED, sa_type=word(CallOutcome))
    code: str = ""
    detail: str = Field(default="", sa_type=Text)


class PublishingStop(Record, table=True):
    """While one stands, the worker takes nothing: of one account, or without an account nothing at all.

    A person stops everything and says why; a refusal of WeChat that concerns a whole account (`code`) stops that one,
    or only the `way` that needs what was refused. One with `ends_at` ends by itself.
    """

    id: int | None = Field(default=None, primary_key=True)
    account_id: int | None = Field(default=None, foreign_key="officialaccount.id", index=True)
    way: PublicationWay | None = Field(default=None, sa_type=word(PublicationWay))
    code: str = ""
    reason: str = Field(sa_type=Text)
    ends_at: datetime | None = None
    stopped_by_id: int | None = Field(default=None, foreign_key="person.id")
    stopped_at: datetime
    lifted_by_id: int | None = Field(default=None, foreign_key="person.id")
    lifted_at: datetime | None = None


class ProofRead(Record, table=True):
    """One reading of one published copy, held against the seal; without `read_at` it still has to be done.

    `number` is 0 for what the calendar asks and counts from 1 for what people ask, so that nothing is read twice.
    `said` names what differs, sentence by sentence. `likeness` recognises the same content again; `capture_sha256`
    is the copy as it was read. A deviation stays an alarm until somebody acknowledges it with a reason.
    """

    id: int | None = Field(default=None, primary_key=True)
    publication_id: int = Field(foreign_key="publication.id", index=True)
    occasion: ProofOccasion = Field(sa_type=word(ProofOccasion))
    number: int = 0
    asked_by_id: int | None = Field(default=None, foreign_key="person.id")
    asked_at: datetime
    run_after: datetime
    lease_until: datetime | None = None
    tries: int = 0
    read_at: datetime | None = None
    verdict: ProofVerdict | None = Field(default=None, sa_type=word(ProofVerdict))
    said: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    likeness: str = ""
    capture_sha256: str | None = None
    detail: str = Field(default="", sa_type=Text)
    is_alarm: bool = False
    acknowledged_by_id: int | None = Field(default=None, foreign_key="person.id")
    acknowledged_at: datetime | None = None
    acknowledgement: str = Field(default="", sa_type=Text)

    __table_args__ = (
        UniqueConstraint("publication_id", "occasion", "number"),
        Index("ix_proofread_due", "read_at", "run_after"),
        Index("ix_proofread_alarm", "is_alarm", "acknowledged_at"),
    )


class Screenshot(Record, table=True):
    """A picture of a published page that a person recorded; the bytes are stored by their hash."""

    id: int | None = Field(default=None, primary_key=True)
    publication_id: int = Field(foreign_key="publication.id", index=True)
    sha256: str = Field(max_length=64)
    media_type: str
    note: str = ""
    added_by_id: int = Field(foreign_key="person.id")
    added_at: datetime


class Remedy(Record, table=True):
    """What two people decided to do about an item that is out (rule 3.3). Only `services/remedies.py` writes `state`.

    `wrong` and `right` are the words a correction replaces; `note` is what readers are told. `due_at` is the end of
    the clock to containment, which runs from the proposal.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    revision_id: int = Field(foreign_key="revision.id")
    kind: RemedyKind = Field(sa_type=word(RemedyKind))
    reason: RemedyReason = Field(sa_type=word(RemedyReason))
    severity: Severity = Field(sa_type=word(Severity))
    facts: str = Field(sa_type=Text)
    wrong: str = ""
    right: str = ""
    note: str = ""
    violation_id: int | None = Field(default=None, foreign_key="violation.id")
    state: RemedyState = Field(default=RemedyState.PROPOSED, sa_type=word(RemedyState))
    version: int = 1
    proposed_by_id: int = Field(foreign_key="person.id")
    proposed_for_id: int | None = Field(default=None, foreign_key="person.id")
    proposed_at: datetime
    due_at: datetime
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_for_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    answer: str = Field(default="", sa_type=Text)
    done_at: datetime | None = None

    __table_args__ = (Index("ix_remedy_open", "state", "due_at"),)


class RemedyDeed(Record, table=True):
    """One remedy on one published copy. Only `services/remedy_delivery.py` and `services/remedies.py` write `state`.

    `calling` marks a call that is out: whoever finds it on an expired lease reads back before repeating it.
    """

    id: int | None = Field(default=None, primary_key=True)
    remedy_id: int = Field(foreign_key="remedy.id", index=True)
    publication_id: int = Field(foreign_key="publication.id", index=True)
    kind: DeedKind = Field(sa_type=word(DeedKind))
    state: DeedState = Field(default=DeedState.WAITING, sa_type=word(DeedState))
    evidence_id: int | None = Field(default=None, foreign_key="proofread.id")
    calling: bool = False
    tries: int = 0
    run_after: datetime
    lease_until: datetime | None = None
    failure: str = Field(default="", sa_type=Text)
    failure_raw: str = Field(default="", sa_type=Text)
    done_by_id: int | None = Field(default=None, foreign_key="person.id")
    done_at: datetime | None = None

    __table_args__ = (
        UniqueConstraint("remedy_id", "publication_id"),
        Index("ix_remedydeed_due", "state", "run_after"),
    )


class Destination(Record, table=True):
    """A place of the school's own beside WeChat and the campus site: a web root, a WordPress, the campus CMS.

    `settings` are the fields of its kind (`services/rules/destinations.py`); its one secret is kept encrypted and
    never shown again. `findings` are those of the last self-test, in the words the administrator read.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: Target = Field(sa_type=word(Target))
    name: str = Field(unique=True, max_length=40)
    active: bool = False
    settings: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    secret_sealed: str
    secret_changed_at: datetime
    version: int = 1
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    tested_at: datetime | None = None
    created_at: datetime


class SiteResend(Record, table=True):
    """全部重发: every page of ours brought to a web root again; at most one at a time for a place.

    `sent` of `total` files are there. Without `finished_at` it waits until `run_after`, or is in the hands of a worker
    until `lease_until`; `failure` says why the last try stopped, and stays where it was given up.
    """

    id: int | None = Field(default=None, primary_key=True)
    destination_id: int = Field(foreign_key="destination.id", index=True)
    asked_by_id: int = Field(foreign_key="person.id")
    asked_at: datetime
    run_after: datetime
    lease_until: datetime | None = None
    tries: int = 0
    sent: int = 0
    total: int = 0
    finished_at: datetime | None = None
    failure: str = ""

    __table_args__ = (
        Index(
            "ix_siteresend_one_open",
            "destination_id",
            unique=True,
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )


class UploadedPicture(Record, table=True):
    """A body picture WeChat already holds for an account, so that it is not sent twice."""

    id: int | None = Field(default=None, primary_key=True)
    app_id: str
    sha256: str = Field(max_length=64)
    url: str
    uploaded_at: datetime

    __table_args__ = (UniqueConstraint("app_id", "sha256"),)


class WeChatToken(Record, table=True):
    """The access token of an account, shared by all processes, encrypted like the secret it comes from."""

    app_id: str = Field(primary_key=True)
    token_sealed: str
    expires_at: datetime


class HeardPush(Record, table=True):
    """A push of WeChat that had its effect: the platform repeats what it believes unheard, and anybody might.

    `digest` is of the message itself, which says when it was made and what it is about.
    """

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="officialaccount.id")
    digest: str = Field(max_length=64)
    heard_at: datetime = Field(index=True)

    __table_args__ = (UniqueConstraint("account_id", "digest"),)


class Heartbeat(Record, table=True):
    """When a background worker last ran, for the first page: a silent schedule is worse than a late one."""

    worker: str = Field(primary_key=True)
    at: datetime


# --- Violations and points -------------------------------------------------------------------------------


class Violation(Record, table=True):
    """A 违规 case (rule 3.3, 6.2). Only `services/violations.py` writes `state`."""

    id: int | None = Field(default=None, primary_key=True)
    kind: ViolationKind = Field(sa_type=word(ViolationKind))
    severity: Severity = Field(sa_type=word(Severity))
    state: ViolationState = Field(default=ViolationState.RECORDED, sa_type=word(ViolationState))
    version: int = 1
    department_id: int = Field(foreign_key="department.id", index=True)
    submission_id: int | None = Field(default=None, foreign_key="submission.id")
    account_id: int | None = Field(default=None, foreign_key="officialaccount.id")
    clause: str
    discovery: Discovery = Field(sa_type=word(Discovery))
    happened_on: date
    facts: str = Field(sa_type=Text)
    done_at_once: str = Field(default="", sa_type=Text)
    recorded_by_id: int = Field(foreign_key="person.id")
    recorded_at: datetime
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = None

    __table_args__ = (Index("ix_violation_open", "state", "recorded_at"),)


class ViolationPerson(Record, table=True):
    """A person a case concerns."""

    id: int | None = Field(default=None, primary_key=True)
    violation_id: int = Field(foreign_key="violation.id", index=True)
    person_id: int = Field(foreign_key="person.id")


class ViolationStep(Record, table=True):
    """One step of one case. Rows are never changed."""

    id: int | None = Field(default=None, primary_key=True)
    violation_id: int = Field(foreign_key="violation.id", index=True)
    action: ViolationAction = Field(sa_type=word(ViolationAction))
    from_state: ViolationState = Field(sa_type=word(ViolationState))
    to_state: ViolationState = Field(sa_type=word(ViolationState))
    actor_id: int = Field(foreign_key="person.id")
    comment: str = Field(default="", sa_type=Text)
    at: datetime


class ScoreEntry(Record, table=True):
    """One fact of the points ledger; every total is a sum of rows, every row opens its event.

    `hundredths` are points times one hundred, so that sums are exact; `period` is year * 100 + month;
    `cause` names the one event of its kind ("submission:12"), so that no fact scores twice.
    """

    id: int | None = Field(default=None, primary_key=True)
    scheme: str
    period: int
    department_id: int = Field(foreign_key="department.id")
    indicator: Indicator = Field(sa_type=word(Indicator))
    hundredths: int
    formula: str
    cause: str
    submission_id: int | None = Field(default=None, foreign_key="submission.id")
    violation_id: int | None = Field(default=None, foreign_key="violation.id")
    given_at: datetime

    __table_args__ = (
        UniqueConstraint("scheme", "indicator", "cause"),
        Index("ix_scoreentry_board", "department_id", "period", "indicator", "hundredths"),
    )


# --- Deputies, notices, operators ------------------------------------------------------------------------


class Delegation(Record, table=True):
    """Who acts for whom, in which roles, on which days (both inclusive). It ends by itself."""

    id: int | None = Field(default=None, primary_key=True)
    principal_id: int = Field(foreign_key="person.id", index=True)
    deputy_id: int = Field(foreign_key="person.id", index=True)
    roles: list[str] = Field(sa_column=Column(JSON, nullable=False))
    starts_on: date
    ends_on: date
    reason: str = ""
    made_by_id: int = Field(foreign_key="person.id")
    made_at: datetime
    ended_at: datetime | None = None


class Absence(Record, table=True):
    """Days on which a person is away (both inclusive): nobody should wait for them."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    starts_on: date
    ends_on: date
    entered_by_id: int = Field(foreign_key="person.id")
    entered_at: datetime
    withdrawn_at: datetime | None = None


class Notice(Record, table=True):
    """One notice to one person, written in the transaction of what it reports.

    `event` names what happened, so that nobody hears of it twice. `dispatched_at` is when the worker wrote the
    `Sending` rows for whatever leaves the house.
    """

    id: int | None = Field(default=None, primary_key=True)
    event: str
    person_id: int = Field(foreign_key="person.id")
    kind: NoticeKind = Field(sa_type=word(NoticeKind))
    subject_type: str
    subject_id: int
    title: str
    body: str = Field(default="", sa_type=Text)
    made_at: datetime
    dispatched_at: datetime | None = Field(default=None, index=True)
    read_at: datetime | None = None

    __table_args__ = (
        UniqueConstraint("event", "person_id"),
        Index("ix_notice_inbox", "person_id", "read_at", "id"),
        Index("ix_notice_subject", "subject_type", "subject_id", "kind"),
    )


class Sending(Record, table=True):
    """One message on its way out: a mail for one notice, or one text of the group robot for an event.

    `text` is what the robot says: never a name, a title or a reason.
    """

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    channel: NoticeChannel = Field(sa_type=word(NoticeChannel))
    notice_id: int = Field(foreign_key="notice.id", index=True)
    text: str = Field(default="", sa_type=Text)
    state: SendingState = Field(default=SendingState.WAITING, sa_type=word(SendingState))
    tries: int = 0
    run_after: datetime
    lease_until: datetime | None = None
    failure: str = ""
    failure_raw: str = Field(default="", sa_type=Text)
    settled_at: datetime | None = None

    __table_args__ = (Index("ix_sending_due", "state", "run_after", "id"),)


class NoticeAddress(Record, table=True):
    """Where a person wants mail; no row means none. Entered by the person."""

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    mail: str = Field(max_length=120)


class OperatorTerm(Record, table=True):
    """Somebody on the roster of an account, from day to day (both inclusive)."""

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="officialaccount.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    post: OperatorPost = Field(sa_type=word(OperatorPost))
    starts_on: date
    ends_on: date | None = None


class Training(Record, table=True):
    """A training somebody took part in; `valid_until` is when it is due again, or never.

    One entered by mistake is struck out, with who did it and why: it stays readable and counts no more.
    """

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    subject: str = Field(max_length=120)
    done_on: date
    valid_until: date | None = None
    entered_by_id: int = Field(foreign_key="person.id")
    entered_at: datetime
    struck_at: datetime | None = None
    struck_by_id: int | None = Field(default=None, foreign_key="person.id")
    struck_reason: str = Field(default="", max_length=200)


class DutyTurn(Record, table=True):
    """Who is on duty on a day."""

    id: int | None = Field(default=None, primary_key=True)
    day: date = Field(index=True)
    person_id: int = Field(foreign_key="person.id")

    __table_args__ = (UniqueConstraint("day", "person_id"),)


class Regulation(Record, table=True):
    """The duties of a role (rule 6.1) in a version of the school's own; version 1 ships with the product."""

    id: int | None = Field(default=None, primary_key=True)
    role: Role = Field(sa_type=word(Role))
    version: int
    text: str = Field(sa_type=Text)
    made_by_id: int = Field(foreign_key="person.id")
    made_at: datetime

    __table_args__ = (UniqueConstraint("role", "version"),)


class Acknowledgement(Record, table=True):
    """That a person read the duties of a role in a version."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    role: Role = Field(sa_type=word(Role))
    version: int
    at: datetime

    __table_args__ = (UniqueConstraint("person_id", "role", "version"),)


# --- The trail -------------------------------------------------------------------------------------------


class AuditEvent(Record, table=True):
    """One line of the trail, written in the transaction of what it records; only `services/audit.py` writes.

    `hash` covers every column and the hash of the line before: a later rewrite shows.
    """

    id: int | None = Field(default=None, primary_key=True)
    sequence: int = Field(unique=True)
    at: datetime = Field(index=True)
    actor_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    action: AuditAction = Field(sa_type=word(AuditAction))
    subject_type: str
    subject_id: int | None = None
    details: str = Field(default="{}", sa_type=Text)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)

    __table_args__ = (Index("ix_auditevent_subject", "subject_type", "subject_id", "sequence"),)


class AuditHead(Record, table=True):
    """The end of the chain: one row, locked while a line is added, so that two writers cannot fork it."""

    id: int = Field(default=1, primary_key=True)
    sequence: int = 0
    hash: str = Field(default="0" * 64, max_length=64)
