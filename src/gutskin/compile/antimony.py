"""Model text to SBML: the only file that touches libAntimony.

libAntimony keeps global state and can crash on some texts, so it runs in a process of its own: a crash
becomes an error with a name.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from gutskin.errors import LibraryError

_SCRIPT = """
import sys, antimony
main, name, *folders = sys.argv[1:]
for folder in folders:
    antimony.addDirectory(folder)
if antimony.loadAntimonyFile(main) < 0:
    sys.exit("ANTIMONY " + antimony.getLastError())
sys.stdout.write(antimony.getSBMLString(name))
"""


def to_sbml(main: Path, folder: Path) -> str:
    """Flatten a model file with all nested modules to SBML Level 3.

    Raises
    ------
    LibraryError
        E101 what Antimony says of the text, E102 when it crashes on it.
    """
    command = [sys.executable, "-c", _SCRIPT, str(main), main.stem, str(main.parent), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode < 0:
        remedy = "a name in it may be a reserved word (volume, time, area ...)"
        raise LibraryError("E102", "Antimony crashed on the text", where=main.name, remedy=remedy)
    if done.returncode:
        said = done.stderr.strip().removeprefix("ANTIMONY ")
        place = re.search(r"file '([^']*)', line (\d+)", said)
        where = f"{Path(place[1]).name}:{place[2]}" if place else main.name
        raise LibraryError("E101", f"Antimony: {said}", where=where, remedy="mend the line it names")
    return done.stdout
