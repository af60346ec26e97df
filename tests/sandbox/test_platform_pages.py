"""Pages people look at: what a follower sees, the draft box, the console."""

from __future__ import annotations

import requests

from tests.sandbox.caller import JPEG, Caller
from tests.waiting import PATIENCE


def page(caller: Caller, path: str) -> requests.Response:
    return requests.get(caller.box.base_url + path, timeout=PATIENCE)


def test_an_article_page_shows_everything_and_says_it_is_a_rehearsal(school: Caller) -> None:
    picture = school.body_picture()
    ended = school.published(
        title="题 <b>不是标签</b>",
        author="宣传部",
        content=f'<p>正文</p><img src="{picture.replace("http:", "https:")}">',
        content_source_url="https://www.example.edu.cn/1",
    )
    shown = requests.get(ended["article_detail"]["item"][0]["article_url"], timeout=PATIENCE).text
    local = picture.replace("http://mmbiz.qpic.cn", "/mmbiz")
    for expected in (
        "演练平台，不是真实的微信",
        "题 &lt;b&gt;不是标签&lt;/b&gt;",
        "宣传部",
        "示例大学",
        "2026年11月22日 09:00",
        "<p>正文</p>",
        f'<img src="{local}">',
        '<a href="https://www.example.edu.cn/1" rel="noopener noreferrer">阅读原文</a>',
        "阅读 1",
    ):
        assert expected in shown
    assert page(school, local).content == JPEG


def test_no_script_can_run_on_any_page(school: Caller) -> None:
    ended = school.published()
    media_id = school.draft()
    slug = ended["article_detail"]["item"][0]["article_url"].removeprefix(school.box.base_url)
    for path in (slug, f"/draft/{media_id}/0", "/", "/drafts", "/console", "/s/unknown"):
        policy = page(school, path).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline';")


def test_the_lists_show_what_is_in_the_box_and_what_is_out(school: Caller) -> None:
    school.published(title="已经发表")
    school.draft(title="还在草稿箱")
    out, box = page(school, "/").text, page(school, "/drafts").text
    assert ("已经发表" in out, "还在草稿箱" in out) == (True, False)
    assert ("已经发表" in box, "还在草稿箱" in box) == (False, True)


def test_an_address_that_leads_nowhere_says_so(school: Caller) -> None:
    gone = page(school, "/s/unknown")
    assert (gone.status_code, "链接已失效" in gone.text) == (404, True)


def test_the_body_of_a_picture_message_is_text(school: Caller) -> None:
    listed = {"image_list": [{"image_media_id": school.cover()}]}
    post = {"article_type": "newspic", "title": "贴图", "content": "<script>x</script>", "image_info": listed}
    media_id = school.post("draft/add", {"articles": [post]})["media_id"]
    assert "&lt;script&gt;x&lt;/script&gt;" in page(school, f"/draft/{media_id}/0").text


def test_a_fault_is_pressed_and_cleared_on_the_console(school: Caller) -> None:
    url, faults = f"{school.box.base_url}/console", school.box.platform.faults
    pressed = {"action": "add", "target": "draft/add", "effect": "errcode", "value": "-1", "times": "2"}
    shown = requests.post(url, data=pressed, timeout=PATIENCE)
    assert (faults.active(), "draft/add:errcode=-1*2" in shown.text) == (["draft/add:errcode=-1*2"], True)
    requests.post(url, data={"action": "clear"}, timeout=PATIENCE)
    assert faults.active() == []


def test_a_fault_without_its_value_is_explained_on_the_console(school: Caller) -> None:
    pressed = {"action": "add", "target": "draft/add", "effect": "errcode", "value": "", "times": ""}
    shown = requests.post(f"{school.box.base_url}/console", data=pressed, timeout=PATIENCE)
    assert (shown.status_code, "没有按下" in shown.text) == (400, True)


def test_an_account_loses_and_regains_its_verification_on_the_console(school: Caller) -> None:
    states = []
    for _ in range(2):
        pressed = {"action": "verify", "appid": "wx_school"}
        requests.post(f"{school.box.base_url}/console", data=pressed, timeout=PATIENCE)
        account = school.box.platform.accounts.get("wx_school")
        assert account
        states.append(account.verified)
    assert states == [False, True]


def test_a_person_publishes_a_draft_by_hand_without_notice_and_it_is_listed(school: Caller) -> None:
    media_id = school.draft(title="手工发表")

    sent = requests.post(f"{school.box.base_url}/draft/{media_id}/publish", timeout=PATIENCE)

    (publication,) = school.box.platform.publications
    assert sent.url == school.box.platform.page_url(publication.pages[0].slug)
    assert (publication.notified, list(school.box.platform.drafts)) == (False, [])


def test_a_person_publishes_a_draft_to_all_followers_until_the_quota_is_used_up(school: Caller) -> None:
    first, second = school.draft(), school.draft()
    notify = {"notify": "1"}

    sent = requests.post(f"{school.box.base_url}/draft/{first}/publish", notify, timeout=PATIENCE)
    refused = requests.post(f"{school.box.base_url}/draft/{second}/publish", notify, timeout=PATIENCE)

    assert (sent.status_code, refused.status_code) == (200, 409)
    assert "今天的群发次数已用完" in refused.text
    assert [each.notified for each in school.box.platform.publications] == [True]


def test_a_draft_that_is_gone_cannot_be_published_by_hand(school: Caller) -> None:
    assert requests.post(f"{school.box.base_url}/draft/unknown/publish", timeout=PATIENCE).status_code == 404
