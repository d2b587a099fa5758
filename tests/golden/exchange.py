"""Small networks of PyTorch and Keras: their weights, an input and the output.

    python tests/golden/exchange.py            writes tests/golden/exchange/*.safetensors
    python tests/golden/exchange.py --check D  loads D/<case>.safetensors, which
                                               test_exchange.c exported, into the same
                                               networks, and compares their outputs; and
                                               files of both through convert_weights.py

Needs safetensors, numpy, torch and keras from PyPI. test_exchange.c builds the same
networks with seqnn.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from safetensors.numpy import load_file, save_file  # noqa: E402

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "tools"))
import convert_weights  # noqa: E402

BATCH, TIME, FEATURES, UNITS, WORDS = 3, 6, 4, 5, 11
TOLERANCE = 1e-5


# ---- PyTorch ----

class Recurrent(torch.nn.Module):
    """One nn.RNN, nn.LSTM or nn.GRU; every state."""

    def __init__(self, kind, **options):
        super().__init__()
        self.cell = kind(FEATURES, UNITS, batch_first=True, **options)

    def forward(self, x):
        return self.cell(x)[0]


class Classifier(torch.nn.Module):
    """Words, two layers in both directions, and two dense ones."""

    def __init__(self):
        super().__init__()
        self.words = torch.nn.Embedding(WORDS, FEATURES)
        self.encoder = torch.nn.LSTM(FEATURES, UNITS, 2, batch_first=True, bidirectional=True)
        self.fc1 = torch.nn.Linear(2 * UNITS, UNITS)
        self.fc2 = torch.nn.Linear(UNITS, UNITS)
        self.out = torch.nn.Linear(UNITS, 3, bias=False)

    def forward(self, x):
        h = torch.tanh(self.fc1(self.encoder(self.words(x))[0]))
        return self.out(torch.relu(self.fc2(h)))


class TwoCells(torch.nn.Module):
    """Same shapes, and names in another order than their use."""

    def __init__(self):
        super().__init__()
        self.second = torch.nn.GRU(FEATURES, FEATURES, batch_first=True)
        self.first = torch.nn.GRU(FEATURES, FEATURES, batch_first=True)

    def forward(self, x):
        return self.second(self.first(x)[0])[0]


TORCH = {
    "torch_rnn": lambda: Recurrent(torch.nn.RNN),
    "torch_rnn_relu": lambda: Recurrent(torch.nn.RNN, nonlinearity="relu", bias=False),
    "torch_lstm": lambda: Recurrent(torch.nn.LSTM),
    "torch_gru": lambda: Recurrent(torch.nn.GRU),
    "torch_lstm_both": lambda: Recurrent(torch.nn.LSTM, bidirectional=True),
    "torch_gru_stack": lambda: Recurrent(torch.nn.GRU, num_layers=2, bidirectional=True),
    "torch_classifier": Classifier,
    "torch_two_cells": TwoCells,
}


# ---- Keras ----

def keras_model(*layers, words=False):
    source = keras.Input((TIME,), dtype="int32") if words else keras.Input((TIME, FEATURES))
    return keras.Sequential([source, *layers])


def keras_stack():
    layers = keras.layers
    return keras_model(layers.GRU(UNITS, return_sequences=True, name="gru"),
                       layers.GRU(UNITS, return_sequences=True, name="gru_1"),
                       layers.LSTM(UNITS, name="lstm"),
                       layers.Dense(UNITS, activation="relu", name="dense"),
                       layers.Dense(UNITS, use_bias=False, name="dense_1"))


def keras_classifier():
    layers = keras.layers
    return keras_model(layers.Embedding(WORDS, FEATURES, mask_zero=True, name="embedding"),
                       layers.Bidirectional(layers.LSTM(UNITS, name="lstm"), name="both"),
                       layers.Dense(3, activation="softmax", name="dense"), words=True)


KERAS = {
    "keras_rnn": lambda: keras_model(keras.layers.SimpleRNN(
        UNITS, activation="relu", return_sequences=True, name="simple_rnn")),
    "keras_lstm": lambda: keras_model(keras.layers.LSTM(UNITS, name="lstm")),
    "keras_gru_after": lambda: keras_model(keras.layers.GRU(UNITS, name="gru")),
    "keras_gru_before": lambda: keras_model(keras.layers.GRU(UNITS, reset_after=False, name="gru")),
    "keras_stack": keras_stack,
    "keras_classifier": keras_classifier,
}


# ---- both ----

def make(name, random):
    """The network with random weights, and an input."""
    words = name.endswith("classifier")
    if words:
        x = random.integers(1, WORDS, (BATCH, TIME)).astype(np.int32)
        if name in KERAS:
            x[0, 4:] = x[2, 1:] = 0
    else:
        x = random.normal(size=(BATCH, TIME, FEATURES)).astype(np.float32)
    if name in KERAS:
        net = KERAS[name]()
        for variable in net.weights:
            variable.assign(random.normal(0, 0.5, variable.shape))
    else:
        net = TORCH[name]().eval()
        for parameter in net.parameters():
            values = random.normal(0, 0.5, parameter.shape).astype(np.float32)
            parameter.data = torch.from_numpy(values)
    return net, x


def weights_of(net):
    if isinstance(net, torch.nn.Module):
        return {name: value.numpy().copy() for name, value in net.state_dict().items()}
    return {name: value.numpy() for name, value in convert_weights.keras_variables(net).items()}


def output_of(net, x):
    if not isinstance(net, torch.nn.Module):
        return np.ascontiguousarray(net(x, training=False).numpy())
    with torch.no_grad():
        y = net(torch.from_numpy(x.astype(np.int64) if x.dtype == np.int32 else x))
    return np.ascontiguousarray(y.numpy())


def record():
    random = np.random.default_rng(4)
    folder = HERE / "exchange"
    folder.mkdir(exist_ok=True)
    for name in [*TORCH, *KERAS]:
        net, x = make(name, random)
        save_file(weights_of(net), folder / f"{name}.safetensors")
        save_file({"x": x, "y": output_of(net, x)}, folder / f"{name}.case.safetensors")
    print(sum(path.stat().st_size for path in folder.iterdir()), "bytes")


def save(net, path):
    if isinstance(net, torch.nn.Module):
        torch.save(net.state_dict(), path)
    else:
        net.save(path)


def convert(folder):
    """There and back through tools/convert_weights.py: nothing changes."""
    for name, suffix in (("torch_gru", ".pt"), ("keras_classifier", ".keras"), ("keras_stack", ".h5")):
        net, _ = make(name, np.random.default_rng(2))
        ours, other = folder / f"{name}{suffix}", folder / f"{name}_back{suffix}"
        weights = folder / f"{name}_there.safetensors"
        save(net, ours)
        convert_weights.main([str(ours), str(weights)])
        into = [] if name in TORCH else ["--into", str(ours)]
        convert_weights.main([str(weights), str(other), *into])
        read = convert_weights.read_torch if name in TORCH else convert_weights.read_keras
        back, expected = read(other), weights_of(net)
        if back.keys() != expected.keys() or any(
                not np.array_equal(back[key], expected[key]) for key in back):
            sys.exit(f"{name}{suffix} changed on its way")


def check(exported):
    worst, random = 0, np.random.default_rng(1)
    for name in [*TORCH, *KERAS]:
        net, _ = make(name, random)  # other weights than the recorded ones
        tensors = load_file(Path(exported) / f"{name}.safetensors")
        if name in KERAS:
            convert_weights.assign_keras(net, tensors)
        else:
            net.load_state_dict({key: torch.from_numpy(value) for key, value in tensors.items()})
        case = load_file(HERE / "exchange" / f"{name}.case.safetensors")
        apart = float(np.abs(output_of(net, case["x"]) - case["y"]).max())
        worst = max(worst, apart)
        print(f"{name:18} {len(tensors):2} tensors, outputs {apart:.1e} apart")
    convert(Path(exported))
    sys.exit(0 if worst <= TOLERANCE else 1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"] and len(sys.argv) == 3:
        check(sys.argv[2])
    elif len(sys.argv) == 1:
        record()
    else:
        sys.exit(__doc__)
