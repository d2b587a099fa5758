"""What is timed on a GPU, and what bounds it: the workloads of `make bench`, and one layer of
16 to 1024 units on texts.
"""
import sys
from collections import namedtuple
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))
from workloads import (GATES, PREDICTIONS, RMSPROP, WORKLOADS, Workload, layers, multiply_adds,  # noqa: E402
                       parameters)

# the name in the tables; that of the network (bench/networks.h); its sizes
Case = namedtuple("Case", "name network w")

UNITS = (16, 32, 64, 128, 256, 512, 1024)


def cases():
    """In the order in which they are measured: what is asked for first, if time runs out."""
    found = [Case(name, name, w) for name, w in WORKLOADS.items()]
    for cell in ("lstm", "gru", "rnn"):
        for units in UNITS:
            found.append(Case(f"{cell}_{units}", f"{cell}_units",
                              Workload(64, 100, 20001, 100, units, 20)))
    return found


def trains(case):
    return case.network not in PREDICTIONS


# what a card's properties say: float32 multiply-adds and bytes of its memory a second; cycles a
# second, and shared memory in bytes of each multiprocessor
Card = namedtuple("Card", "name multiprocessors clock multiply_adds bandwidth shared capability")


def card_of(words):
    """From the line that bench_gpu.c begins with, without its first word."""
    major, minor, multiprocessors = map(int, words[:3])
    clock, bandwidth, shared = map(float, words[3:6])
    lanes = 64 if (major, minor) in ((7, 0), (7, 5), (8, 0)) else 128  # of a multiprocessor
    return Card(" ".join(words[6:]), multiprocessors, clock, multiprocessors * lanes * clock, bandwidth,
                shared, (major, minor))


def floor(case, card, different):
    """(arithmetic, traffic) in milliseconds: multiply-adds of the matrix products at the peak in
    float32, and what the optimiser reads and writes of the weights, as bench/README.md counts
    both. different: rows of each embedding that a batch reads."""
    arithmetic = multiply_adds(case.network, case.w) / card.multiply_adds
    if not trains(case):
        return 1e3 * arithmetic, 0.0
    dense, tables = parameters(case.network, case.w)
    numbers = dense + sum(rows * features for rows, (_, features) in zip(different, tables))
    moved = 5 if case.network in RMSPROP else 7  # w, g, (m,) v read; w, (m,) v written
    return 1e3 * arithmetic, 1e3 * 4 * moved * numbers / card.bandwidth


REGISTERS = 128 * 1024  # bytes of a multiprocessor's that a sweep has for W_h: half of them


def held_floor(cell, units, batch, card):
    """Cycles of a step, one way, that no sweep passes whose W_h is read of shared memory at every step;
    None where no cluster of 16 multiprocessors holds W_h.

    The fewest multiprocessors that hold W_h, 1, 2, 4, 8 or 16, take some sequences of the batch through
    time. Each reads its share of W_h once a step, 128 bytes a cycle, however many sequences use it, and
    multiplies each of them by it. (Numbers held in registers are not read, and more multiprocessors than
    that may share W_h: a sweep can be faster.) Where shared memory alone does not suffice, the
    registers of 16 hold a part."""
    lanes, numbers = card.multiply_adds / card.multiprocessors / card.clock, GATES[cell] * units * units
    clusters = (1, 2, 4, 8, 16) if card.capability >= (9, 0) else (1,)
    ranks = next((ranks for ranks in clusters if 4 * numbers / ranks <= card.shared), None)
    if ranks is None and 4 * numbers / clusters[-1] <= card.shared + REGISTERS:
        ranks = clusters[-1]
    if ranks is None or ranks > card.multiprocessors:
        return None
    sequences = -(-batch // (card.multiprocessors // ranks))
    return numbers / ranks * max(4 / 128, sequences / lanes)


def sweep_floor(case, card):
    """Milliseconds of the recurrent sweeps, one way, by their floors; None if one has none."""
    cycles = 0
    for kind, rows, _, units, _ in layers(case.network, case.w):
        if kind not in ("rnn", "gru", "lstm"):
            continue
        step = held_floor(kind, units, case.w.batch, card)
        if step is None:
            return None
        cycles += rows // case.w.batch * step
    return 1e3 * cycles / card.clock
