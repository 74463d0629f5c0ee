"""The scorecard as Markdown and as a page: complete, escaped, and written whole or not at all."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gutskin.errors import InputError
from gutskin.evidence.score import Score
from gutskin.evidence.scorecard import html, markdown, number, order, span, write
from gutskin.evidence.validate import Scorecard

EVIL = "<script>alert('x')</script> & \"a\" | `b` *c* [d](e)"


def score(**more: object) -> Score:
    usual = {
        "study": "toy_2001",
        "about": "gut",
        "role": "fit",
        "readout": "x / start(x)",
        "said": "fed, end",
        "value": 2.0,
        "low": 1.0,
        "high": 3.0,
        "published": None,
        "unit": "1",
        "grade": "green",
        "people": 1,
    }
    return Score(**{**usual, **more})  # type: ignore[arg-type]


def card(*scores: Score, refused: tuple[InputError, ...] = ()) -> Scorecard:
    return Scorecard(scores, refused, len({each.study for each in scores}))


FULL = card(
    score(),
    score(value=1234.5, grade="red", role="check"),
    score(value=3.4, grade="yellow", role="control"),
    score(value=math.nan, grade="red", reason="1 of 1 failed: the step collapsed", study="b_2002"),
    score(value=math.inf, high=math.inf, readout="time", unit="h"),
    score(low=-math.inf, value=-4.0, high=-3.0),
    refused=(InputError("E403", "upside down", where="c/case.toml: expect 1", remedy="mend it"),),
)


class Page(HTMLParser):
    """Collects tags, and complains of what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "circle", "path", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page(text: str) -> Page:
    made = Page()
    made.feed(text.replace("/>", ">"))
    made.close()
    assert made.open == []
    return made


def test_numbers_and_ranges_in_words() -> None:
    assert [number(x) for x in (None, math.nan, math.inf, -math.inf, 0.0, 1234.5, 0.01234)] == [
        "–",
        "–",
        "never",
        "none",
        "0",
        "1.23e+03",
        "0.0123",
    ]
    assert span(score()) == "1 to 3"
    assert span(score(low=-math.inf)) == "at most 3"
    assert span(score(high=math.inf)) == "at least 1"


def test_scores_stand_by_role_subject_and_study() -> None:
    mixed = [
        score(role=r, about=a, study=s)
        for r in ("control", "fit", "check")
        for a in ("skin", "gut")
        for s in ("b", "a")
    ]
    found = [(s.role, s.about, s.study) for s in order(mixed)]
    assert found[:4] == [("fit", "gut", "a"), ("fit", "gut", "b"), ("fit", "skin", "a"), ("fit", "skin", "b")]
    assert [role for role, *_ in found[::4]] == ["fit", "check", "control"]


def test_markdown_shows_every_number_and_the_totals() -> None:
    text = markdown(FULL)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert "| fit | may be used to set numbers | 3 | 0 | 1 |" in rows
    assert "| check | only ever compared | 0 | 0 | 1 |" in rows
    assert "| ○ | toy\\_2001 | gut | `x / start(x)` | fed, end | 1 to 3 | 1.23e+03 | 1 |" in rows
    assert (
        "| ○ | b\\_2002 | gut | `x / start(x)` | fed, end | 1 to 3 | 1 of 1 failed: the step collapsed | 1 |"
        in rows
    )
    assert "at least 1" in text
    assert "never" in text
    assert "- E403 upside down (c/case.toml: expect 1) - mend it" in text
    assert text.startswith("2 cases, 6 expectations.")


def test_markdown_is_a_table_whatever_stands_in_the_texts() -> None:
    odd = score(study=EVIL, said=EVIL, unit="%", readout="(x\n > '1 1' )", reason=EVIL + "\nnew line")
    text = markdown(card(odd, refused=(InputError("E400", EVIL, where=EVIL),)))
    (row,) = [line for line in text.splitlines() if line.startswith("| ●")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 9
    outside = re.sub(r"`[^`]*(?<!\\)`", "", text)
    assert "<script" not in outside
    assert "&lt;script&gt;" in outside
    assert "[d](e)" not in outside
    assert "`(x > '1 1' )`" in row


def test_a_page_is_whole_and_names_everything() -> None:
    made = page(html(FULL))
    text = " ".join(made.words)
    for said in (
        "toy_2001",
        "b_2002",
        "1.23e+03",
        "1 to 3",
        "at most -3",
        "at least 1 h",
        "never",
        "● green",
        "◐ yellow",
        "○ red",
        "1 of 1 failed: the step collapsed",
        "E403 upside down",
        "never medical advice",
    ):
        assert said in text, said
    assert [attrs["class"] for tag, attrs in made.tags if tag == "svg"] == ["green", "red", "yellow"]
    assert not {tag for tag, _ in made.tags} & {"script", "link", "img", "iframe"}


def test_a_page_shows_text_as_text() -> None:
    odd = score(study=EVIL, said=EVIL, unit=EVIL, readout=EVIL, reason="")
    lost = score(study=EVIL, reason=EVIL, grade="red", value=math.nan)
    made = page(html(card(odd, lost, refused=(InputError("E400", EVIL, where=EVIL, remedy=EVIL),))))
    assert not {tag for tag, _ in made.tags} & {"script", "a", "em"}
    assert "".join(made.words).count("<script>alert('x')</script>") == 10
    (label,) = [attrs["aria-label"] for tag, attrs in made.tags if tag == "svg"]
    assert label == f"2 against 1 to 3 {EVIL}"


@pytest.mark.parametrize(
    ("value", "place"),
    [(1.0, 60), (2.0, 120), (3.0, 180), (0.5, 30), (1e9, None), (-1e9, None), (2.9999, 179.994)],
)
def test_the_mark_stands_where_the_value_is(value: float, place: float | None) -> None:
    made = page(html(card(score(value=value))))
    circles = [attrs for tag, attrs in made.tags if tag == "circle"]
    if place is None:
        assert not circles
        (arrow,) = [attrs["d"] for tag, attrs in made.tags if tag == "path"]
        assert arrow is not None
        assert arrow.startswith("M238" if value > 0 else "M2 ")
    else:
        assert float(circles[0]["cx"] or "") == pytest.approx(place, abs=0.06)


@pytest.mark.parametrize("more", [{"low": 1.0, "high": 1.0}, {"value": math.inf}, {"high": math.inf}])
def test_no_picture_of_what_has_no_width(more: dict[str, float]) -> None:
    assert "<svg" not in html(card(score(**more)))


def test_an_empty_card_can_be_shown() -> None:
    assert markdown(card()).startswith("0 cases, 0 expectations.")
    page(html(card()))


def test_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert write(FULL, tmp_path / "card.md").read_text(encoding="utf-8") == "# Scorecard\n\n" + markdown(FULL)
    assert write(FULL, tmp_path / "card.html").read_text(encoding="utf-8") == html(FULL)
    with pytest.raises(InputError) as caught:
        write(FULL, tmp_path / "card.pdf")
    assert caught.value.code == "E410"

    def fail(*rest: object) -> str:
        raise RuntimeError("in the middle")

    monkeypatch.setattr("gutskin.evidence.scorecard._row", fail)
    with pytest.raises(RuntimeError, match="middle"):
        write(FULL, tmp_path / "card.html")
    monkeypatch.undo()
    assert (tmp_path / "card.html").read_text(encoding="utf-8") == html(FULL)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.html", "card.md"]
