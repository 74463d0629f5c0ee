"""A peer in a process of its own: it may crash, hang or fill the memory, and only its own rows suffer."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gutskin.bench.cases import Case
from gutskin.engine.outcome import Array

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class PeerFailed(Exception):
    """Why a peer gave no states; becomes a row."""


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Set variables of the environment for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class Served:
    """A peer that has a case open; ``ready`` is how long that took [s]."""

    def __init__(self, name: str, case: Case, limit: float) -> None:
        """Start it; ``limit`` is how long any answer may take [s].

        Raises
        ------
        PeerFailed
            When it cannot open the case.
        """
        context = multiprocessing.get_context("spawn")
        self.limit = limit
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, name, case), daemon=True)
        with environment(**ONE_THREAD):
            self.process.start()
        theirs.close()
        try:
            self.ready: float = self._answer()
        except PeerFailed:
            self.close()
            raise

    def run(self, rtol: float) -> tuple[Array, float]:
        """Return states (S, T, P) of everybody, and the seconds of processor time.

        Raises
        ------
        PeerFailed
            When it fails, dies or takes too long.
        """
        try:
            self.pipe.send(rtol)
        except OSError:
            raise PeerFailed("its process is gone") from None
        states, seconds = self._answer()
        return states, seconds

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return not self.pipe.closed and self.process.is_alive()

    def close(self) -> None:
        """End it."""
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.pipe.close()

    def _answer(self) -> Any:
        if not self.pipe.poll(self.limit):
            self.close()
            raise PeerFailed(f"no answer within {self.limit:g} s")
        try:
            answer = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            code = self.process.exitcode
            self.close()
            raise PeerFailed(f"its process ended with status {code}") from None
        if isinstance(answer, str):
            raise PeerFailed(answer)
        return answer


def _serve(pipe: Any, name: str, case: Case) -> None:
    """Open the case, then answer tolerances with states and seconds; an answer that is text is a reason."""
    from gutskin.bench.peers import PEERS

    _hush()
    begin = time.perf_counter()
    try:
        states = PEERS[name].open_model(case)
    except Exception as error:
        pipe.send(_reason(error))
        return
    pipe.send(time.perf_counter() - begin)
    while True:
        try:
            rtol = pipe.recv()
        except EOFError:  # whoever asked is gone
            return
        try:
            pipe.send(_everybody(case, states, rtol))
        except Exception as error:
            pipe.send(_reason(error))


def _everybody(case: Case, states: Any, rtol: float) -> tuple[Array, float]:
    import numpy as np

    begin = time.process_time()
    found = [np.asarray(states(k, rtol)) for k in range(case.people)]
    seconds = time.process_time() - begin
    for each in found:
        if each.shape[1] <= case.days:
            raise ArithmeticError(f"it stopped at day {each.shape[1] - 1}")
        if not np.isfinite(each).all():
            raise ArithmeticError("its states are not finite")
    return np.stack(found, axis=2), seconds


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())[:200]
    return text if isinstance(error, ArithmeticError) and text else f"{type(error).__name__}: {text}"


def _hush() -> None:
    """What a peer prints would be mixed into the output of the benchmark; its errors come as reasons."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
