"""Machine code from IR, for what the benchmark alone needs."""

from __future__ import annotations

from typing import Any


def compiled(text: str) -> Any:
    """Return an LLVM execution engine; its ``get_function_address`` finds functions, and it must be kept."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=2
    )
    module = llvm.parse_assembly(text)
    module.verify()
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    return engine
