"""The rows behind a figure, each opening its item or its case."""

from __future__ import annotations

import streamlit as st

from models import SubmissionState
from services.queries import kpi
from services.queries.kpi import Board, Figure, RowBehind
from services.queries.sessions import SignedInPerson
from services.rules import scoring
from ui import charts, navigation, paging, runtime, wording


def draw(
    user: SignedInPerson,
    figure: Figure,
    board: Board,
    *,
    heading: str,
    key: str,
    stage: SubmissionState | None = None,
) -> None:
    """A page of the rows; as many as the figure says, adding up to it."""
    with st.container(border=True, key=f"rows-{key}"):
        top = st.container(gap="xsmall")
        number = paging.choose(_read(user, figure, board, stage, page=1).pages, key=key)
        found = _read(user, figure, board, stage, page=number)
        with top:
            st.markdown(f"**{wording.literal(heading)}**　:gray[{found.total} 行，最近的在前]")
            for line in found.lines:
                _row(figure, line)


def _read(
    user: SignedInPerson, figure: Figure, board: Board, stage: SubmissionState | None, *, page: int
) -> kpi.RowsPage:
    with runtime.reading() as db:
        return kpi.rows_behind(db, user, figure, board, stage=stage, page=page)


def _row(figure: Figure, line: RowBehind) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        title = wording.literal(" ".join(line.title.split())) or "（还没有标题）"
        # A deduction belongs to its case, whichever item the case is about.
        if line.violation_id is not None:
            navigation.link("violation", title, id=line.violation_id)
        elif line.submission_id is not None:
            navigation.link("submission", title, id=line.submission_id)
        st.caption(" · ".join(_facts(figure, line)), width="content")


def _facts(figure: Figure, line: RowBehind) -> list[str]:
    facts = [wording.moment(line.at), line.department]
    if line.stage is not None:
        facts.append(SubmissionState.of(line.stage).label)
    if figure is Figure.UNSYNCHRONISED:
        late = "网站至今没有" if line.value is None else f"推送后 {charts.duration(line.value)} 网站才有"
        facts.append(late)
    elif figure is Figure.HOURS and line.value is not None:
        facts.append(charts.duration(line.value))
    elif line.value is not None:
        facts.append(line.note or f"{scoring.points_text(round(line.value))} 分")
    return facts
