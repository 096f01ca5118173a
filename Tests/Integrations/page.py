"""Runs docs/how-to/mcp.md as it stands: its commands, and its two programs."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

from gateway import CA, URL, check, passed

PAGE = pathlib.Path(__file__).parents[2] / "docs/how-to/mcp.md"
PORT = re.search(r":(\d+)/", URL).group(1)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def bash(commands: str) -> str:
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands], capture_output=True, text=True,
        check=False, timeout=120)
    check(run.returncode == 0, f"{commands}\n{run.stdout}\n{run.stderr}")
    return run.stdout


def main() -> None:
    commands = "\n".join(blocks("sh")).replace("8443", PORT)
    said = bash(commands + '\necho "token=$SWIFTLET_TOKEN"\n')
    for line in "".join(blocks("output")).splitlines():
        check(line in said, f"{line!r} is not in\n{said}")
    check(pathlib.Path("ca.pem").read_bytes() == pathlib.Path(CA).read_bytes(), "the authority")
    passed("docs/how-to/mcp.md: its commands")

    for program in blocks("python"):
        name = program.splitlines()[0].removeprefix("# ")
        pathlib.Path(name).write_text(program)
    os.environ["SWIFTLET_TOKEN"] = re.search(r"token=(\S+)", said).group(1)
    os.environ["SWIFTLET_URL"] = URL
    os.environ["WORKER"] = f"{sys.executable} {os.getcwd()}/worker.py"
    for thread, known in [("monday", 0), ("monday", 0), ("tuesday", 1)]:
        os.environ["THREAD"] = thread
        said = bash(f"{sys.executable} planner.py")
        check(f"'knownBefore': {known}" in said and "'pages': 12" in said, said)
    passed("docs/how-to/mcp.md: a graph, and an agent that remembers")


with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
    os.chdir(folder)
    main()
