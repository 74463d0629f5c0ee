"""Where the library and the cache are."""

from __future__ import annotations

import os
from pathlib import Path

LIBRARY = Path(__file__).resolve().parent / "library"


def cache_folder() -> Path:
    """Return the folder of compiled models; ``GUTSKIN_CACHE`` overrides the platform's own place."""
    chosen = os.environ.get("GUTSKIN_CACHE")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_cache_dir("gutskin"))
