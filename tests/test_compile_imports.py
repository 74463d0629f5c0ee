"""Imports name modules that are used and checked, and nothing else that Antimony would follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from gutskin.compile.imports import check_imports
from gutskin.compile.text import read_modules
from gutskin.errors import LibraryErrors


def checked(folder: Path, text: str) -> None:
    for name in ("weed", "reed"):
        (folder / f"{name}.ant").write_text(f"model {name}()\n  leaf := k_leaf;\nend\n")
    main = folder / "lake.ant"
    main.write_text(text + "model lake()\n  tall: weed();\nend\n")
    check_imports(read_modules(main, folder))


@pytest.mark.parametrize(
    "text", ["", 'import "weed.ant"\n', ' import "weed.ant";\n', 'import "weed.ant" // import "x.ant"\n',
             'import "weed.ant"; import "weed.ant"\n', '// import "elsewhere/weed.ant"\n']
)  # fmt: skip
def test_a_module_that_is_used_may_be_imported(tmp_path: Path, text: str) -> None:
    checked(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    ['import "../weed.ant"\n', 'import "elsewhere/weed.ant"\n', 'import "/tmp/weed.ant"\n',
     'import "weed.txt"\n', 'import "reed.ant"\n', 'import "weed.ant"; import "../weed.ant"\n',
     "import weed.ant\n",
     'import "weed.ant" import "../weed.ant"\n', 'import "./weed.ant"\n'],
)  # fmt: skip
def test_anything_else_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(LibraryErrors, match="E101") as caught:
        checked(tmp_path, text)
    assert [fault.where for fault in caught.value.faults] == ["lake.ant:1"]
    assert "import" in caught.value.faults[0].remedy
