"""Hadamard matrices: square tables of plus and minus one whose columns are orthogonal, with a first row and column of ones.

Three constructions, each from its formula: Sylvester's doubling for powers of two, and Paley's two (1933, Journal of Mathematics
and Physics 12) from the quadratic residues of a prime; any of them can be doubled. The smallest order that one of them reaches is
within a few of the smallest multiple of four for all designs met in practice.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Signs = NDArray[np.int64]


def hadamard(least: int) -> Signs:
    """The smallest matrix that can be made here of an order of at least `least`, in normal form."""
    order = 4 * max(1, -(-least // 4))
    while (found := _of_order(order)) is None:
        order += 4
    return found


@cache
def _of_order(order: int) -> Signs | None:
    """A matrix of this very order, or None. Where several constructions reach it, the first here is the one that R takes."""
    if order & (order - 1) == 0:
        return _doubled(np.ones((1, 1), dtype=np.int64), order)
    core = order
    while core % 8 == 0:
        core //= 2
    if _is_prime(core - 1):
        return _doubled(_paley(core - 1), order)
    if _is_prime(order - 1):
        return _paley(order - 1)
    if _is_prime(core // 2 - 1):
        return _doubled(_paley_second(core // 2 - 1), order)
    return None


def _doubled(matrix: Signs, order: int) -> Signs:
    """Sylvester: [[H, H], [H, -H]] until the order is reached."""
    while len(matrix) < order:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


def _paley(prime: int) -> Signs:
    """Paley's first, for a prime 4k + 3: minus one where i + j is nought or a square modulo the prime, bordered by ones."""
    residues = np.isin(_sums(prime), np.arange(prime) ** 2 % prime)
    return np.pad(np.where(residues, -1, 1), ((1, 0), (1, 0)), constant_values=1)


def _paley_second(prime: int) -> Signs:
    """Paley's second, for a prime 4k + 1: every entry of a symmetric conference matrix becomes a block of two by two."""
    places = np.arange(prime)
    differences = (places[:, None] - places[None, :]) % prime
    squares = np.isin(differences, np.arange(1, prime) ** 2 % prime)
    core = np.where(differences == 0, 0, np.where(squares, 1, -1))
    conference = np.pad(core, ((1, 0), (1, 0)), constant_values=1)
    conference[0, 0] = 0
    found = np.kron(conference, np.array([[1, 1], [1, -1]])) + np.kron(
        np.eye(prime + 1, dtype=np.int64), np.array([[1, -1], [-1, -1]])
    )
    found = found * found[0]
    normal: Signs = found * found[:, :1]
    return normal


def _sums(prime: int) -> Signs:
    places = np.arange(prime)
    return np.asarray((places[:, None] + places[None, :]) % prime)


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % factor for factor in range(2, int(number**0.5) + 1))
