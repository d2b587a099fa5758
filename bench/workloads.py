"""The sizes of the benchmark's workloads, and the random batches that every program reads.

A data file holds BATCHES batches; a batch is x, batch * time words (int32) or numbers
(float32), followed by its batch targets, classes (int32) or numbers (float32).
"""
import random
from array import array
from collections import namedtuple

BATCHES = 16  # used in turn, so that the rows of an embedding change from step to step

# vocabulary 0: the input is a series of numbers and the target a number
Workload = namedtuple("Workload", "batch time vocabulary classes")

WORKLOADS = {
    "numbers_lstm4": Workload(32, 5, 0, 0),
    "bbc_rnn50": Workload(64, 12, 3360, 5),
    "news_lstm64": Workload(32, 150, 20001, 20),
    "news_stack": Workload(32, 150, 20001, 20),
    "news_dense": Workload(32, 150, 20001, 20),
}


def write_batches(workload, path):
    numbers = random.Random(7)
    steps = workload.batch * workload.time
    with open(path, "wb") as file:
        for _ in range(BATCHES):
            if workload.vocabulary:
                x = array("i", (numbers.randrange(workload.vocabulary) for _ in range(steps)))
                y = array("i", (numbers.randrange(workload.classes) for _ in range(workload.batch)))
            else:
                x = array("f", (numbers.random() for _ in range(steps)))
                y = array("f", (numbers.random() for _ in range(workload.batch)))
            x.tofile(file)
            y.tofile(file)


def read_batches(workload, path):
    """[(x, y), ...] as numpy arrays"""
    import numpy as np
    kind = "int32" if workload.vocabulary else "float32"
    rows = np.fromfile(path, kind).reshape(BATCHES, -1)
    cut = workload.batch * workload.time
    x = rows[:, :cut].reshape(BATCHES, workload.batch, workload.time)
    y = rows[:, cut:]
    if not workload.vocabulary:
        x, y = x[..., None], y[..., None]
    return list(zip(x, y))
