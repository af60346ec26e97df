"""The clauses of the school's rule that a decision on an item may rest on."""

from __future__ import annotations

from collections.abc import Mapping

OF_DECISIONS: Mapping[str, str] = {
    "1.3": "1.3 管理原则：真实可靠、保密安全",
    "3.1": "3.1 内容发布流程",
    "3.2": "3.2 内容审核标准",
    "4.1": "4.1 信息安全管理制度",
    "4.2": "4.2 个人信息保护",
    "4.3": "4.3 网络安全防护",
}
