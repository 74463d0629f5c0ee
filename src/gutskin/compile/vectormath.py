"""exp, ln and power as vector polynomials in LLVM IR, within 2 units in the last place.

They use nothing but additions, products, fused products and one division, all rounded the same everywhere,
so that every machine and every lane width gives the same bits.
"""

from __future__ import annotations

import math

from gutskin.vectors import HEADER, Lines, bits, every

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # high part has 21 trailing zeros
ROUNDER = 1.5 * 2.0**52  # adding it rounds to a whole number, which is then in the low bits
TINY, LARGE = 1e-300, 700.0


def _scaled_exp(said: Lines, high: str, low: str | None) -> str:
    """exp(high + low) for high within +-LARGE: 2^k times a polynomial of the rest."""
    high = said.clamp("ult", high, LARGE)
    high = said.clamp("ugt", high, -LARGE)
    shifted = said.fma(high, every(1.0 / math.log(2.0)), every(ROUNDER))
    whole = said.binary("fsub", shifted, every(ROUNDER))
    rest = said.fma(whole, every(-LN2_HIGH), high)
    rest = said.fma(whole, every(-LN2_LOW), rest)
    if low is not None:
        rest = said.binary("fadd", rest, low)
    tail = said.horner([1.0 / math.factorial(k) for k in range(13, 1, -1)], rest)
    square = said.binary("fmul", rest, rest)
    value = said.binary("fadd", said.fma(square, tail, rest), every(1.0))
    # A product by 2^k, unlike a sum of exponents, keeps what is undefined undefined.
    biased = said.make(f"add %w {said.make(f'bitcast %v {shifted} to %w')}, splat (i64 1023)")
    scale = said.make(f"shl %w {biased}, splat (i64 52)")
    return said.binary("fmul", value, said.make(f"bitcast %w {scale} to %v"))


def _split_ln(said: Lines, x: str) -> tuple[str, str]:
    """Ln x as a sum high + low, good to about 60 bits; x below TINY counts as TINY."""
    x = said.clamp("ugt", x, TINY)
    raw = said.make(f"bitcast %v {x} to %w")
    # Taking the bits of sqrt(1/2) away first puts the mantissa between sqrt(1/2) and sqrt(2).
    above = said.make(f"sub %w {raw}, splat (i64 {bits(math.sqrt(0.5))})")
    exponent = said.make(f"ashr %w {above}, splat (i64 52)")
    mantissa = said.make(f"sub %w {raw}, {said.make(f'shl %w {exponent}, splat (i64 52)')}")
    m = said.make(f"bitcast %w {mantissa} to %v")
    biased = said.make(f"add %w {exponent}, splat (i64 {bits(ROUNDER)})")
    k = said.binary("fsub", said.make(f"bitcast %w {biased} to %v"), every(ROUNDER))
    top, bottom = said.binary("fsub", m, every(1.0)), said.binary("fadd", m, every(1.0))
    lost = said.binary("fsub", m, said.binary("fsub", bottom, every(1.0)))
    inverse = said.binary("fdiv", every(1.0), bottom)
    t = said.binary("fmul", top, inverse)
    rest = said.fma(said.negative(t), bottom, top)
    t_low = said.binary("fmul", said.fma(said.negative(t), lost, rest), inverse)
    square = said.binary("fmul", t, t)
    series = said.horner([2.0 / d for d in range(21, 1, -2)], square)
    large = said.binary("fmul", k, every(LN2_HIGH))
    high = said.fma(t, every(2.0), large)
    lost = said.fma(t, every(2.0), said.binary("fsub", large, high))
    low = said.fma(said.binary("fmul", square, t), series, said.binary("fadd", t_low, t_low))
    low = said.binary("fadd", said.fma(k, every(LN2_LOW), low), lost)
    # x - x is 0, but keeps what is undefined or infinite from looking like a number.
    return high, said.binary("fadd", low, said.binary("fsub", x, x))


def _function(name: str, parameters: str, said: Lines, value: str) -> str:
    return "\n".join(
        [f"define internal %v @{name}({parameters}) nounwind {{", *said.text, f" ret %v {value}", "}", ""]
    )


def definitions() -> str:
    """Return the IR of ``@exp``, ``@ln`` and ``@power`` with the types they need."""
    said = Lines()
    exp = _function("exp", "%v %x", said, _scaled_exp(said, "%x", None))
    said = Lines()
    ln = _function("ln", "%v %x", said, said.binary("fadd", *_split_ln(said, "%x")))
    said = Lines()
    high, low = _split_ln(said, "%x")
    product = said.binary("fmul", "%n", high)
    lost = said.fma("%n", high, said.negative(product))
    value = _scaled_exp(said, product, said.fma("%n", low, lost))
    return HEADER + exp + ln + _function("power", "%v %x, %v %n", said, value)
