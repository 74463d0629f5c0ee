"""From IR to machine code, with a cache of objects on disk.

Code depends on the text of the kernel, the processor and the versions of what compiles it; all are in the
name of the entry, so nothing in the cache is ever out of date.
"""

from __future__ import annotations

import ctypes
import hashlib
import struct
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache as once
from typing import Any

from gutskin import cache
from gutskin.engine import driver, stepper
from gutskin.engine.lower import lower
from gutskin.kernel import Kernel

START = "define internal void "
PARTS = 2
LEVEL = 1  # of optimisation: 2 takes half as long again for the same speed, 0 makes slow code

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
    """Return how many people share a vector on this processor.

    Four, even where eight would fit: vectors of eight outgrow the first cache, are at best a twelfth faster
    for a crowd, and take twice as long for one person.
    """
    said = set(features.split(","))
    return 4 if "+avx" in said else 2


def program(kernel: Kernel, width: int) -> list[str]:
    """Return the IR of a kernel, its stepper and the driver, in parts that compile side by side."""
    text = kernel.lanes.text + stepper.functions(shape(kernel))
    head, *functions = text.replace("LANES", str(width)).split(START)
    parts: list[list[str]] = [[] for _ in range(PARTS)]
    for function in sorted(functions, key=len, reverse=True):
        min(parts, key=lambda part: sum(map(len, part))).append(function)
    said = [head + "".join("define void " + function for function in part) for part in parts]
    for k, part in enumerate(parts):
        others = (function for function in functions if function not in part)
        said[k] += "".join(f"declare void {function[: function.index(')') + 1]}\n" for function in others)
    said[-1] += "declare double @llvm.fabs.f64(double)\n" + lower(driver.LOWERED, driver.Run)
    return said


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
            _loaded[known] = _link(_objects(kernel, width), width, shape(kernel))
        return _loaded[known]


@once
def _prepare_llvm() -> None:
    """Set LLVM up once a process.

    Its scheduler costs a third of the time to compile and gains nothing on code that is written in a good
    order; it can only be turned off for the whole process.
    """
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.set_option("gutskin", "-enable-misched=false")


def _machine() -> Any:
    import llvmlite.binding as llvm

    _prepare_llvm()
    target = llvm.Target.from_default_triple()
    features = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=LEVEL, reloc="pic", codemodel="small"
    )


def _objects(kernel: Kernel, width: int) -> list[bytes]:
    parts = program(kernel, width)
    name = f"code-{_fingerprint(parts)}.o"
    made = _unpack(cache.read(name))
    if made is None:
        with ThreadPoolExecutor(PARTS) as crew:
            made = list(crew.map(_compile, parts))
        cache.write(name, struct.pack(f"<{PARTS}q", *map(len, made)) + b"".join(made))
    return made


def _unpack(content: bytes | None) -> list[bytes] | None:
    """Return the objects: lengths come first."""
    if content is None:
        return None
    made, first = [], 8 * PARTS
    for length in struct.unpack_from(f"<{PARTS}q", content):
        made.append(content[first : first + length])
        first += length
    return made


def _fingerprint(parts: list[str]) -> str:
    from importlib.metadata import version

    import llvmlite.binding as llvm

    said = hashlib.sha256()
    processor = f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"
    versions = (version("llvmlite"), str(llvm.llvm_version_info), version("gutskin"), str(LEVEL))
    for each in (*parts, processor, *versions):
        said.update(each.encode() + b"\0")
    return said.hexdigest()[:32]


def _compile(text: str) -> bytes:
    """Compile; only the driver is optimised as IR, the rest is as good as it gets when written."""
    import llvmlite.binding as llvm

    machine = _machine()
    # A context of its own lets threads compile side by side.
    module = llvm.parse_assembly(text, llvm.create_context())
    module.verify()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=1))
    passes = builder.getFunctionPassManager()
    names = {function.__name__ for function in driver.LOWERED}
    for function in module.functions:
        if function.name in names:
            passes.run(function, builder)
    return _emit(machine, module)


def _emit(machine: Any, module: Any) -> bytes:
    """Return the object of a module.

    llvmlite lets one thread at a time into LLVM, which can do with many as long as each has a context of its
    own. So the longest call goes past that lock, with the signature that llvmlite gave it.
    """
    from llvmlite.binding import ffi

    try:
        locked = ffi.lib.LLVMPY_TargetMachineEmitToMemory
        emit = ctypes.CDLL(ffi.lib._name, handle=ffi.lib._handle).LLVMPY_TargetMachineEmitToMemory
        emit.argtypes, emit.restype = locked.argtypes, locked.restype
    except AttributeError:  # another llvmlite, which names them differently: one thread at a time then
        return bytes(machine.emit_object(module))
    with ffi.OutputString() as error:
        made = emit(machine, module, 1, error)
        if not made:
            raise RuntimeError(str(error))
    try:
        return ctypes.string_at(ffi.lib.LLVMPY_GetBufferStart(made), ffi.lib.LLVMPY_GetBufferSize(made))
    finally:
        ffi.lib.LLVMPY_DisposeMemoryBuffer(made)


def _link(made: list[bytes], width: int, shape: stepper.Shape) -> Code:
    import llvmlite.binding as llvm

    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    for each in made:
        engine.add_object_file(llvm.ObjectFileRef.from_data(each))
    engine.finalize_object()
    drive = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(engine.get_function_address("drive"))
    return Code(width, shape, drive, engine)


def forget() -> None:
    """Forget code in memory, so that the next use reads or compiles it again."""
    with _lock:
        _loaded.clear()
