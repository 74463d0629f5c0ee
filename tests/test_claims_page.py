"""The page of claims: complete, one row a claim, nothing that breaks a table."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from gutskin.claims.page import markdown, write
from gutskin.claims.read import read_claims
from gutskin.claims.run import Judged, judge
from gutskin.model import load
from gutskin.paths import LIBRARY

claims = runpy.run_path(str(Path(__file__).parent / "fixtures" / "claims_pool.py"))
claim, trial = claims["claim"], claims["trial"]
PUBLISHED = Path(__file__).resolve().parents[1] / "docs" / "claims.md"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    model = claims["library"](tmp_path_factory.mktemp("page"))
    text = claim("CL001", trial("CL001", "fed_2001", "for"), claim="Feasts | fill *all*", problem="<b> loose")
    text += claim(
        "CL002", 'untested = "no toy | here"\n', grade="strong", source="toy_2001", finding="9 of 9"
    )
    text += claim("CL003", trial("CL003", "crowd_2004", "against"), section="ends")
    (model.library / "claims.toml").write_text(text, encoding="utf-8")
    return judge(model, list(read_claims(model.library).values()), draws=3)


def cells(page: str, name: str) -> list[str]:
    (line,) = (line for line in page.splitlines() if f"**{name}**" in line)
    return [cell.strip() for cell in line.replace("\\|", "/").strip("|").split("|")]


def test_every_claim_has_a_row_under_its_part_of_the_article(judged: list[Judged]) -> None:
    page = markdown(judged, 3)
    assert [line for line in page.splitlines() if line.startswith("#")] == ["# Claims", "## Toys", "## Ends"]
    assert page.index("## Toys") < page.index("**CL001**") < page.index("**CL002**") < page.index("## Ends")
    assert all(len(cells(page, name)) == 5 for name in ("CL001", "CL002", "CL003"))


def test_a_row_holds_claim_literature_experiment_effect_and_verdict(judged: list[Judged]) -> None:
    said, literature, experiment, effects, verdict = cells(markdown(judged, 3), "CL001")
    assert said.endswith("Feasts / fill \\*all\\*<br>*&lt;b&gt; loose*")
    assert '<a id="cl001"></a>' in said
    assert literature == "weak"
    assert experiment == "Feasting / fills (`fed_2001`, fit)"
    assert [each[0] for each in effects.split("<br>")] == ["○", "●", "◐"]
    assert "published 2.9 to 3.1" in effects
    assert "fed, ratio to rest, end: 3 (" in effects
    assert verdict == "supported in part"


def test_what_is_not_tested_says_why(judged: list[Judged]) -> None:
    row = cells(markdown(judged, 3), "CL002")
    assert row[1:] == ["strong: 9 of 9 (`toy_2001`)", "no toy / here", "–", "cannot be tested here"]


def test_what_speaks_against_is_called_so(judged: list[Judged]) -> None:
    row = cells(markdown(judged, 3), "CL003")
    assert row[2].endswith("(`crowd_2004`, fit, speaks against)")
    assert "in 40 people" in row[3]
    assert row[4] == "contradicted"


def test_counts_are_on_top_and_what_a_verdict_is(judged: list[Judged]) -> None:
    page = markdown(judged, 3)
    top = page[: page.index("## Toys")]
    assert "3 claims." in top
    assert "| strong | 0 | 0 | 0 | 0 | 1 |" in top
    assert "| weak | 0 | 1 | 0 | 1 | 0 |" in top
    assert "| all | 0 | 1 | 0 | 1 | 1 |" in top
    assert "A verdict is about the model and its cases, not about people" in " ".join(top.split())
    assert "3 sets of numbers" in top
    assert "sets of numbers" not in markdown(judged, 0)


def test_it_is_written_to_a_file(judged: list[Judged], tmp_path: Path) -> None:
    assert write(judged, tmp_path / "c.md", 3).read_text(encoding="utf-8") == markdown(judged, 3)


def rows(page: str) -> list[tuple[str, list[str], str]]:
    """Return (ID, signs of the effects, verdict) of every claim."""
    found = []
    for line in page.splitlines():
        if name := re.search(r"\*\*(CL\d{3})\*\*", line):
            *_, effects, verdict = line.strip("| ").split(" | ")
            found.append((name[1], re.findall("[●◐○]", effects), verdict))
    return found


def test_the_published_page_is_the_one_of_this_library() -> None:
    """``make evidence`` writes the page; a verdict that changed is committed with its reason."""
    known = list(read_claims(LIBRARY).values())
    found = rows(markdown(judge(load(), known, draws=0)))
    assert [name for name, _, _ in found] == [each.id for each in known]
    assert found == rows(PUBLISHED.read_text(encoding="utf-8"))
