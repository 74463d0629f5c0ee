"""Cleaning of taxon names: lineages of Greengenes, SILVA, GTDB, RDP and MetaPhlAn, and bare names.

The same organism comes as ``k__Bacteria; p__Firmicutes; ...; g__Blautia; s__``, ``D_5__Blautia``,
``k__Bacteria|...|g__Blautia``, ``Bacteria(100);"Firmicutes"(100);...;Blautia(98)`` or ``Blautia``. Brackets
(contested names of Greengenes) and suffixes of GTDB (``Blautia_A``) are kept in the cleaned name, because
they can mean another organism; :func:`variants` lists the looser spellings for a look-up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

RANKS = ("kingdom", "phylum", "class", "order", "family", "genus", "species")
UNNAMED = "unassigned"

_LETTERS = {"d": "kingdom", "k": "kingdom", "sk": "kingdom", "p": "phylum", "c": "class", "o": "order"}
_LETTERS |= {"f": "family", "g": "genus", "s": "species"}
_PREFIX = {rank: rank[0] for rank in RANKS}
_TAGGED = re.compile(r"^(?:D_(\d+)|([a-z]{1,2}))__(.*)$", re.DOTALL)
_CONFIDENCE = re.compile(r"\s*\(\d+(?:\.\d+)?\)$")
_BLANK_UNDERSCORE = re.compile(r"_(?![A-Z]{1,2}(?:\s|$))")
_SPLIT_SUFFIX = re.compile(r"_[A-Z]{1,2}$")
_NUMBER_SUFFIX = re.compile(r"[ _]\d{1,2}$")
_CODE = re.compile(r"^\[?(?:[A-Za-z]{0,4}[A-Z]{1,}[-_ ]?[A-Z]?\d|\d)")
_EPITHET = re.compile(r"^[a-z][a-z-]{2,}$")
_HYPHENED = re.compile(r"^([A-Z][a-z]{3,})-([a-z]{4,})$")  # "Blautia-obeum"
_UNTOLD = re.compile(r"[ _](?:unclassified|noname)$")  # "Blautia_unclassified" still names a genus
_NO_EPITHET = {"unclassified", "uncultured", "bacterium", "noname", "group", "unidentified", "spp"}
_NO_EPITHET |= {"cluster", "sensu"}
_UNKNOWN = {"", "-", "na", "n/a", "nan", "none", "null", "other", "others", "metagenome", "bacterium", "root"}
_UNKNOWN_START = (
    "unclassified",
    "uncultured",
    "unidentified",
    "unknown",
    "unassigned",
    "norank",
    "ambiguous",
)
_UNKNOWN_END = ("unclassified", "noname", "incertae sedis", "metagenome", "unidentified")


@dataclass(frozen=True)
class Lineage:
    """A cleaned taxon: pairs of rank and name, from kingdom down, unknown ranks left out."""

    ranks: tuple[tuple[str, str], ...]

    def name(self, rank: str) -> str:
        """Return the name at a rank, empty when unknown."""
        return dict(self.ranks).get(rank, "")

    @property
    def text(self) -> str:
        """The lineage in one canonical spelling, ``"unassigned"`` when nothing is known."""
        return ";".join(f"{_PREFIX[rank]}__{name}" for rank, name in self.ranks) or UNNAMED

    @property
    def label(self) -> str:
        """The lowest known name, for people to read."""
        if not self.ranks:
            return UNNAMED
        rank, name = self.ranks[-1]
        return name if rank in {"genus", "species"} else f"{name} ({rank} only)"


@lru_cache(maxsize=1 << 16)
def clean(text: str) -> Lineage:
    """Read one taxon string as it stands in a table.

    Parameters
    ----------
    text
        A lineage with ranks divided by ``;`` or ``|``, or one name.

    Returns
    -------
    Lineage
        Known ranks only; empty for "Unassigned", "uncultured bacterium" and the like.
    """
    parts = [part.strip(" \t\"'") for part in re.split(r"[;|]", text.strip())]
    if any(_TAGGED.match(part) for part in parts):
        found = _tagged(parts)
    elif len(parts) == 1:
        found = _bare(_tidy(_UNTOLD.sub("", parts[0])))
    else:
        parts = parts[1:] if parts[0].lower() == "root" else parts
        found = dict(zip(RANKS, map(_tidy, parts), strict=False))
    return Lineage(_settle(found))


def key(name: str) -> str:
    """Return the spelling under which names are compared: lower case, single blanks, ``/`` as ``-``."""
    return re.sub(r"\s+", " ", name.lower().replace("_", " ").replace("/", "-")).strip()


def tail(text: str) -> str:
    """Return the last part of a taxon text that is not empty, without its rank, in the compared spelling."""
    parts = [part.strip(" \t\"'") for part in re.split(r"[;|]", text)]
    names = [match.group(3) if (match := _TAGGED.match(part)) else part for part in parts]
    return next((key(name) for name in reversed(names) if name.strip()), "")


def variants(name: str) -> tuple[str, ...]:
    """Return a name and its looser spellings, strictest first: without split suffix, number, brackets."""
    tried = [name]
    for pattern in (_SPLIT_SUFFIX, _NUMBER_SUFFIX):
        tried += [pattern.sub("", each) for each in tried]
    tried += [each.replace("[", "").replace("]", "") for each in tried]
    return tuple(dict.fromkeys(each for each in tried if each))


def is_code(name: str) -> bool:
    """Whether a genus name is a database code such as ``UCG-002`` or ``1-68``, which tells no genus."""
    return bool(_CODE.match(name))


def _tagged(parts: list[str]) -> dict[str, str]:
    """Read parts that carry their rank as a prefix; strains and unknown prefixes are left out."""
    found: dict[str, str] = {}
    for part in parts:
        match = _TAGGED.match(part)
        if not match:
            continue
        number, letter, name = match.groups()
        if number is not None:
            rank = RANKS[int(number)] if int(number) < len(RANKS) else ""
        else:
            rank = _LETTERS.get(letter, "")
        if rank:
            found[rank] = _tidy(name)
    return found


def _bare(name: str) -> dict[str, str]:
    """Guess the rank of a name that stands alone, from its ending and its number of words."""
    name = _HYPHENED.sub(r"\1 \2", name)
    words = name.split()
    if len(words) == 1 and name.rstrip("]").endswith("aceae"):
        return {"family": name}
    if len(words) == 1 and name.rstrip("]").endswith("ales"):
        return {"order": name}
    if len(words) > 1 and _is_epithet(words) and words[-1] != "group":
        return {"genus": words[0], "species": name}
    if len(words) == 2 and words[1].lower() in _NO_EPITHET | {"sp.", "sp", "cf"} and words[1] != "group":
        return {"genus": words[0]}
    return {"genus": name}


def _tidy(name: str) -> str:
    """Strip quotes, confidences and underscores; empty when the name says that it is unknown."""
    name = _CONFIDENCE.sub("", name.strip()).strip(" \t\"'")
    name = re.sub(r"\s+", " ", _BLANK_UNDERSCORE.sub(" ", name)).strip(" _")
    low = name.lower()
    if low in _UNKNOWN or low.startswith(_UNKNOWN_START) or low.endswith(_UNKNOWN_END):
        return ""
    return name


def _settle(found: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Bring genus, species and family into line, and drop what is unknown."""
    genus, species = found.get("genus", ""), found.get("species", "")
    first = genus.split()[0] if genus else ""
    if first.endswith("aceae"):  # a placeholder such as "Lachnospiraceae NK4A136 group" names a family only
        found["family"] = found.get("family") or first
        genus = ""
    if species and species[0].islower() and genus and _EPITHET.match(species.split()[0]):
        bare = _SPLIT_SUFFIX.sub("", genus).replace("[", "").replace("]", "")
        species = f"{bare} {species}" if _is_epithet([bare, *species.split()]) else ""
    if species:
        words = species.split()
        if not words[0][0].isupper() and not words[0].startswith("["):
            species = ""
        elif not _is_epithet(words):
            genus, species = genus or (words[0] if len(words) > 1 else ""), ""
        else:
            genus = genus or words[0]
    found = {**found, "genus": genus, "species": species}
    return tuple((rank, found[rank]) for rank in RANKS if found.get(rank))


def _is_epithet(words: list[str]) -> bool:
    return len(words) > 1 and bool(_EPITHET.match(words[1])) and words[1] not in _NO_EPITHET
