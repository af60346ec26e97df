"""岗位职责: what each role is there for (rule 5.1, 6.1). Version 1 ships here, the school writes the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from models import Role

FIRST_VERSION = 1
LONGEST = 2000
"""Characters of one text: what is longer is not read."""

TRAINING_NOTICE = timedelta(days=30)
"""So long before a training ends its person is due for the next."""

DUTIES: Mapping[Role, str] = {
    Role.CONTRIBUTOR: (
        "1. 在本部门业务范围内及时供稿，重要通知、活动预告提前提交，不先发后审。\n"
        "2. 对事实、人名、职务、时间、数字负责，不虚构、不篡改；转载写明来源。\n"
        "3. 提交前完成保密自查，不上传涉密和内部材料，遮盖学生个人信息，取得图片使用许可。\n"
        "4. 收到退回意见后在同一篇稿件里修改并重新提交。"
    ),
    Role.DEPARTMENT_HEAD: (
        "1. 对本部门报送的内容负首要责任，审签前通读全文并核对事实依据。\n"
        "2. 不审签本人撰写的稿件；外出时事先委托代办。\n"
        "3. 收到整改要求后组织落实，并按期报告结果。\n"
        "4. 人员变动时安排交接，及时通知宣传部调整通讯员。"
    ),
    Role.REVIEWER: (
        "1. 初审政治导向、事实、表述、个人信息和图片权利，逐条答复机器提示。\n"
        "2. 可以按实际情况调整文字，调整处作者可见；退回或不予采用须写明理由。\n"
        "3. 在学校规定的时限内办理（收件箱里逐篇标着时限），办不完的及时请人代办。\n"
        "4. 发现违规先行处置并登记，保留证据。"
    ),
    Role.APPROVER: (
        "1. 统筹学校公众号的规划、建设和管理，对终审通过的内容负责。\n"
        "2. 终审通过即封版；不终审本人撰写、最后修改或在其他环节签过的稿件。\n"
        "3. 指导运营队伍，安排培训和值班，保证节假日有人处理。\n"
        "4. 依规认定违规、落实处置，并接受监督小组检查。"
    ),
    Role.PUBLISHER: (
        "1. 只发布封版内容，不改动已审文字；官网与公众号同步发布并核对链接。\n"
        "2. 结果待核实时先核实，不重复发送。\n"
        "3. 妥善保管账号凭证，不外借、不共用；离岗前完成交接。\n"
        "4. 每天查看留言和后台通知，发现异常立即报告。"
    ),
    Role.SUPERVISOR: (
        "1. 不定期抽查各公众号，如实记录，不检查本人所在部门。\n"
        "2. 发现问题立即要求纠正，由他人复核后销号。\n"
        "3. 公正认定违规，受理申诉，不办理涉及本人的事项。"
    ),
    Role.LEADER: (
        "1. 审批涉及学校全局、校领导活动和突发敏感事项的内容。\n"
        "2. 定期了解公众号运行、考核和整改情况。\n"
        "3. 决定账号暂停、关停等重大处置。"
    ),
    Role.ADMIN: (
        "1. 维护人员、部门和角色，到期和离岗人员当日停用。\n"
        "2. 保管系统密钥，按期备份并验证恢复。\n"
        "3. 不查看与工作无关的内容，不改动稿件、得分和日志。\n"
        "4. 处理发送失败和系统故障，及时告知使用人员。"
    ),
}
