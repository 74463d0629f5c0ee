"""Writing vector LLVM IR: numbers with all their bits, and the numbered lines of a function.

``%v`` is a vector of numbers, ``%w`` one of 64-bit integers, ``%b`` one of conditions, and ``LANES`` stands
for the number of lanes, filled in when a machine is chosen.
"""

from __future__ import annotations

import struct

HEADER = """\
%v = type <LANES x double>
%w = type <LANES x i64>
%b = type <LANES x i1>
declare %v @llvm.fma.vLANESf64(%v, %v, %v)
declare %v @llvm.fabs.vLANESf64(%v)
declare %v @llvm.sqrt.vLANESf64(%v)
"""


def bits(value: float) -> int:
    """Return the 64 bits of a number."""
    return int(struct.unpack("<Q", struct.pack("<d", value))[0])


def literal(value: float) -> str:
    """Return a number with all its bits, as LLVM writes it."""
    return f"0x{bits(value):016X}"


def every(value: float) -> str:
    """Return a vector with the number in every lane."""
    return f"splat (double {literal(value)})"


class Lines:
    """Instructions of one function as they are written; values are numbered."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.count = 0

    def make(self, expression: str) -> str:
        """Write ``%new = expression`` and return the name."""
        self.count += 1
        self.text.append(f" %t{self.count} = {expression}")
        return f"%t{self.count}"

    def binary(self, op: str, a: str, b: str) -> str:
        """fadd, fsub, fmul or fdiv of vectors."""
        return self.make(f"{op} %v {a}, {b}")

    def fma(self, a: str, b: str, c: str) -> str:
        """A * b + c, rounded once."""
        return self.make(f"call %v @llvm.fma.vLANESf64(%v {a}, %v {b}, %v {c})")

    def negative(self, a: str) -> str:
        """-a."""
        return self.make(f"fneg %v {a}")

    def call(self, name: str, *values: str) -> str:
        """Call a vector function of this module."""
        return self.make(f"call %v @{name}({', '.join(f'%v {value}' for value in values)})")

    def load(self, base: str, index: int | str) -> str:
        """Return the vector ``base[index]``."""
        place = self.make(f"getelementptr %v, ptr {base}, i64 {index}")
        return self.make(f"load %v, ptr {place}, align 8")

    def store(self, base: str, index: int | str, value: str) -> None:
        """Write the vector ``base[index]``."""
        place = self.make(f"getelementptr %v, ptr {base}, i64 {index}")
        self.text.append(f" store %v {value}, ptr {place}, align 8")

    def clamp(self, test: str, a: str, limit: float) -> str:
        """Return a where ``a test limit`` holds (or a is undefined), else the limit."""
        inside = self.make(f"fcmp {test} %v {a}, {every(limit)}")
        return self.make(f"select %b {inside}, %v {a}, %v {every(limit)}")

    def horner(self, coefficients: list[float], x: str) -> str:
        """Return the polynomial with the highest coefficient first."""
        out = every(coefficients[0])
        for each in coefficients[1:]:
            out = self.fma(out, x, every(each))
        return out
