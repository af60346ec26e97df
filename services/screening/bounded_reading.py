"""Reading a file that people attach in a process of its own, which is ended when it takes too long or too much memory.

A PDF page or a sheet of a few kilobytes can keep its reader busy for minutes or fill the memory, and nothing inside the
reader can stop it. The process costs a fifth of a second; plain text and HTML, whose readers are quick and frugal
whatever they are given, are read here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import Any

from services.errors import UnreadableFile
from services.screening.file_text import LARGEST_FILE, FileText, NoText, read_file

READ_APART = (".pdf", ".xlsx", ".docx")
MOST_SECONDS = 20.0
MOST_MEMORY = 1024 * 1024 * 1024  # bytes
TOO_COMPLEX = "文件太复杂，读取超时或占用内存过多：请拆分，或另存为其他格式后再检查。"

# The Excel reader loads numpy, which sets memory aside for a thread on every core: on a large server, all of it.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
_ROOT = Path(__file__).parents[2]


def read_bounded(
    content: bytes, file_name: str, *, seconds: float = MOST_SECONDS, memory: int = MOST_MEMORY
) -> FileText:
    """What `read_file` reads and refuses, and never longer or with more memory than allowed.

    Raises `UnreadableFile` and `NoText` as it does.
    """
    kind = PurePath(file_name).suffix.lower()
    if kind not in READ_APART or len(content) > LARGEST_FILE:
        return read_file(content, file_name)
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter and this very module; of the name only its end
            [sys.executable, "-m", __name__, f"file{kind}", str(memory)],
            cwd=_ROOT,
            env={**os.environ, **_ONE_THREAD},
            input=content,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise UnreadableFile(TOO_COMPLEX) from late
    if done.returncode:  # the system ended it, or it had no memory left to say so itself
        raise UnreadableFile(TOO_COMPLEX)
    return _taken(json.loads(done.stdout))


def _taken(answer: dict[str, Any]) -> FileText:
    if "refused" in answer:
        raise (NoText if answer["has_no_text"] else UnreadableFile)(answer["refused"])
    return FileText(answer["text"], tuple(answer["starts"]), tuple(answer["places"]))


# --- The other process -----------------------------------------------------------------------------------


def _answer(content: bytes, file_name: str) -> dict[str, Any]:
    try:
        return asdict(read_file(content, file_name))
    except UnreadableFile as refusal:
        return {"refused": refusal.sentence, "has_no_text": isinstance(refusal, NoText)}
    except MemoryError:
        return {"refused": TOO_COMPLEX, "has_no_text": False}


def _bound_memory(most: int) -> None:
    if sys.platform != "win32":  # which offers no such limit; the clock still holds there
        import resource  # noqa: PLC0415  # exists only where the line above lets us through

        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _main() -> None:
    file_name, memory = sys.argv[1:]
    _bound_memory(int(memory))
    sys.stdout.write(json.dumps(_answer(sys.stdin.buffer.read(), file_name)))


if __name__ == "__main__":
    _main()
