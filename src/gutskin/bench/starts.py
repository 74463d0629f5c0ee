"""How long until one can begin, and how much memory a crowd takes: each in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from gutskin.bench.serve import environment
from gutskin.kernel import Kernel

LOAD = """\
import json, time
import numpy
begin = time.perf_counter()
from gutskin.model import load
model = load()
loaded = time.perf_counter() - begin
from gutskin.engine import jit
jit.load(model.kernel)
print(json.dumps([loaded, time.perf_counter() - begin]))
"""
CROWD = """\
import json
from gutskin.bench.cases import person_case
from gutskin.bench.measure import USUAL, ours
from gutskin.bench.starts import memory_peak
from gutskin.engine.fast import thread_count
ours(person_case({people}), USUAL, thread_count())
print(json.dumps(memory_peak()))
"""
TRIES = 3


def memory_peak() -> float:
    """Return the most memory [MiB] this process has held."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says begins with the memory of whoever started the process
        held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(held.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


def _fresh(script: str) -> Any:
    done = subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def load_starts(folder: str) -> dict[str, float]:
    """Return seconds until the model of the library is there, beyond what starting Python and numpy takes.

    ``folder`` is an empty one, for the cache.

    ``load_cold_s`` is the model with machine code from an empty cache. ``load_warm_s`` is the model alone
    from the cache, and ``ready_warm_s`` model and machine code; both are the least of some tries.
    """
    with environment(GUTSKIN_CACHE=folder):
        cold = _fresh(LOAD)[1]
        warm = [_fresh(LOAD) for _ in range(TRIES)]
    loaded, ready = (min(each[k] for each in warm) for k in range(2))
    return {"load_cold_s": cold, "load_warm_s": loaded, "ready_warm_s": ready}


def crowd_memory(people: int) -> float:
    """Return the most memory [MiB] of a process that loads the model of the library and runs a crowd."""
    return float(_fresh(CROWD.format(people=people)))


def code_starts(kernel: Kernel) -> tuple[float, float]:
    """Return seconds to machine code with an empty cache, and with the object on disk."""
    from gutskin.engine import jit

    seconds = []
    with tempfile.TemporaryDirectory() as folder, environment(GUTSKIN_CACHE=folder):
        for _ in range(2):
            jit.forget()
            begin = time.perf_counter()
            jit.load(kernel)
            seconds.append(time.perf_counter() - begin)
    return seconds[0], seconds[1]
