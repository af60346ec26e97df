"""Family names, for telling a person's name from other words."""

from __future__ import annotations

SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢"
    "汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚汤陶黎温莫易樊乔文安"
    "殷颜庄章鲁倪庞邢俞翟蓝聂齐向申葛柴伍覃骆关焦柳欧祝纪尚毕耿芦左季管符辛苗詹曲欧靳祁路涂甘裴梅童霍柯阮房单卞岳"
)

#: Of these, many begin a common word: 申请, 方便, 常年, 路人, 管理.
UNSURE = frozenset("万常申方易钱路毕安于江乔白时包高金文段关向左尚祝施牛温康孔史管章查何任程曾许顾连季符单车水石雷莫")
