"""Run the commands of a page and print their outputs into it anew.

    python tools/page.py PAGE.md        (in the root of the repository)

A block ``sh`` of one command that is followed by a block ``text`` is a command with its output. Status 1 is
no error: a study with a red expectation ends with it.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

PAIR = re.compile(r"^```sh\n(gutskin [^\n]*)\n```\n\n```text\n(.*?)^```$", re.M | re.S)
RUN = "from gutskin.cli import main; main()"


def pairs(page: str) -> list[tuple[str, str]]:
    """Return every command of a page with the output that is printed under it."""
    return [(each[1], each[2]) for each in PAIR.finditer(page)]


def printed(command: str, folder: Path) -> str:
    """Run a command in a folder and return what it prints, without spaces at the ends of lines."""
    argv = [sys.executable, "-c", RUN, *shlex.split(command)[1:]]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise SystemExit(f"{command}: {done.stderr}")
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.rstrip().splitlines())


def main() -> None:
    """Write the outputs of a page anew."""
    path = Path(sys.argv[1])
    page = path.read_text(encoding="utf-8")

    def again(found: re.Match[str]) -> str:
        return f"```sh\n{found[1]}\n```\n\n```text\n{printed(found[1], Path.cwd())}```"

    path.write_text(PAIR.sub(again, page), encoding="utf-8")


if __name__ == "__main__":
    main()
