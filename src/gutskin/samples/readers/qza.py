"""QIIME 2 artefacts: zip archives with a BIOM table inside; QIIME 2 itself is not needed."""

from __future__ import annotations

from gutskin.errors import InputError
from gutskin.samples.archive import ZIP, Archive
from gutskin.samples.content import HDF5, Content
from gutskin.samples.features import FeatureTable
from gutskin.samples.packed import MOST_BINARY
from gutskin.samples.readers import biom

NAME = "qza"
ABOUT = "QIIME 2 artefact with a feature table; its taxonomy is a second file"

_TABLE = "data/feature-table.biom"


def recognises(content: Content) -> bool:
    """Whether this is a zip archive."""
    return content.data.startswith(ZIP)


def read(content: Content) -> FeatureTable:
    """Read the table in the archive.

    Raises
    ------
    InputError
        E500 to E503 as for any archive, E504 no table or several, E515 a taxonomy, and what
        :func:`biom.read` refuses.
    """
    where = str(content.path)
    archive = Archive(content.data, content.path)
    tables = archive.matching(_TABLE)
    if not tables and archive.matching("data/taxonomy.tsv"):
        raise InputError(
            "E515",
            "this is a taxonomy, not a table of counts",
            where=where,
            remedy="give the table, and this with --taxonomy",
        )
    if len(tables) != 1:
        held = ", ".join(archive.names[:3]) or "nothing"
        raise InputError(
            "E504",
            f"the archive holds {len(tables) or 'no'} feature tables (it begins with {held})",
            where=where,
            remedy="give a FeatureTable[Frequency].qza, or unpack the archive and name one file",
        )
    data = archive.read(tables[0], MOST_BINARY)
    if not data.startswith(HDF5):
        data = archive.read(tables[0])
    return biom.read(Content(content.path, data), NAME)
