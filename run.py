"""Install and start 微审台, or install and test it, with nothing but Python 3.11 on the machine.

    python3 run.py                     start on http://127.0.0.1:8501
    python3 run.py --port 8600         start on another port
    python3 run.py test [pytest …]     run all tests, or pytest with the arguments given
    python3 run.py lock [--upgrade]    write requirements*.txt afresh after pyproject.toml has changed

Everything goes into an environment of its own in this folder, checked against the hashes in requirements*.txt.
"""

# Older Pythons must get as far as the sentence in require_python: nothing newer than 3.7 in this file's grammar.
# ruff: noqa: S603, S606, T201, UP036  # running commands, saying so, and refusing old Pythons is all this file does
from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
RECORD = "installed-by-run"  # a folder in our environment: says that it is ours, and what it holds
BASE_PYTHON = f"{sys.base_prefix} {sys.version}"
COMPILE = [
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--quiet",
]


def say(sentence: str) -> None:
    """Print at once: the process may be about to become another."""
    print(sentence, flush=True)


def require_python() -> None:
    """Refuse an interpreter that the application cannot run on, or that cannot make an environment."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 11):
        sys.exit(
            f"微审台需要 Python 3.11 或更新的版本，现在是 {found}。请安装后用它运行，例如 python3.11 run.py。\n"
            f"Weishentai needs Python 3.11 or newer; this is {found}. Try: python3.11 run.py"
        )
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            "这个 Python 缺少 venv 组件。请先运行：sudo apt install python3-venv，再重新运行本命令。\n"
            "This Python cannot make environments. Run: sudo apt install python3-venv, then try again."
        )


def environment() -> Path:
    """The folder of our environment: `.venv`, or `.venv-run` where somebody else's `.venv` is to be left alone."""
    theirs = (ROOT / ".venv").exists() and not (ROOT / ".venv" / RECORD).exists()
    return ROOT / (".venv-run" if theirs else ".venv")


def interpreter(folder: Path) -> str:
    return str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def holds(file: Path, content: bytes) -> bool:
    return file.exists() and file.read_bytes() == content


def make(folder: Path) -> None:
    """Make the environment; the record comes first, so that a half-made one is known as ours and made again."""
    say(f"正在建立运行环境 {folder.name} …")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / RECORD).mkdir(parents=True)
    venv.create(folder, with_pip=True, symlinks=os.name != "nt")
    (folder / RECORD / "python").write_text(BASE_PYTHON, encoding="utf-8")


def prepared(lock: str) -> str:
    """The interpreter of an environment that holds what `lock` names; installs only when the file has changed."""
    folder, wanted = environment(), (ROOT / lock).read_bytes()
    if not (Path(interpreter(folder)).exists() and holds(folder / RECORD / "python", BASE_PYTHON.encode())):
        make(folder)
    if not holds(folder / RECORD / lock, wanted):
        say("正在安装所需的软件包，第一次约需半分钟到两分钟 …")
        install(interpreter(folder), lock)
        (folder / RECORD / lock).write_bytes(wanted)
    return interpreter(folder)


def install(python: str, lock: str) -> None:
    """Install by hash: with uv, which takes seconds, or with pip where uv cannot be had."""
    checked = ["install", "--require-hashes", "--quiet", "-r"]
    pip = [python, "-m", "pip", *checked]
    uv = [python, "-m", "uv", "pip", *checked, lock, "--python", python]
    if succeeds([*pip, "requirements-uv.txt"]) and succeeds(uv, **pip_mirror(python)):
        return
    say("uv 用不上，改用 pip，请多等一两分钟 …")
    if not succeeds([*pip, lock]):
        sys.exit("安装没有完成。请检查网络或 pip 镜像设置后再运行一次，已下载的部分不会丢。")


def pip_mirror(python: str) -> dict[str, str]:
    """The package index set for pip on this machine, named as uv wants it: uv does not read pip's settings."""
    asked = subprocess.run(
        [python, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False
    )
    mirror = os.environ.get("PIP_INDEX_URL") or asked.stdout.strip()
    return {"UV_DEFAULT_INDEX": mirror} if mirror and "UV_DEFAULT_INDEX" not in os.environ else {}


def succeeds(command: list[str], **extra: str) -> bool:
    return subprocess.run(command, cwd=ROOT, env={**surroundings(), **extra}, check=False).returncode == 0


def surroundings() -> dict[str, str]:
    """This process's environment, but with bytecode kept: compiled anew, every start is four times slower."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def become(command: list[str]) -> None:
    """Run the command in this process's place, so that signals reach it; Windows has no such thing."""
    os.chdir(ROOT)
    if os.name == "nt":
        sys.exit(subprocess.run(command, env=surroundings(), check=False).returncode)
    os.execve(command[0], command, surroundings())


def start(port: str) -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", int(port))) == 0:
            sys.exit(f"端口 {port} 已被占用，微审台可能已经在运行。换一个端口：python3 run.py --port {int(port) + 1}")
    python = prepared("requirements.txt")
    say(f"微审台：http://127.0.0.1:{port}  （按 Ctrl+C 停止）")
    become([python, "-m", "streamlit", "run", "app.py", "--server.port", port])


def test(arguments: list[str]) -> None:
    """Everything, or what the arguments ask pytest for.

    The faults mostly wait (for time-outs, for leases to run out), so many of them run side by side. The browser
    tests come last, apart: Playwright keeps an event loop running in its process, in which no other test could run
    one. They go two files at a time, each process with an application of its own.
    """
    pytest = [prepared("requirements-dev.txt"), "-m", "pytest"]
    if arguments:
        become([*pytest, *arguments])
    rules = succeeds([*pytest, "-m", "not browser and not faults", "-n", "logical", "--maxprocesses", "4"])
    faults = succeeds([*pytest, "-m", "faults", "-n", "5", "tests/faults"])
    browser = succeeds([*pytest, "-n", "2", "--dist", "loadfile", "tests/browser"])
    sys.exit(0 if rules and faults and browser else 1)


def lock(arguments: list[str]) -> None:
    """Resolve pyproject.toml again, keeping every version that still fits (all newest with --upgrade)."""
    compiled = [prepared("requirements-uv.txt"), "-m", "uv", "pip", "compile", *COMPILE, *arguments]
    runtime = [*compiled, "pyproject.toml", "--extra", "postgres"]
    for command in (
        [*runtime, "-o", "requirements.txt"],
        [*runtime, "--group", "dev", "-c", "requirements.txt", "-o", "requirements-dev.txt"],
        [*compiled, "--group", "pyproject.toml:install", "-o", "requirements-uv.txt"],
    ):
        if not succeeds(command):
            sys.exit("没有写成锁定文件，原因见上。")


def main(arguments: list[str]) -> None:
    require_python()
    if not arguments:
        start("8501")
    elif len(arguments) == 2 and arguments[0] == "--port" and arguments[1].isdecimal():
        start(arguments[1])
    elif arguments[0] == "test":
        test(arguments[1:])
    elif arguments[0] == "lock":
        lock(arguments[1:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("\n已停止。再次运行会接着做完。")
