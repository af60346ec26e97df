"""No page shows anything to somebody who may not be there. A new file in pages/ is tested by being there."""

from __future__ import annotations

import ast

import pytest
from streamlit.testing.v1 import AppTest

from tests.desk import AppAs, Desk
from tests.office import CAST
from tests.waiting import PATIENCE
from ui import navigation

FILES = sorted(navigation.PAGES.glob("*.py"))
NAMES = [path.stem for path in FILES]
GUARDED = [entry for entry in navigation.TABLE if entry.requires]


def everything_drawn(app: AppTest) -> list[str]:
    """The kinds of all elements of the page itself, beside the style sheet."""
    return sorted(element.type for element in app.main if element.type not in {"main", "html"})


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("name", NAMES)
def test_page_run_without_its_frame_shows_a_stranger_one_sentence(name: str) -> None:
    app = AppTest.from_file(str(navigation.PAGES / f"{name}.py"), default_timeout=PATIENCE)
    app.query_params["id"] = "1"

    app.run()

    assert (everything_drawn(app), [error.value for error in app.error]) == (
        ["error"],
        ["请先登录，再打开这个页面。"],
    )


@pytest.mark.parametrize("entry", GUARDED, ids=[entry.name for entry in GUARDED])
def test_page_refuses_a_signed_in_person_without_its_capability(
    desk: Desk, app_as: AppAs, entry: navigation.Entry
) -> None:
    without = next(name for name, *_ in CAST if not any(map(desk.user(name).may, entry.requires)))
    app = app_as(without).run()

    app.switch_page(f"../pages/{entry.name}.py").run()

    assert (everything_drawn(app), [error.value for error in app.error]) == (
        ["error", "page_link"],  # and the way home
        [f"您的角色不能打开“{entry.title}”。如果工作需要，请联系系统管理员为您添加角色。"],
    )


@pytest.mark.parametrize("entry", navigation.TABLE, ids=[entry.name for entry in navigation.TABLE])
def test_page_opens_for_a_person_with_its_capability(desk: Desk, app_as: AppAs, entry: navigation.Entry) -> None:
    capable = next(name for name, *_ in CAST if not entry.requires or any(map(desk.user(name).may, entry.requires)))
    app = app_as(capable).run()

    app.switch_page(f"../pages/{entry.name}.py").run()

    assert ([title.value for title in app.title][:1], len(app.exception)) == ([entry.title], 0)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_page_begins_with_its_guard(path: object) -> None:
    body = ast.parse(navigation.PAGES.joinpath(str(path)).read_text(encoding="utf-8")).body
    acts = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)]
    first = ast.unparse(acts[1])  # after the docstring

    assert first.startswith(("user = page.begin(", "page.begin("))
