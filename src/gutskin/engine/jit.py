"""From IR to machine code, with a cache of objects on disk.

Code depends on the text of the kernel, the processor and the versions of what compiles it; all are in the name
of the file, so nothing in the cache is ever out of date. A damaged file is made anew.
"""

from __future__ import annotations

import ctypes
import hashlib
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gutskin.engine import driver, stepper
from gutskin.engine.lower import lower
from gutskin.kernel import Kernel
from gutskin.paths import cache_folder

MARK = b"gutskin object 1\n"
FAST = 2  # level of optimisation

_loaded: dict[tuple[str, int], Code] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Code:
    """Machine code of a kernel for ``width`` lanes; ``drive`` takes the address of a record."""

    width: int
    shape: stepper.Shape
    drive: Callable[[int], None]
    engine: Any  # keeps the code in memory


def lane_width(features: str) -> int:
    """Return how many people fit a vector of this processor."""
    said = set(features.split(","))
    if "+avx512f" in said:
        return 8
    return 4 if "+avx" in said else 2


def program(kernel: Kernel, width: int) -> str:
    """Return the whole IR of a kernel, its stepper and the driver."""
    text = kernel.lanes.text + stepper.functions(shape(kernel)) + "declare double @llvm.fabs.f64(double)\n"
    return text.replace("LANES", str(width)) + lower(driver.LOWERED, driver.Run)


def shape(kernel: Kernel) -> stepper.Shape:
    """Return the lengths of a kernel's arrays."""
    states, tallies = len(kernel.states), len(kernel.tallies)
    return stepper.Shape(states, states - tallies, kernel.lanes.entries, kernel.lanes.factors)


def load(kernel: Kernel, width: int | None = None) -> Code:
    """Return machine code: from memory, from disk, or newly compiled.

    Parameters
    ----------
    kernel
        Compiled network.
    width
        Number of lanes; by default what the processor has.
    """
    import llvmlite.binding as llvm

    with _lock:
        width = width or lane_width(llvm.get_host_cpu_features().flatten())
        known = (kernel.lanes.text, width)
        if known not in _loaded:
            _loaded[known] = _link(_object(kernel, width), width, shape(kernel))
        return _loaded[known]


def _machine() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    features = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=FAST, reloc="pic", codemodel="small"
    )


def _object(kernel: Kernel, width: int) -> bytes:
    text = program(kernel, width)
    path = cache_folder() / f"code-{_fingerprint(text)}.o"
    made = _read(path)
    if made is None:
        made = _compile(text)
        _write(path, made)
    return made


def _fingerprint(text: str) -> str:
    from importlib.metadata import version

    import llvmlite.binding as llvm

    said = hashlib.sha256(text.encode())
    processor = f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"
    for each in (processor, version("llvmlite"), str(llvm.llvm_version_info), version("gutskin"), str(FAST)):
        said.update(each.encode() + b"\0")
    return said.hexdigest()[:32]


def _compile(text: str) -> bytes:
    """Compile; only the driver is optimised as IR, the rest is as good as it gets when written."""
    import llvmlite.binding as llvm

    machine = _machine()
    module = llvm.parse_assembly(text)
    module.verify()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=1))
    passes = builder.getFunctionPassManager()
    for function in driver.LOWERED:
        passes.run(module.get_function(function.__name__), builder)
    return bytes(machine.emit_object(module))


def _link(made: bytes, width: int, shape: stepper.Shape) -> Code:
    import llvmlite.binding as llvm

    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(made))
    engine.finalize_object()
    drive = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(engine.get_function_address("drive"))
    return Code(width, shape, drive, engine)


def _read(path: Path) -> bytes | None:
    """Return the object when the file is whole."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    digest, made = raw[len(MARK) : len(MARK) + 32], raw[len(MARK) + 32 :]
    whole = raw.startswith(MARK) and hashlib.sha256(made).digest() == digest
    return made if whole else None


def _write(path: Path, made: bytes) -> None:
    """Write atomically; a cache that cannot be written costs time only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
            file.write(MARK + hashlib.sha256(made).digest() + made)
        Path(file.name).replace(path)
    except OSError:
        return


def forget() -> None:
    """Forget code in memory, so that the next use reads or compiles it again."""
    with _lock:
        _loaded.clear()
