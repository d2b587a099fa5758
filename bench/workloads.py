"""The benchmark's workloads: their sizes, their arithmetic, and the random batches that every
program reads.

A data file holds BATCHES batches, each the arrays that arrays() names, one after another.
"""
import random
from array import array
from collections import namedtuple

BATCHES = 16  # used in turn, so that the rows of an embedding change from step to step

# batch x time steps; of words of a vocabulary (0: numbers) as vectors of so many features (0:
# one-hot); units of a recurrent layer; classes, labels or words to answer with; steps of an answer
Workload = namedtuple("Workload", "batch time vocabulary features units classes answer",
                      defaults=[0])

WORKLOADS = {
    "numbers_lstm4": Workload(32, 5, 0, 1, 4, 1),
    "bbc_rnn50": Workload(64, 12, 3360, 100, 50, 5),
    "news_lstm64": Workload(32, 150, 20001, 100, 64, 20),
    "news_stack": Workload(32, 150, 20001, 100, 64, 20),
    "news_dense": Workload(32, 150, 20001, 100, 32, 20),
    "arxiv_gru250": Workload(256, 175, 5001, 300, 250, 40),
    "char_lstm512x2": Workload(50, 50, 65, 0, 512, 65),
    "seq2seq_300": Workload(64, 60, 8000, 110, 300, 2000, 13),
    "infer_lstm64": Workload(1, 150, 20001, 100, 64, 20),
}
PREDICTIONS = ("infer_lstm64",)  # the others are training steps
RMSPROP = ("seq2seq_300",)       # the others train with Adam
NOT_IN_KERAS = ("seq2seq_300", "infer_lstm64")

# ---- what a step computes ----

# rows of input at once; reads: "trained" outputs of another layer, "data", or "one-hot" rows
Layer = namedtuple("Layer", "kind rows inputs outputs reads", defaults=["trained"])
GATES = {"dense": 1, "rnn": 1, "gru": 3, "lstm": 4}


def layers(name, w):
    """The network, from the input to the output."""
    steps, units = w.batch * w.time, w.units
    embedding = Layer("embedding", steps, w.vocabulary, w.features, "one-hot")
    classes = Layer("dense", w.batch, 32, w.classes)
    if name == "numbers_lstm4":
        return [Layer("lstm", steps, 1, units, "data"), Layer("dense", w.batch, units, 1)]
    if name == "bbc_rnn50":
        return [embedding, Layer("rnn", steps, w.features, units),
                Layer("dense", w.batch, units, w.classes)]
    if name in ("news_lstm64", "infer_lstm64"):
        return [embedding, Layer("lstm", steps, w.features, units),
                Layer("dense", w.batch, units, 32), classes]
    if name == "news_stack":
        return [embedding, Layer("lstm", steps, w.features, units // 2),
                Layer("lstm", steps, units // 2, units), Layer("dense", w.batch, units, 32), classes]
    if name == "news_dense":
        return [embedding, Layer("dense", w.batch, w.time * w.features, 32), classes]
    if name == "arxiv_gru250":
        return [embedding, Layer("gru", steps, w.features, units),
                Layer("dense", w.batch, units, w.classes)]
    if name == "char_lstm512x2":
        return [Layer("lstm", steps, w.vocabulary, units, "one-hot"),
                Layer("lstm", steps, units, units), Layer("dense", steps, units, w.classes)]
    if name.endswith("_units"):  # of bench/gpu
        return [embedding, Layer(name.split("_")[0], steps, w.features, units),
                Layer("dense", w.batch, units, w.classes)]
    if name == "seq2seq_300":
        answers = w.batch * w.answer
        return [embedding, Layer("lstm", steps, w.features, units),
                Layer("lstm", steps, units, units), Layer("lstm", steps, units, units),
                Layer("embedding", answers, w.classes, w.features, "one-hot"),
                Layer("lstm", answers, w.features, units), Layer("dense", answers, units, w.classes)]
    raise KeyError(name)


def multiply_adds(name, w):
    """Of the matrix products of one step, as the equations ask for them: forward, and backward
    for the weights and for what the layer reads. A one-hot row times a matrix is a row of it and
    counts nothing; the gradient of data is not wanted."""
    prediction = name in PREDICTIONS
    passes = {"trained": 1 if prediction else 3, "data": 1 if prediction else 2, "one-hot": 0}
    total = 0
    for layer in layers(name, w):
        columns = GATES.get(layer.kind, 0) * layer.outputs
        total += passes[layer.reads] * layer.rows * layer.inputs * columns
        if layer.kind in ("rnn", "gru", "lstm"):
            total += passes["trained"] * layer.rows * layer.outputs * columns
    return total


def parameters(name, w):
    """(in matrices and biases, [(words, features) of each embedding])"""
    dense, tables = 0, []
    for kind, _, inputs, outputs, _ in layers(name, w):
        if kind == "embedding":
            tables.append((inputs, outputs))
            continue
        rows = inputs + 1 + (outputs if kind != "dense" else 0) + (kind == "gru")
        dense += rows * GATES[kind] * outputs
    return dense, tables


# ---- batches ----

def arrays(name, w):
    """(type, shape) of what the network reads, and of its targets. The type is what values are
    below, for indices; "number"; or "label", a number that is 0 or 1."""
    words, answers = (w.vocabulary, (w.batch, w.time)), (w.classes, (w.batch, w.answer))
    if name == "numbers_lstm4":
        return [("number", (w.batch, w.time, 1))], ("number", (w.batch, 1))
    if name == "arxiv_gru250":
        return [words], ("label", (w.batch, w.classes))
    if name == "char_lstm512x2":
        return [words], (w.classes, (w.batch, w.time))
    if name == "seq2seq_300":
        return [words, answers], answers
    return [words], (w.classes, (w.batch,))


def write_batches(name, w, path):
    """Returns how many different rows of each embedding a batch reads, on average."""
    dice = random.Random(7)
    inputs, targets = arrays(name, w)
    different = [0] * len(inputs)
    with open(path, "wb") as file:
        for _ in range(BATCHES):
            for i, (kind, shape) in enumerate([*inputs, targets]):
                count = 1
                for size in shape:
                    count *= size
                if kind == "number":
                    values = array("f", (dice.random() for _ in range(count)))
                elif kind == "label":
                    values = array("f", (dice.random() < 0.1 for _ in range(count)))
                else:
                    values = array("i", (int(dice.random() * kind) for _ in range(count)))
                    if i < len(inputs):
                        different[i] += len(set(values)) / BATCHES
                values.tofile(file)
    return [round(count) for count in different]


def read_batches(name, w, path):
    """[(the inputs, the targets), ...] as numpy arrays"""
    import numpy as np
    inputs, targets = arrays(name, w)
    batches = []
    with open(path, "rb") as file:
        for _ in range(BATCHES):
            read = [np.fromfile(file, "int32" if isinstance(kind, int) else "float32",
                                int(np.prod(shape))).reshape(shape)
                    for kind, shape in [*inputs, targets]]
            batches.append((read[:-1], read[-1]))
    return batches
