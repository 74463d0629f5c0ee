"""One small community in every format that is read, and the bytes of R, BIOM and QIIME 2 files by hand.

``python tests/sample_files.py`` writes ``tests/fixtures/samples`` anew.
"""

from __future__ import annotations

import gzip
import io
import json
import lzma
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "fixtures" / "samples"
BACTEROIDES = (
    "k__Bacteria; p__Bacteroidetes; c__Bacteroidia; o__Bacteroidales; f__Bacteroidaceae; g__Bacteroides"
)
BLAUTIA = "k__Bacteria; p__Firmicutes; c__Clostridia; o__Clostridiales; f__Lachnospiraceae; g__Blautia"
LINEAGES = (f"{BACTEROIDES}; s__", f"{BLAUTIA}; s__", f"{BLAUTIA}; s__obeum", f"{BACTEROIDES}; s__")
COUNTS = np.array([[300, 10], [200, 20], [100, 0], [400, 970]])
COLUMNS = ("ada.stool", "ada.face")
FEATURES = tuple(f"{k:032x}" for k in (0xA1, 0xB2, 0xC3, 0xD4))
SEQUENCES = tuple(letter * 40 for letter in ("ACGT", "CCGT", "GCGT", "TCGT"))
RANKS = ("Kingdom", "Phylum", "Class", "Order", "Family", "Genus", "Species")


# ---- BIOM


def biom_json(**changes: Any) -> bytes:
    rows = [
        {"id": name, "metadata": {"taxonomy": text.split("; ")}}
        for name, text in zip(FEATURES, LINEAGES, strict=True)
    ]
    table = {
        "id": None, "format": "Biological Observation Matrix 1.0.0", "format_url": "http://biom-format.org",
        "type": "OTU table", "generated_by": "test", "date": "2020-01-01T00:00:00", "matrix_type": "dense",
        "matrix_element_type": "int", "shape": [4, 2], "rows": rows,
        "columns": [{"id": name, "metadata": None} for name in COLUMNS], "data": COUNTS.tolist(),
    }  # fmt: skip
    return json.dumps(
        {key: value for key, value in {**table, **changes}.items() if value != "left out"}
    ).encode()


def biom_hdf5(*, taxonomy: bool = True, **changes: Any) -> bytes:
    """Return BIOM v2.1, with datasets and the shape replaced by ``changes`` (``/`` written as ``__``)."""
    import h5py
    from scipy.sparse import csr_matrix

    matrix, texts = csr_matrix(COUNTS.astype(float)), h5py.string_dtype()
    parts: dict[str, Any] = {
        "observation/ids": np.array(FEATURES, dtype=object), "sample/ids": np.array(COLUMNS, dtype=object),
        "observation/matrix/data": matrix.data, "observation/matrix/indices": matrix.indices,
        "observation/matrix/indptr": matrix.indptr,
    }  # fmt: skip
    if taxonomy:
        cells = [[*text.split("; ")] for text in LINEAGES]
        parts["observation/metadata/taxonomy"] = np.array(cells, dtype=object)
    parts |= {key.replace("__", "/"): value for key, value in changes.items() if key != "shape"}
    memory = io.BytesIO()
    with h5py.File(memory, "w", libver="latest") as file:
        file.attrs["shape"] = changes.get("shape", COUNTS.shape)
        for name, values in parts.items():
            if callable(values):
                values(file, name)
            else:
                file.create_dataset(name, data=values, dtype=texts if values.dtype == object else None)
    return memory.getvalue()


# ---- QIIME 2


