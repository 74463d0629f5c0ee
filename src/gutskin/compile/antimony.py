"""Model text to SBML: the only file that touches libAntimony.

libAntimony keeps global state and can crash on some texts, so it runs in a process of its own: a crash
becomes an error with a name.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Self

from gutskin.errors import LibraryError

SCRIPT = """
import sys, antimony
main, name, *folders = sys.argv[1:]
for folder in folders:
    antimony.addDirectory(folder)
if antimony.loadAntimonyFile(main) < 0:
    sys.exit("ANTIMONY " + antimony.getLastError())
sys.stdout.write(antimony.getSBMLString(name))
"""


class Flattening:
    """Antimony at work on a model file with all nested modules; leaving the block ends it.

    Parameters
    ----------
    main
        The top ``.ant`` file.
    folder
        Where nested modules are looked for besides the folder of ``main``.
    """

    def __init__(self, main: Path, folder: Path) -> None:
        command = [sys.executable, "-c", SCRIPT, str(main), main.stem, str(main.parent), str(folder)]
        self.main = main
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:  # something else is wrong with the library: nobody asks any more
            self.process.kill()
        self.process.communicate()

    def sbml(self) -> str:
        """Wait, and return SBML Level 3.

        Raises
        ------
        LibraryError
            E101 what Antimony says of the text, E102 when it crashes on it.
        """
        xml, said = self.process.communicate()
        if self.process.returncode < 0:
            remedy = "a name in it may be a reserved word (volume, time, area ...)"
            raise LibraryError("E102", "Antimony crashed on the text", where=self.main.name, remedy=remedy)
        if self.process.returncode:
            said = said.strip().removeprefix("ANTIMONY ")
            place = re.search(r"file '([^']*)', line (\d+)", said)
            where = f"{Path(place[1]).name}:{place[2]}" if place else self.main.name
            raise LibraryError("E101", f"Antimony: {said}", where=where, remedy="mend the line it names")
        return xml
