"""Pictures: what may be uploaded where, and what an id is good for."""

from __future__ import annotations

import pytest
import requests

from tests.sandbox.caller import GIF, JPEG, PNG, WEBP, Caller, decoded, errcode
from tests.waiting import PATIENCE

MB = 1024 * 1024


def test_a_body_picture_is_answered_with_an_address_on_the_picture_host(school: Caller) -> None:
    answer = school.upload("media/uploadimg", JPEG)
    assert answer["url"].startswith("http://mmbiz.qpic.cn/mmbiz_jpg/")
    assert set(answer) == {"url", "errcode", "errmsg"}


@pytest.mark.parametrize(("data", "code"), [(JPEG, 0), (PNG, 0), (GIF, 40005), (WEBP, 40005), (b"text", 40005)])
def test_a_body_picture_is_jpg_or_png_by_its_first_bytes_whatever_its_name(
    lasting_school: Caller, data: bytes, code: int
) -> None:
    assert errcode(lasting_school.upload("media/uploadimg", data, name="photo.jpg")) == code


@pytest.mark.parametrize(("size", "code"), [(MB - 1, 0), (MB, 40009)])
def test_a_body_picture_is_smaller_than_one_megabyte(lasting_school: Caller, size: int, code: int) -> None:
    assert errcode(lasting_school.upload("media/uploadimg", JPEG.ljust(size, b"0"))) == code


def test_an_upload_without_file_name_or_bytes_is_no_upload(school: Caller) -> None:
    url, query = f"{school.box.base_url}/cgi-bin/media/uploadimg", {"access_token": school.token}
    nameless = requests.post(url, params=query, files={"media": (None, JPEG)}, timeout=PATIENCE)
    empty = requests.post(url, params=query, files={"media": ("a.jpg", b"")}, timeout=PATIENCE)
    misnamed = requests.post(url, params=query, files={"file": ("a.jpg", JPEG)}, timeout=PATIENCE)
    assert [errcode(decoded(each)) for each in (nameless, empty, misnamed)] == [41005] * 3


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("image", GIF, 0),
        ("image", WEBP, 40113),
        ("image", JPEG.ljust(10 * MB, b"0"), 0),
        ("image", JPEG.ljust(10 * MB + 1, b"0"), 40009),
        ("thumb", JPEG, 0),
        ("thumb", PNG, 40113),
        ("thumb", JPEG.ljust(64 * 1024 + 1, b"0"), 45001),
        ("voice", JPEG, 40004),
    ],
)
def test_a_library_picture_keeps_to_its_type_and_size(
    lasting_school: Caller, kind: str, data: bytes, code: int
) -> None:
    assert errcode(lasting_school.upload("material/add_material", data, type=kind)) == code


def test_a_cover_is_a_permanent_picture_of_the_same_account(school: Caller, club: Caller) -> None:
    temporary = school.upload("media/upload", JPEG, type="image")["media_id"]
    foreign, deleted = club.cover(), school.cover()
    school.post("material/del_material", {"media_id": deleted})
    ids = ["made-up", temporary, foreign, deleted, None, school.cover()]
    assert [errcode(school.add(thumb_media_id=each)) for each in ids] == [40007] * 5 + [0]


def test_a_picture_can_be_deleted_once(school: Caller) -> None:
    media_id = school.cover()
    answers = [errcode(school.post("material/del_material", {"media_id": media_id})) for _ in range(2)]
    assert answers == [0, 40007]


def test_an_uploaded_picture_is_served_unchanged(school: Caller) -> None:
    url = school.body_picture().replace("http://mmbiz.qpic.cn", f"{school.box.base_url}/mmbiz")
    served = requests.get(url, timeout=PATIENCE)
    assert (served.content, served.headers["content-type"]) == (JPEG, "image/jpeg")