def zipped(members: dict[str, bytes], **attributes: int) -> bytes:
    """Return a zip archive; ``attributes`` are external attributes of all its members."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            member = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = attributes.get("external_attr", 0o644 << 16)
            file.writestr(member, data)
    return memory.getvalue()


def qza(name: str, data: bytes, kind: str) -> bytes:
    uuid = "00000000-0000-4000-8000-000000000000"
    about = f"uuid: {uuid}\ntype: {kind}\nformat: test\n".encode()
    return zipped(
        {f"{uuid}/metadata.yaml": about, f"{uuid}/VERSION": b"QIIME 2\n", f"{uuid}/data/{name}": data}
    )


def taxonomy_tsv(names: Sequence[str] = FEATURES) -> bytes:
    rows = [f"{name}\t{text}\t0.99" for name, text in zip(names, LINEAGES, strict=True)]
    return "\n".join(["Feature ID\tTaxon\tConfidence", *rows, ""]).encode()


# ---- R: XDR serialisation, version 2, as R writes it


def _int(value: int) -> bytes:
    return struct.pack(">i", value)


def _char(text: str | None) -> bytes:
    data = (text or "").encode()
    return _int(0x00000009) + _int(-1) if text is None else _int(0x00040009) + _int(len(data)) + data


def _symbol(text: str) -> bytes:
    return _int(1) + _char(text)


def _pairs(pairs: dict[str, bytes]) -> bytes:
    return b"".join(_int(0x402) + _symbol(name) + value for name, value in pairs.items()) + _int(254)


def _flags(kind: int, attributes: dict[str, bytes] | None) -> bytes:
    return _int(kind | (0x200 if attributes else 0) | (0x100 if "class" in (attributes or {}) else 0))


def r_vector(values: Any, **attributes: bytes) -> bytes:
    """Return a vector of integers, reals or texts (none is missing)."""
    end = _pairs(attributes) if attributes else b""
    if isinstance(values, np.ndarray):
        kind, code = (13, ">i4") if values.dtype.kind == "i" else (14, ">f8")
        return _flags(kind, attributes) + _int(values.size) + values.astype(code).tobytes() + end
    return _flags(16, attributes) + _int(len(values)) + b"".join(map(_char, values)) + end


def r_list(items: Sequence[bytes], **attributes: bytes) -> bytes:
    end = _pairs(attributes) if attributes else b""
    return _flags(19, attributes) + _int(len(items)) + b"".join(items) + end


def r_class(name: str) -> bytes:
    return r_vector([name], package=r_vector(["phyloseq"]))


def r_matrix(values: Any, rows: Sequence[str], columns: Sequence[str], **attributes: bytes) -> bytes:
    """Return a matrix of numbers (array) or of texts (rows of texts); R keeps it column by column."""
    flat = (
        values.ravel(order="F")
        if isinstance(values, np.ndarray)
        else [row[k] for k in range(len(columns)) for row in values]
    )
    size = np.array([len(rows), len(columns)], dtype="i4")
    names = r_list([r_vector(list(rows)), r_vector(list(columns))])
    return r_vector(flat, dim=r_vector(size), dimnames=names, **attributes)


def r_frame(columns: dict[str, bytes], rows: Sequence[str], kind: str = "data.frame") -> bytes:
    own = {"names": r_vector(list(columns)), "row.names": r_vector(list(rows))}
    own |= (
        {".S3Class": r_vector(["data.frame"]), "class": r_class(kind)}
        if kind != "data.frame"
        else {"class": r_vector(["data.frame"])}
    )
    return r_list(list(columns.values()), **own)


def r_ranks() -> list[list[str | None]]:
    """Return names at the seven ranks of every feature; what is unknown is missing."""
    cells = [[part.partition("__")[2].strip() or None for part in text.split(";")] for text in LINEAGES]
    return [row + [None] * (7 - len(row)) for row in cells]


def r_phyloseq(*, turned: bool = False, taxa: bool = True) -> bytes:
    """Return a phyloseq object; its sample data say person, site and date, two of them as factors."""
    counts, rows, columns = COUNTS.astype("i4"), FEATURES, ("S1", "S2")
    if turned:
        counts, rows, columns = counts.T, columns, rows
    upright = struct.pack(">iii", 10, 1, int(not turned))
    site = r_vector(
        np.array([2, 1], dtype="i4"), levels=r_vector(["face", "stool"]), **{"class": r_vector(["factor"])}
    )
    dates = r_vector(np.array([18262.0, 18263.0]), **{"class": r_vector(["Date"])})
    facts = {
        "host_subject_id": r_vector(["ada", "ada"]),
        "body_site": site,
        "visit": r_vector(np.array([1, 2], dtype="i4")),
    }
    facts["collection_date"] = dates
    none = _symbol("\x01NULL\x01")
    named = r_matrix(r_ranks(), FEATURES, RANKS, **{"class": r_class("taxonomyTable")})
    slots = {
        "otu_table": r_matrix(
            counts, rows, columns, taxa_are_rows=upright, **{"class": r_class("otu_table")}
        ),
        "tax_table": named if taxa else none,
        "sam_data": r_frame(facts, ("S1", "S2"), "sample_data"),
        "phy_tree": none, "class": r_class("phyloseq"),
    }  # fmt: skip
    return _int(25 | 0x300) + _pairs(slots)


def r_compiled() -> bytes:
    """Return a closure with compiled code that claims two thousand million entries."""
    return _int(3) + _int(253) + _int(21) + _int(0x7FFFFFFF) + _int(254)


def rds(value: bytes) -> bytes:
    return b"X\n" + _int(2) + _int(0x00030600) + _int(0x00020300) + value


def rdata(**objects: bytes) -> bytes:
    return b"RDX2\n" + rds(_pairs(objects))


# ---- the files


def files() -> dict[str, bytes]:
    """Return every binary file of the folder; texts there are written by hand."""
    seqtab = r_matrix(COUNTS.T.astype("i4"), COLUMNS, SEQUENCES)
    taxtab = r_matrix(r_ranks(), SEQUENCES, RANKS)
    david = r_list([seqtab, taxtab], names=r_vector(["counts", "taxa"]))
    return {
        "table.biom": biom_hdf5(),
        "feature_table.qza": qza("feature-table.biom", biom_hdf5(taxonomy=False), "FeatureTable[Frequency]"),
        "taxonomy.qza": qza("taxonomy.tsv", taxonomy_tsv(), "FeatureData[Taxonomy]"),
        "seqtab.rds": gzip.compress(rds(seqtab), mtime=0),
        "taxtab.rds": gzip.compress(rds(taxtab), mtime=0),
        "phyloseq.rds": gzip.compress(rds(r_phyloseq()), mtime=0),
        "phyloseq.RData": lzma.compress(rdata(ps=r_phyloseq(turned=True))),
        "list.rda": lzma.compress(rdata(study=david)),
    }


if __name__ == "__main__":
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)
