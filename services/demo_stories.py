"""The dozen stories the demo school tells over and over, each time with another number, month and crowd."""

from __future__ import annotations

from dataclasses import dataclass

from models import ContentCategory


@dataclass(frozen=True)
class Story:
    """One story of one department; `{number}`, `{month}`, `{day}` and `{people}` are filled in.

    A line of `body` is a paragraph; `addition` is what the author writes after the item was sent back; `table`
    goes with it as a sheet.
    """

    department: str
    category: ContentCategory
    title: str
    digest: str
    body: str
    addition: str
    table: tuple[tuple[str | int, ...], ...] = ()


NEWS, BRIEF, FEATURE = ContentCategory.NEWS, ContentCategory.BRIEF, ContentCategory.FEATURE

STORIES: tuple[Story, ...] = (
    Story(
        "教务处",
        NEWS,
        "第{number}期教学沙龙讨论课堂提问",
        "{people}位教师围绕怎样提问、怎样等待回答交换做法。",
        (
            "{month}月{day}日下午，教务处在图书馆二楼举办第{number}期教学沙龙，{people}位教师参加。\n"
            "三位教师各用十分钟介绍自己的做法：有人把问题提前一天发给学生，有人在提问后等足半分钟，"
            "还有人请学生先写再说。随后分组讨论，每组提交一条愿意试行的改进。\n"
            "沙龙每月一期，发言提纲会在会后发给各学院。"
        ),
        "本期活动由教务处教学研究科主办，地点在图书馆二楼研讨室。",
    ),
    Story(
        "学生处",
        NEWS,
        "心理健康讲座走进宿舍区（第{number}场）",
        "讲座在宿舍区活动室举行，{people}名学生参加。",
        (
            "{month}月{day}日晚，学生处在宿舍区活动室举办心理健康讲座，{people}名学生参加。\n"
            "主讲老师从睡眠和作息谈起，介绍几种放松的方法，并请同学两两练习。讲座后半段留给提问，"
            "话题集中在考前紧张和宿舍相处。"
        ),
        "讲座由学生处心理健康教育中心主办，下一场的时间会提前一周通知。",
    ),
    Story(
        "计算机学院",
        BRIEF,
        "计算机学院举行第{number}期学术午餐会",
        "两位研究生介绍自己的课题，{people}名师生参加。",
        (
            "{month}月{day}日中午，计算机学院举行第{number}期学术午餐会，{people}名师生参加。"
            "两位研究生用通俗的语言介绍了课题，并回答了提问。"
        ),
        "午餐会由学院研究生会组织，地点在学院楼一层。",
    ),
    Story(
        "校团委",
        NEWS,
        "志愿服务进社区：第{number}次活动纪实",
        "{people}名志愿者在社区教老人使用手机。",
        (
            "{month}月{day}日上午，校团委组织{people}名志愿者到学校旁边的社区服务。\n"
            "志愿者在活动室摆开长桌，一对一教老人放大字体、预约挂号和识别陌生来电。"
            "几位同学还把常用步骤写成大字卡片，留给老人带回家。\n"
            "活动每月一次，报名通道在校团委公告栏。"
        ),
        "本次活动历时三小时，社区工作人员全程参与。",
    ),
    Story(
        "教务处",
        BRIEF,
        "{month}月教学检查反馈会举行（第{number}次）",
        "各学院教学秘书共{people}人参加。",
        (
            "{month}月{day}日，教务处召开教学检查反馈会，各学院教学秘书共{people}人参加。"
            "会议通报了到课情况和作业批改情况，请各学院在两周内补齐教学档案。"
        ),
        "检查由教务处和各学院共同完成，结果已反馈到课程负责人。",
    ),
    Story(
        "学生处",
        FEATURE,
        "一张课表背后的资助工作（之{number}）",
        "记者跟着资助工作人员走了一天。",
        (
            "早上八点，学生处资助办公室的门已经开了。{month}月{day}日这一天，工作人员要核对{people}份材料。\n"
            "核对并不只是看盖章。谁的课程排满了四天，谁在食堂勤工助学，都会影响岗位怎样安排。"
            "他们把课表铺在桌上，一格一格地找空档，为的是不耽误一节课。\n"
            "“帮助要到位，也要体面。”一位工作人员说。名单不公开张贴，通知逐个送达，谈话在单独的房间里进行。"
        ),
        "文中学生均为化名，采访得到本人同意。",
    ),
    Story(
        "计算机学院",
        NEWS,
        "师生走访软件企业（第{number}站）",
        "{people}名师生了解软件测试岗位的日常工作。",
        (
            "{month}月{day}日，计算机学院组织{people}名师生走访一家软件企业，了解软件测试岗位的日常工作。\n"
            "企业工程师演示了从发现问题到复核关闭的全过程，并请同学现场试写测试用例。"
            "交流环节里，同学们问得最多的是怎样读懂别人的代码。"
        ),
        "走访由学院就业工作小组组织，带队教师两名。",
    ),
    Story(
        "校团委",
        BRIEF,
        "{month}月读书分享会在图书馆举行（第{number}期）",
        "{people}名同学分享近期读的书。",
        (
            "{month}月{day}日，读书分享会在图书馆一楼举行，{people}名同学参加。"
            "四位同学各介绍一本书，其余同学在便签上写下想读的书名。"
        ),
        "分享会由校团委和图书馆共同主办，书单已在图书馆公布。",
    ),
    Story(
        "教务处",
        NEWS,
        "新教师课堂观摩活动举行（第{number}轮）",
        "{people}位新教师走进四门课程的课堂。",
        (
            "{month}月{day}日，教务处组织{people}位新教师走进四门课程的课堂观摩。\n"
            "观摩前，主讲教师介绍了这节课的设计；观摩后，大家围绕板书、节奏和互动逐项讨论。"
            "新教师每人写一页观摩记录，由指导教师批注后发还。"
        ),
        "四门课程分别来自四个学院，活动持续一整天。",
    ),
    Story(
        "学生处",
        BRIEF,
        "宿舍安全检查情况（第{number}次）",
        "检查宿舍{people}间，现场整改用电隐患。",
        (
            "{month}月{day}日，学生处会同后勤部门检查宿舍{people}间，"
            "对插线板串接、通道堆物等情况现场整改，并请各楼层长复查。"
        ),
        "检查覆盖三栋宿舍楼，复查在一周后进行。",
    ),
    Story(
        "计算机学院",
        NEWS,
        "程序设计练习赛落幕（第{number}场）",
        "{people}名同学用三小时解六道题。",
        (
            "{month}月{day}日，计算机学院程序设计练习赛在机房举行，{people}名同学用三小时解六道题。\n"
            "题目由高年级同学命制，难度逐题上升。赛后，命题同学逐题讲解，并公布了测试数据，方便大家复盘。\n"
            "练习赛面向全校，不设门槛，每月举行。"
        ),
        "比赛由学院学生科技协会承办，机房共开放三间。",
        table=(("题目", "提交次数", "通过人数"), ("A 排序", 96, 61), ("B 最短路", 58, 17), ("C 字符串", 71, 34)),
    ),
    Story(
        "校团委",
        FEATURE,
        "社团里的手艺人（之{number}）",
        "木工社的{people}件作品摆进了图书馆大厅。",
        (
            "{month}月{day}日，木工社把{people}件作品摆进了图书馆大厅。\n"
            "社长说，木工社没有门槛，只有一条规矩：用过的工具要擦干净放回原处。"
            "新社员的第一件作品都是小板凳，榫头不合就拆了重来。\n"
            "大厅里，一位老师蹲下来摸了摸凳面，笑着问能不能报名。"
        ),
        "展览持续一周，由校团委社团部组织。",
    ),
)
