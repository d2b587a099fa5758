"""Records what PyTorch and Keras compute, for test_layers.c, test_losses.c and
test_optimizers.c.

    python tests/golden/record.py        writes layers.txt, losses.txt and optimizers.txt
    python tests/golden/record.py losses                             only this one

Both frameworks run in double precision, so that a difference is a rounding error of ours
(but Keras rounds beta1 and beta2 in Adam's corrections, and rates of schedules, to float).
Weights and inputs have two decimals. A record is text (see golden.h):

    case NAME key=value ...              what was run
    TENSOR 3,5,4 .1 -.25 ...             its shape and its values, row-major, to seven
                                         digits: inputs are exact

Weights, their gradients (d_...) and the weights after five steps of SGD with momentum
(after_..., of the small cases) stand in the framework's own layout and gate order. The
lengths of sequences are explicit; values at padded steps are not zero but must not count.
"""
import itertools
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["KERAS_BACKEND"] = "tensorflow"

import torch
import torch._dynamo  # torch.optim wants it: loaded after TensorFlow, their LLVMs clash
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
import keras
import numpy as np
import tensorflow as tf

torch.set_num_threads(1)
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
torch.set_default_dtype(torch.float64)
keras.config.set_floatx("float64")

STEPS = 5
rng = None  # made anew for every record


def numbers(shape, scale=1.0):
    """Uniform in [-scale, scale] with two decimals, exact in float."""
    return rng.uniform(-scale, scale, shape).round(2).astype(np.float32).astype(np.float64)


def array(value):
    if isinstance(value, torch.Tensor):
        return value.detach().numpy()
    if isinstance(value, tf.IndexedSlices):
        value = tf.convert_to_tensor(value)
    return np.asarray(value)


class Record:
    def __init__(self, path):
        self.path, self.text = path, []

    def case(self, name, **options):
        self.text.append("case " + " ".join([name] + [f"{k}={v}" for k, v in options.items()]))

    def add(self, name, value):
        value = np.array(array(value), np.float32, ndmin=1)
        assert np.isfinite(value).all(), (self.text[-1][:80], name)
        words = [f"{v:.7g}".replace("0.", ".", 1) if 0 < abs(v) < 1 else f"{v:.7g}"
                 for v in value.ravel()]
        self.text.append(f"{name} {','.join(map(str, value.shape))} {' '.join(words)}")

    def write(self):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), self.path)
        with open(path, "w") as file:
            file.write(f"# written by record.py with PyTorch {torch.__version__}, "
                       f"Keras {keras.__version__}, TensorFlow {tf.__version__}\n")
            file.write("\n".join(self.text) + "\n")
        print(f"{self.path}: {os.path.getsize(path)} bytes")


def mask_of(batch, time, start, length):
    t = np.arange(time)
    if length is None:
        return np.ones((batch, time))
    return ((t >= start[:, None]) & (t < (start + length)[:, None])).astype(float)


# ---- recurrent layers ----

class Shape:
    """Sizes of a recurrent case, its data and its loss, the same for both frameworks."""

    def __init__(self, record, name, framework, cell, lengths, padding, layers, both,
                 sequences, state, size, options):
        self.units, self.batch, self.time, self.features = \
            {"small": (3, 3, 5, 4), "large": (17, 9, 11, 5)}[size]
        self.scale = {"small": 0.7, "large": 0.3}[size]
        self.directions = 2 if both else 1
        self.layers = layers
        self.length = None if lengths is None else np.array(lengths)
        self.start = None
        if lengths is not None:
            self.start = (self.time - self.length) * (padding == "pre")
        self.sequences, self.both = sequences, both
        self.mask = mask_of(self.batch, self.time, self.start, self.length)
        width = self.units * (2 if both == "concat" else 1)
        self.x = numbers((self.batch, self.time, self.features))
        self.target = numbers((self.batch, self.time, width) if sequences else (self.batch, width))
        self.h_0 = self.C_0 = self.dh_T = self.dC_T = None
        if state:
            states = (layers * self.directions, self.batch, self.units)
            self.h_0, self.dh_T = numbers(states, 0.8), numbers(states, 0.3)
            if cell == "lstm":
                self.C_0, self.dC_T = numbers(states, 0.8), numbers(states, 0.3)
        record.case(name, framework=framework, cell=cell, units=self.units, layers=layers,
                    both=both or "no", sequences=int(sequences), learning_rate=0.1,
                    momentum=0.9, **options)
        record.add("x", self.x)
        record.add("target", self.target)
        if lengths is not None:
            record.add("start", self.start)
            record.add("length", self.length)
        for key in ("h_0", "C_0", "dh_T", "dC_T"):
            if getattr(self, key) is not None:
                record.add(key if key[0] != "d" else "given_" + key, getattr(self, key))
        self.record = record

    def counted(self, y):
        """What of y counts: padded steps become zero."""
        return array(y) * self.mask[:, :, None] if self.sequences else y

    def mse(self, y, tensor, mean):
        """Mean over the outputs of the real steps."""
        e = (y - tensor(self.target)) ** 2
        part = mean(e * tensor(self.mask[:, :, None]) if self.sequences else e)
        return part * (self.mask.size / self.mask.sum()) if self.sequences else part


def record_torch(record, name, cell, lengths=None, layers=1, both="", sequences=False,
                 state=False, size="small", bias=True, reset="after_bias", activation="tanh"):
    options = {"bias": int(bias)}
    if cell == "gru":
        options["reset"] = reset
    if cell == "rnn":
        options["activation"] = activation
    s = Shape(record, "torch_" + name, "torch", cell, lengths, "post", layers, both,
              sequences, state, size, options)
    kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    extra = {"nonlinearity": activation} if cell == "rnn" else {}
    net = kind(s.features, s.units, layers, bias=bias, batch_first=True,
               bidirectional=bool(both), **extra)
    for key, p in net.named_parameters():
        with torch.no_grad():
            p.copy_(torch.from_numpy(numbers(tuple(p.shape), s.scale)))
            if reset == "after" and key.startswith("bias_hh"):
                p.zero_()  # without it PyTorch's cell has one bias, as MATLAB's
        record.add(key, p)
    x = torch.from_numpy(s.x).requires_grad_()
    initial = None
    if state:
        h_0 = torch.from_numpy(s.h_0).requires_grad_()
        initial = h_0
        if cell == "lstm":
            C_0 = torch.from_numpy(s.C_0).requires_grad_()
            initial = (h_0, C_0)

    def run():
        given = x
        if lengths is not None:
            given = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True,
                                         enforce_sorted=False)
        out, final = net(given, initial)
        if lengths is not None:
            out, _ = pad_packed_sequence(out, batch_first=True, total_length=s.time)
        h_T, C_T = final if cell == "lstm" else (final, None)
        if not sequences:
            out = torch.cat(list(h_T[-s.directions:]), -1)
        if both == "sum":
            out = out[..., :s.units] + out[..., s.units:]
        loss = s.mse(out, torch.from_numpy, torch.mean)
        outside = 0
        if state:
            outside = (h_T * torch.from_numpy(s.dh_T)).sum()
            if cell == "lstm":
                outside = outside + (C_T * torch.from_numpy(s.dC_T)).sum()
        return out, h_T, C_T, loss, loss + outside

    # Two biases that are always added would learn twice as fast as their sum.
    def one_bias(key):
        return key.startswith("bias_hh") and (cell != "gru" or reset == "after")
    trained = [p for key, p in net.named_parameters() if not one_bias(key)]
    descent = torch.optim.SGD(trained, lr=0.1, momentum=0.9)
    losses = []
    for step in range(STEPS):
        net.zero_grad()
        out, h_T, C_T, loss, total = run()
        total.backward()
        losses.append(loss.item())
        if step == 0:
            record.add("y", s.counted(out))
            record.add("h_T", h_T)
            if C_T is not None:
                record.add("C_T", C_T)
            record.add("d_x", x.grad)
            if state:
                record.add("d_h_0", h_0.grad)
                if cell == "lstm":
                    record.add("d_C_0", C_0.grad)
            for key, p in net.named_parameters():
                record.add("d_" + key, p.grad)
        descent.step()
    record.add("losses", losses)
    for key, p in net.named_parameters():
        if size == "small":
            record.add("after_" + key, p)


def keras_cell(cell, units, activation, reset, backwards, sequences):
    common = {"return_sequences": sequences, "return_state": True, "go_backwards": backwards}
    if cell == "lstm":
        return keras.layers.LSTM(units, **common)
    if cell == "gru":
        return keras.layers.GRU(units, reset_after=reset == "after_bias", **common)
    return keras.layers.SimpleRNN(units, activation=activation, **common)


def record_keras(record, name, cell, lengths=None, padding="post", layers=1, both="",
                 sequences=False, backwards=False, state=False, size="small",
                 reset="after_bias", activation="tanh"):
    options = {"backwards": int(backwards), "bias": 1}
    if cell == "gru":
        options["reset"] = reset
    if cell == "rnn":
        options["activation"] = activation
    s = Shape(record, "keras_" + name, "keras", cell, lengths, padding, layers, both,
              sequences, state, size, options)
    net = []
    for l in range(layers):
        one = keras_cell(cell, s.units, activation, reset, backwards, sequences or l + 1 < layers)
        net.append(keras.layers.Bidirectional(one, merge_mode=both) if both else one)
    x = tf.Variable(s.x)
    mask = None if lengths is None else tf.constant(s.mask > 0)
    states = []
    if state:
        h_0 = [tf.Variable(h) for h in s.h_0]
        C_0 = [tf.Variable(C) for C in s.C_0] if cell == "lstm" else []
        states = [v for pair in (zip(h_0, C_0) if C_0 else zip(h_0)) for v in pair]
        assert layers == 1

    def run():
        y, h_T, C_T = x, [], []
        for layer in net:
            y, *final = layer(y, mask=mask, initial_state=states or None)
            if backwards and (sequences or layer is not net[-1]):
                y = tf.reverse(y, [1])  # Keras leaves the steps in reversed order
            h_T += final[::2] if cell == "lstm" else final
            C_T += final[1::2] if cell == "lstm" else []
        loss = s.mse(y, tf.constant, tf.reduce_mean)
        outside = 0.0
        if state:
            outside = tf.reduce_sum(tf.stack(h_T) * s.dh_T)
            if cell == "lstm":
                outside += tf.reduce_sum(tf.stack(C_T) * s.dC_T)
        return y, h_T, C_T, loss, loss + outside

    run()  # makes the weights
    weights = {}
    for l, layer in enumerate(net):
        for suffix, one in ((("", layer.forward_layer), ("_reverse", layer.backward_layer))
                            if both else (("", layer),)):
            for key, w in zip(("kernel", "recurrent_kernel", "bias"), one.cell.trainable_variables):
                assert w.name == key
                w.assign(numbers(tuple(w.shape), s.scale))
                weights[f"{key}_l{l}{suffix}"] = w
                record.add(f"{key}_l{l}{suffix}", w)
    descent = keras.optimizers.SGD(learning_rate=0.1, momentum=0.9)
    losses = []
    for step in range(STEPS):
        with tf.GradientTape() as tape:
            y, h_T, C_T, loss, total = run()
        variables = [w.value for w in weights.values()]
        gradients = tape.gradient(total, variables + [x] + states)
        losses.append(float(loss))
        if step == 0:
            record.add("y", s.counted(y))
            record.add("h_T", tf.stack(h_T))
            if C_T:
                record.add("C_T", tf.stack(C_T))
            record.add("d_x", gradients[len(variables)])
            if state:
                of_states = gradients[len(variables) + 1:]
                record.add("d_h_0", tf.stack(of_states[::2] if C_T else of_states))
                if C_T:
                    record.add("d_C_0", tf.stack(of_states[1::2]))
            for key, g in zip(weights, gradients):
                record.add("d_" + key, g)
        descent.apply(gradients[:len(variables)], list(weights.values()))
    record.add("losses", losses)
    for key, w in weights.items():
        if size == "small":
            record.add("after_" + key, w)


def record_recurrent(record):
    ragged, large = [3, 5, 2], [11, 4, 1, 7, 11, 2, 9, 5, 3]
    cells = {"rnn_tanh": {"cell": "rnn"}, "rnn_relu": {"cell": "rnn", "activation": "relu"},
             "lstm": {"cell": "lstm"}, "gru": {"cell": "gru"}}
    for key, options in cells.items():
        def case(what, **more):
            record_torch(record, f"{key}_{what}", **options, **more)
        case("last")
        case("sequences_state", sequences=True, state=True)
        case("lengths_last", lengths=ragged)
        case("lengths_sequences_state", lengths=ragged, sequences=True, state=True)
        case("lengths_both_concat", lengths=ragged, both="concat", sequences=True)
        case("lengths_both_concat_last_state", lengths=ragged, both="concat", state=True)
        case("both_sum", both="sum", sequences=True)
        case("lengths_both_sum_last", lengths=ragged, both="sum")
        case("two_layers_state", layers=2, sequences=True, state=True)
        case("two_layers_lengths_both", layers=2, lengths=ragged, both="concat")
        case("no_bias", bias=False)
        if key != "rnn_relu":
            case("large", lengths=large, sequences=True, state=True, size="large")
    record_torch(record, "gru_reset_after", "gru", reset="after", lengths=ragged, sequences=True,
                 state=True)

    cells["gru_before"] = {"cell": "gru", "reset": "before"}
    for key, options in cells.items():
        def case(what, **more):
            record_keras(record, f"{key}_{what}", **options, **more)
        case("last")
        case("sequences_state", sequences=True, state=True)
        for padding in ("post", "pre"):
            case(f"{padding}_last", lengths=ragged, padding=padding)
            case(f"{padding}_sequences_state", lengths=ragged, padding=padding, sequences=True,
                 state=True)
            case(f"{padding}_backwards", lengths=ragged, padding=padding, sequences=True,
                 backwards=True)
        case("backwards_last_state", backwards=True, state=True)
        case("pre_both_concat_last_state", lengths=ragged, padding="pre", both="concat",
             state=True)
        case("post_both_sum", lengths=ragged, both="sum", sequences=True)
        case("two_layers_pre", lengths=ragged, padding="pre", layers=2)
        case("two_layers_both", layers=2, both="concat", sequences=True)
        case("empty_sequence", lengths=[5, 0, 3])
        if key == "gru_before":
            case("large", lengths=large, padding="pre", size="large", state=True)
    for activation in ("sigmoid", "linear"):
        record_keras(record, f"rnn_{activation}", "rnn", activation=activation, lengths=ragged,
                     padding="pre", sequences=True, state=True)


# ---- the other layers ----

def record_dense(record):
    """Keras' Dense on vectors and on masked sequences, from a given dL/dy."""
    for activation in ("linear", "tanh", "sigmoid", "relu", "softmax", "log_softmax"):
        for time in (0, 5):
            batch, features, units = 3, 4, 6
            lead = (batch, time) if time else (batch,)
            record.case(f"keras_dense_{activation}_{'sequences' if time else 'vectors'}",
                        framework="keras", layer="dense", activation=activation, units=units)
            x, dy = numbers(lead + (features,)), numbers(lead + (units,))
            dense = keras.layers.Dense(units, activation=activation)
            dense.build(x.shape)
            for w in dense.weights:
                w.assign(numbers(tuple(w.shape)))
            mask = np.ones(lead)
            if time:
                length = np.array([5, 2, 3])
                start = np.array([0, 3, 0])
                mask = mask_of(batch, time, start, length)
                record.add("start", start)
                record.add("length", length)
            x_ = tf.Variable(x)
            with tf.GradientTape() as tape:
                y = dense(x_) * mask[..., None]
                loss = tf.reduce_sum(y * dy)
            W, b = [w.value for w in dense.weights]
            dx, dW, db = tape.gradient(loss, [x_, W, b])
            for key, value in (("x", x), ("kernel", W), ("bias", b), ("y", y), ("given_d_y", dy),
                               ("d_x", dx), ("d_kernel", dW), ("d_bias", db)):
                record.add(key, value)


def record_pooling(record):
    """Mean with Keras' mask; Keras' maximum knows no mask, so that one is PyTorch's."""
    batch, time, features = 3, 5, 4
    for kind in ("mean", "max", "flatten"):
        for masked in (False, True):
            if kind == "flatten" and masked:
                continue
            framework = "torch" if kind == "max" and masked else "keras"
            record.case(f"{framework}_{kind}{'_masked' if masked else ''}", framework=framework,
                        layer=kind, time=time)
            x = rng.permutation(batch * time * features).reshape(batch, time, features) / 8 - 3
            width = features * (time if kind == "flatten" else 1)
            dy = numbers((batch, width))
            start, length = np.array([0, 2, 0]), np.array([5, 3, 1])
            mask = mask_of(batch, time, start, length) if masked else np.ones((batch, time))
            if masked:
                record.add("start", start)
                record.add("length", length)
            if framework == "torch":
                x_ = torch.from_numpy(x).requires_grad_()
                y = x_.masked_fill(torch.from_numpy(mask[..., None] == 0), -torch.inf).max(1).values
                (y * torch.from_numpy(dy)).sum().backward()
                dx = x_.grad
            else:
                layer = {"mean": keras.layers.GlobalAveragePooling1D,
                         "max": keras.layers.GlobalMaxPooling1D,
                         "flatten": keras.layers.Flatten}[kind]()
                x_ = tf.Variable(x)
                with tf.GradientTape() as tape:
                    y = layer(x_, mask=mask > 0) if masked else layer(tf.convert_to_tensor(x_))
                    loss = tf.reduce_sum(y * dy)
                dx = tape.gradient(loss, x_)
            for key, value in (("x", x), ("y", y), ("given_d_y", dy), ("d_x", dx)):
                record.add(key, value)


def record_residual(record):
    """Dense(tanh) with a skip connection, [x + f(x), f(x)] side by side, then the mean."""
    record.case("torch_residual", framework="torch", layer="residual")
    x, W, b, dy = numbers((3, 5, 4)), numbers((4, 4)), numbers(4), numbers((3, 8))
    x_, W_, b_ = (torch.from_numpy(v).requires_grad_() for v in (x, W, b))
    f = torch.tanh(x_ @ W_ + b_)
    y = torch.cat([x_ + f, f], -1).mean(1)
    (y * torch.from_numpy(dy)).sum().backward()
    for key, value in (("x", x), ("kernel", W), ("bias", b), ("y", y), ("given_d_y", dy),
                       ("d_x", x_.grad), ("d_kernel", W_.grad), ("d_bias", b_.grad)):
        record.add(key, value)


def words(batches, batch, time, vocabulary, padding):
    x = np.zeros((batches, batch, time), int)
    for k in range(batches):
        for b in range(batch):
            n = rng.integers(1, time + 1)
            at = slice(0, n) if padding == "post" else slice(time - n, time)
            x[k, b, at] = rng.integers(1, vocabulary, n)
    return x


def record_text(record):
    """Embedding, LSTM, Dense(softmax): five batches, the global norm clipped. Most words
    are not in every batch, so rows of the table move by momentum or decay alone."""
    batch, time, vocabulary, features, units, classes = 4, 6, 12, 3, 5, 4
    rate, clip = 0.02, 0.4

    def start(framework, padding, **options):
        record.case(f"{framework}_text_{padding}_{'mask' if options['mask_zero'] else 'no_mask'}"
                    f"_{options['kind']}",
                    framework=framework, layer="text", cell="lstm", vocabulary=vocabulary,
                    features=features, units=units, classes=classes, learning_rate=rate, clip=clip, **options)
        x = words(STEPS, batch, time, vocabulary, padding)
        y = rng.integers(0, classes, (STEPS, batch))
        record.add("words", x)
        record.add("labels", y)
        return x, y

    k = keras.optimizers
    optimizers = {"adam": k.Adam, "sgd": k.SGD, "rmsprop": k.RMSprop, "adamw": k.AdamW,
                  "adagrad": k.Adagrad}
    for padding, mask_zero, kind, options in (
            ("pre", True, "adam", {}), ("post", True, "adam", {}), ("post", False, "adam", {}),
            ("pre", True, "sgd", {"momentum": 0.9}),
            ("pre", True, "rmsprop", {"momentum": 0.5, "weight_decay": 0.1}),
            ("pre", True, "adamw", {"weight_decay": 0.1}), ("pre", True, "adagrad", {})):
        x, y = start("keras", padding, mask_zero=int(mask_zero), kind=kind, **options)
        net = keras.Sequential([
            keras.Input((time,), dtype="int32"),
            keras.layers.Embedding(vocabulary, features, mask_zero=mask_zero),
            keras.layers.LSTM(units), keras.layers.Dense(classes, activation="softmax")])
        names = ("table", "kernel_l0", "recurrent_kernel_l0", "bias_l0", "kernel", "bias")
        for key, w in zip(names, net.trainable_variables):
            w.assign(numbers(tuple(w.shape)))
            record.add(key, w)
        net.compile(optimizers[kind](rate, global_clipnorm=clip, **options),
                    keras.losses.SparseCategoricalCrossentropy(from_logits=False), run_eagerly=True)
        with tf.GradientTape() as tape:
            loss = net.loss(y[0], net(x[0], training=True))
        gradients = tape.gradient(loss, [w.value for w in net.trainable_variables])
        for key, g in zip(names, gradients):
            record.add("d_" + key, g)
        losses = []
        for i in range(STEPS):
            with tf.GradientTape() as tape:
                loss = net.loss(y[i], net(x[i], training=True))
            gradients = tape.gradient(loss, [w.value for w in net.trainable_variables])
            # The table's gradient is one row per word of the batch. Summed by row before
            # its norm is taken: else a word that comes twice counts otherwise.
            net.optimizer.apply([tf.convert_to_tensor(g) for g in gradients],
                                net.trainable_variables)
            losses.append(float(loss))
        record.add("losses", losses)
        for key, w in zip(names, net.trainable_variables):
            record.add("after_" + key, w)

    x, y = start("torch", "post", mask_zero=1, kind="adam", epsilon=1e-8)
    table = torch.nn.Embedding(vocabulary, features, padding_idx=0)
    lstm = torch.nn.LSTM(features, units, batch_first=True)
    head = torch.nn.Linear(units, classes)
    named = {"table": table.weight, **{k: p for k, p in lstm.named_parameters()},
             "head_weight": head.weight, "head_bias": head.bias}
    with torch.no_grad():
        for key, p in named.items():
            p.copy_(torch.from_numpy(numbers(tuple(p.shape))))
            if key == "bias_hh_l0":
                p.zero_()
            record.add(key, p)
    lstm.bias_hh_l0.requires_grad_(False)
    trained = [p for p in named.values() if p.requires_grad]
    adam = torch.optim.Adam(trained, lr=rate)
    losses = []
    for k in range(STEPS):
        adam.zero_grad()
        lengths = torch.from_numpy((x[k] != 0).sum(1))
        packed = pack_padded_sequence(table(torch.from_numpy(x[k])), lengths, batch_first=True,
                                      enforce_sorted=False)
        _, (h_T, _) = lstm(packed)
        loss = F.cross_entropy(head(h_T[0]), torch.from_numpy(y[k]))
        loss.backward()
        losses.append(loss.item())
        if k == 0:
            for key, p in named.items():
                record.add("d_" + key, torch.zeros_like(p) if p.grad is None else p.grad)
        torch.nn.utils.clip_grad_norm_(trained, clip)
        adam.step()
    record.add("losses", losses)
    for key, p in named.items():
        record.add("after_" + key, p)


def record_dropout(record):
    """The values that Keras' dropouts of ones can take; which are dropped is chance. A
    linear recurrent layer with identity weights shows one mask for all five steps."""
    time, units = 5, 40
    ones = np.ones((20, time, units))
    for rate in (0.2, 0.5):
        def values(y):
            return np.unique(np.round(array(y), 9))
        linear = {"activation": "linear", "kernel_initializer": "identity",
                  "recurrent_initializer": "identity"}
        record.case(f"keras_dropout_{rate}", framework="keras", layer="dropout", rate=rate,
                    time=time)
        record.add("dropout", values(keras.layers.Dropout(rate)(ones, training=True)))
        record.add("evaluation", values(keras.layers.Dropout(rate)(ones, training=False)))
        layer = keras.layers.SimpleRNN(units, dropout=rate, **linear)
        record.add("input_dropout", values(layer(ones, training=True)))
        layer = keras.layers.SimpleRNN(units, recurrent_dropout=rate, **linear)
        start = np.ones((20, units))
        record.add("recurrent_dropout", values(layer(0 * ones, initial_state=start, training=True)))


# ---- losses ----

TORCH_KINDS = {
    "categorical": lambda z, t, w: F.cross_entropy(z, t, weight=w, reduction="none"),
    "binary": lambda z, t, w: F.binary_cross_entropy_with_logits(z, t, weight=w, reduction="none"),
    "mse": lambda z, t, w: F.mse_loss(z, t, reduction="none") * (1 if w is None else w),
    "mae": lambda z, t, w: F.l1_loss(z, t, reduction="none") * (1 if w is None else w)}


def loss_data(kind, form, lead, outputs):
    z = numbers(lead + (outputs,), 3)
    if form == "sparse":
        return z, rng.integers(0, 2 if kind == "binary" else outputs, lead)
    if kind == "categorical":
        t = rng.uniform(0, 1, lead + (outputs,)) ** 3
        t = (t / t.sum(-1, keepdims=True)).round(2)
        t[..., 0] += 1 - t.sum(-1)
        return z, t.astype(np.float32).astype(np.float64)
    if kind == "binary":
        t = rng.integers(0, 2, lead + (outputs,)).astype(float)
        t.ravel()[::4] = 0.25  # soft labels too
        return z, t
    return z, numbers(lead + (outputs,), 3)


def record_torch_losses(record):
    """Reductions over steps and samples, by hand from PyTorch's losses of single cells."""
    batch, time, outputs = 4, 5, 3
    start, length = np.array([0, 2, 0, 1]), np.array([5, 3, 1, 2])
    reductions = [("mean", "mean"), ("sum", "mean"), ("mean", "sum"), ("sum", "sum")]
    for kind, form in (("categorical", "sparse"), ("categorical", "dense"), ("binary", "dense"),
                       ("mse", "dense"), ("mae", "dense")):
        for steps, samples in reductions:
            for over_outputs in ("mean", "sum"):
                if kind == "categorical" and over_outputs == "sum":
                    continue
                for weighted in (0, 1):
                    record.case(f"torch_{kind}_{form}_outputs_{over_outputs}_steps_{steps}_"
                                f"samples_{samples}{'_weighted' if weighted else ''}",
                                framework="torch", kind=kind, form=form, outputs=outputs,
                                over_outputs=over_outputs, over_steps=steps, over_samples=samples)
                    z, t = loss_data(kind, form, (batch, time), outputs)
                    record.add("z", z)
                    record.add("t", t)
                    record.add("start", start)
                    record.add("length", length)
                    cell_weight, w = np.ones((batch, 1)), None
                    if weighted:
                        sample_weight = np.array([0.5, 2, 0, 1.25])
                        class_weight = rng.uniform(0.5, 2, outputs).round(2)
                        class_weight = class_weight.astype(np.float32).astype(np.float64)
                        record.add("sample_weight", sample_weight)
                        record.add("class_weight", class_weight)
                        cell_weight, w = sample_weight[:, None], torch.from_numpy(class_weight)
                    z_ = torch.from_numpy(z).requires_grad_()
                    flat = torch.from_numpy(t.reshape((-1,) + t.shape[2:]))
                    l = TORCH_KINDS[kind](z_.reshape(-1, outputs), flat, w)
                    if kind != "categorical":
                        l = l.mean(-1) if over_outputs == "mean" else l.sum(-1)
                    mask = mask_of(batch, time, start, length)
                    l = l.reshape(batch, time) * torch.from_numpy(mask * cell_weight)
                    if samples == "mean":
                        loss = l.sum() / (mask.sum() if steps == "mean" else batch)
                    else:
                        n = torch.from_numpy(length) if steps == "mean" else torch.ones(batch)
                        loss = (l.sum(1) / n).sum()
                    loss.backward()
                    record.add("loss", loss)
                    record.add("d_z", z_.grad)
    # PyTorch's own reductions, called directly: the default, and class weights.
    for kind in ("categorical", "binary", "mse", "mae"):
        for reduction in ("mean", "sum"):
            options = {"over_outputs": reduction, "over_steps": reduction,
                       "over_samples": reduction}
            record.case(f"torch_{kind}_plain_{reduction}", framework="torch", kind=kind,
                        form="dense", outputs=outputs, **options)
            z, t = loss_data(kind, "dense", (batch,), outputs)
            z_, t_ = torch.from_numpy(z).requires_grad_(), torch.from_numpy(t)
            call = {"categorical": F.cross_entropy, "mse": F.mse_loss, "mae": F.l1_loss,
                    "binary": F.binary_cross_entropy_with_logits}[kind]
            loss = call(z_, t_, reduction=reduction)
            loss.backward()
            for key, value in (("z", z), ("t", t), ("loss", loss), ("d_z", z_.grad)):
                record.add(key, value)
    for activation in ("linear", "log_softmax"):
        record.case(f"torch_class_weights_{activation}", framework="torch", kind="categorical",
                    form="sparse", outputs=outputs, activation=activation, divide_by_weights=1)
        z, t = loss_data("categorical", "sparse", (batch,), outputs)
        class_weight = np.array([0.5, 2, 0.25])
        z_ = torch.from_numpy(z).requires_grad_()
        w = torch.from_numpy(class_weight)
        if activation == "linear":
            loss = F.cross_entropy(z_, torch.from_numpy(t), weight=w)
        else:
            loss = F.nll_loss(F.log_softmax(z_, -1), torch.from_numpy(t), weight=w)
        loss.backward()
        for key, value in (("z", z), ("t", t), ("class_weight", class_weight), ("loss", loss),
                           ("d_z", z_.grad)):
            record.add(key, value)
    # Logits far out: nothing overflows, nothing is lost.
    record.case("torch_categorical_far", framework="torch", kind="categorical", form="sparse",
                outputs=3)
    z = np.array([[0, 92, -50], [1000, 0, -1000], [-88, -88, -87.5]])
    t = np.array([0, 1, 2])
    z_ = torch.from_numpy(z).requires_grad_()
    loss = F.cross_entropy(z_, torch.from_numpy(t))
    loss.backward()
    for key, value in (("z", z), ("t", t), ("loss", loss), ("d_z", z_.grad)):
        record.add(key, value)
    record.case("torch_binary_far", framework="torch", kind="binary", form="dense", outputs=3)
    z, t = np.array([[92, -92, 3], [1000, -1000, 0]]), np.array([[0, 1, 1], [1, 0, 0.]])
    z_ = torch.from_numpy(z * 1.0).requires_grad_()
    loss = F.binary_cross_entropy_with_logits(z_, torch.from_numpy(t))
    loss.backward()
    for key, value in (("z", z), ("t", t), ("loss", loss), ("d_z", z_.grad)):
        record.add(key, value)


def record_keras_losses(record):
    """Keras' loss objects, with its masks and sample weights."""
    batch, time, outputs = 4, 5, 3
    start, length = np.array([0, 2, 0, 1]), np.array([5, 3, 1, 2])
    losses = keras.losses
    kinds = [("categorical", "sparse", "linear", losses.SparseCategoricalCrossentropy),
             ("categorical", "sparse", "softmax", losses.SparseCategoricalCrossentropy),
             ("categorical", "dense", "linear", losses.CategoricalCrossentropy),
             ("categorical", "dense", "softmax", losses.CategoricalCrossentropy),
             ("binary", "dense", "linear", losses.BinaryCrossentropy),
             ("binary", "dense", "sigmoid", losses.BinaryCrossentropy),
             ("mse", "dense", "tanh", losses.MeanSquaredError),
             ("mae", "dense", "linear", losses.MeanAbsoluteError)]
    for kind, form, activation, make in kinds:
        # Keras' sum is over steps and samples; over the outputs it is always a mean.
        for reduction, masked, weighted, fused in itertools.product(
                ("sum_over_batch_size", "sum"), (0, 1), (0, 1), (0, 1)):
            over = "sum" if reduction == "sum" else "mean"
            is_probability = activation in ("softmax", "sigmoid")
            if fused and (not is_probability or masked):
                continue
            probabilities = int(is_probability and not fused)
            record.case(f"keras_{kind}_{form}_{activation}{'_fused' if fused else ''}_{over}"
                        f"{'_masked' if masked else ''}{'_weighted' if weighted else ''}",
                        framework="keras", kind=kind, form=form, outputs=outputs,
                        activation=activation, over_steps=over, over_samples=over,
                        probabilities=probabilities)
            z, t = loss_data(kind, form, (batch, time), outputs)
            if is_probability and not weighted:
                z[0, 0, :] = [60, -60, 0]  # some are clamped
                if form == "sparse":
                    t[0, 0] = 1
            options = {"reduction": reduction}
            if kind in ("categorical", "binary"):
                options["from_logits"] = not is_probability
            loss_of = make(**options)
            z_ = tf.Variable(z)
            w = np.array([0.5, 2, 0, 1.25])
            mask = mask_of(batch, time, start, length)
            with tf.GradientTape() as tape:
                y = keras.activations.get(activation)(tf.convert_to_tensor(z_))
                if not fused:  # Keras finds the logits of its own activations
                    y = tf.identity(y)
                if masked:
                    y._keras_mask = tf.constant(mask > 0)
                loss = loss_of(t, y, sample_weight=w[:, None] * np.ones((1, time))
                               if weighted else None)
            record.add("z", z)
            record.add("t", t)
            if masked:
                record.add("start", start)
                record.add("length", length)
            if weighted:
                record.add("sample_weight", w)
            record.add("loss", loss)
            record.add("d_z", tape.gradient(loss, z_))
    # class_weight of fit. The logits are a table that one step of SGD with rate 1 moves by
    # their gradient.
    for kind, form, outputs, make in (
            ("categorical", "sparse", 5, losses.SparseCategoricalCrossentropy),
            ("binary", "sparse", 1, losses.BinaryCrossentropy)):
        record.case(f"keras_class_weight_{kind}", framework="keras", kind=kind, form=form,
                    outputs=outputs)
        count = 7
        z, t = loss_data(kind, form, (count,), outputs)
        class_weight = np.array([0.5, 2, 1, 0.25, 3])[:max(outputs, 2)]
        net = keras.Sequential([keras.Input((), dtype="int32"),
                                keras.layers.Embedding(count, outputs)])
        net.layers[0].set_weights([z])
        net.compile(keras.optimizers.SGD(1.0), make(from_logits=True), run_eagerly=True)
        loss = net.train_on_batch(np.arange(count), t.reshape(count, -1) if kind == "binary" else t,
                                  class_weight=dict(enumerate(class_weight)))
        record.add("z", z)
        record.add("t", t)
        record.add("class_weight", class_weight)
        record.add("loss", loss)
        record.add("d_z", z - net.layers[0].get_weights()[0])


# ---- optimisers, schedules, clips ----

def quadratic(framework, name, step_maker, record, **options):
    """Five steps down L = sum c/2 (w - t)^2 for a matrix and a bias."""
    record.case(f"{framework}_{name}", framework=framework, **options)
    start = {"W": numbers((3, 4)), "b": numbers(4)}
    c = {k: np.abs(numbers(v.shape)) + 0.5 for k, v in start.items()}
    t = {k: numbers(v.shape) for k, v in start.items()}
    for k in start:
        c[k] = c[k].astype(np.float32).astype(np.float64)
        record.add(k, start[k])
        record.add("c_" + k, c[k])
        record.add("t_" + k, t[k])
    step, now = step_maker(start)
    path = {k: [] for k in start}
    for _ in range(STEPS):
        step({k: c[k] * (now()[k] - t[k]) for k in start})
        for k in start:
            path[k].append(now()[k].copy())
    for k in start:
        record.add("path_" + k, np.array(path[k]))


def with_torch(make):
    def maker(start):
        parameters = {k: torch.nn.Parameter(torch.from_numpy(v.copy())) for k, v in start.items()}
        optimizer = make(list(parameters.values()))

        def step(gradients):
            for k, g in gradients.items():
                parameters[k].grad = torch.from_numpy(g)
            optimizer.step()
        return step, lambda: {k: array(p) for k, p in parameters.items()}
    return maker


def with_keras(make, l2=0.0):
    def maker(start):
        parameters = {k: keras.Variable(v) for k, v in start.items()}
        optimizer = make()

        def step(gradients):
            given = [tf.constant(g + l2 * array(parameters[k])) for k, g in gradients.items()]
            optimizer.apply(given, list(parameters.values()))
        return step, lambda: {k: array(p) for k, p in parameters.items()}
    return maker


def record_optimizers(record):
    o, k = torch.optim, keras.optimizers

    def t(name, make, **options):
        quadratic("torch", name, with_torch(make), record, **options)

    def q(name, make, l2=0.0, **options):
        if l2:
            options["l2"] = l2
        quadratic("keras", name, with_keras(make, l2), record, **options)

    t("sgd", lambda p: o.SGD(p, lr=0.1), kind="sgd", learning_rate=0.1)
    t("momentum", lambda p: o.SGD(p, lr=0.1, momentum=0.9), kind="sgd", learning_rate=0.1,
      momentum=0.9)
    t("nesterov", lambda p: o.SGD(p, lr=0.1, momentum=0.8, nesterov=True), kind="sgd",
      learning_rate=0.1, momentum=0.8, nesterov=1)
    t("sgd_weight_decay", lambda p: o.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.2), kind="sgd",
      learning_rate=0.1, momentum=0.9, l2=0.2)
    t("rmsprop", lambda p: o.RMSprop(p, lr=0.05), kind="rmsprop", learning_rate=0.05, rho=0.99,
      epsilon=1e-8)
    t("rmsprop_momentum", lambda p: o.RMSprop(p, lr=0.02, alpha=0.9, momentum=0.5, eps=0.01,
                                              weight_decay=0.1),
      kind="rmsprop", learning_rate=0.02, rho=0.9, momentum=0.5, epsilon=0.01, l2=0.1)
    t("adam", lambda p: o.Adam(p, lr=0.1), kind="adam", learning_rate=0.1, epsilon=1e-8)
    t("adam_betas", lambda p: o.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=0.05, weight_decay=0.1),
      kind="adam", learning_rate=0.1, beta1=0.8, beta2=0.95, epsilon=0.05, l2=0.1)
    t("adam_no_betas", lambda p: o.Adam(p, lr=0.1, betas=(0.0, 0.0), eps=0.5), kind="adam",
      learning_rate=0.1, beta1=0, beta2=0, epsilon=0.5)
    t("adamw", lambda p: o.AdamW(p, lr=0.1, weight_decay=0.3), kind="adamw", learning_rate=0.1,
      weight_decay=0.3, epsilon=1e-8)
    t("adagrad", lambda p: o.Adagrad(p, lr=0.2), kind="adagrad", learning_rate=0.2, epsilon=1e-10,
      initial_accumulator=0)
    t("adagrad_epsilon", lambda p: o.Adagrad(p, lr=0.2, eps=0.1, initial_accumulator_value=0.3),
      kind="adagrad", learning_rate=0.2, epsilon=0.1, initial_accumulator=0.3)

    q("sgd", lambda: k.SGD(0.1), kind="sgd", learning_rate=0.1)
    q("sgd_defaults", lambda: k.SGD(), kind="sgd")
    q("momentum", lambda: k.SGD(0.1, momentum=0.9), kind="sgd", learning_rate=0.1, momentum=0.9)
    q("nesterov", lambda: k.SGD(0.1, momentum=0.8, nesterov=True), kind="sgd", learning_rate=0.1,
      momentum=0.8, nesterov=1)
    q("momentum_weight_decay", lambda: k.SGD(0.1, momentum=0.9, weight_decay=0.2), kind="sgd",
      learning_rate=0.1, momentum=0.9, weight_decay=0.2)
    q("momentum_l2", lambda: k.SGD(0.1, momentum=0.9), l2=0.2, kind="sgd", learning_rate=0.1,
      momentum=0.9)
    q("momentum_schedule", lambda: k.SGD(k.schedules.ExponentialDecay(0.2, 2, 0.5), momentum=0.9),
      kind="sgd", learning_rate=0.2, momentum=0.9, schedule="exponential", steps=2, decay=0.5)
    q("rmsprop_defaults", lambda: k.RMSprop(), kind="rmsprop")
    q("rmsprop", lambda: k.RMSprop(0.05, rho=0.8), kind="rmsprop", learning_rate=0.05, rho=0.8)
    q("rmsprop_momentum", lambda: k.RMSprop(0.02, momentum=0.5, epsilon=0.01, weight_decay=0.1),
      kind="rmsprop", learning_rate=0.02, momentum=0.5, epsilon=0.01, weight_decay=0.1)
    q("adam_defaults", lambda: k.Adam(), kind="adam")
    q("adam", lambda: k.Adam(0.1), kind="adam", learning_rate=0.1)
    q("adam_betas", lambda: k.Adam(0.1, 0.8, 0.95, epsilon=0.05), kind="adam", learning_rate=0.1,
      beta1=0.8, beta2=0.95, epsilon=0.05)
    q("adam_weight_decay", lambda: k.Adam(0.1, weight_decay=0.1), kind="adam", learning_rate=0.1,
      weight_decay=0.1)
    q("adamw_defaults", lambda: k.AdamW(), kind="adamw")
    q("adamw", lambda: k.AdamW(0.1, weight_decay=0.3), kind="adamw", learning_rate=0.1,
      weight_decay=0.3)
    q("adagrad_defaults", lambda: k.Adagrad(), kind="adagrad")
    q("adagrad", lambda: k.Adagrad(0.2, initial_accumulator_value=0.3, epsilon=0.05),
      kind="adagrad", learning_rate=0.2, initial_accumulator=0.3, epsilon=0.05)


def record_schedules(record):
    s, n, eta = keras.optimizers.schedules, 25, 0.2

    def keras_rates(name, rate, **options):
        record.case(f"keras_schedule_{name}", framework="keras", learning_rate=eta, **options)
        record.add("rates", [float(rate(k)) for k in range(n)])
    keras_rates("exponential", s.ExponentialDecay(eta, 7, 0.5), schedule="exponential", steps=7,
                decay=0.5)
    keras_rates("exponential_default", s.ExponentialDecay(eta, 7, 0.96), schedule="exponential",
                steps=7)
    keras_rates("step", s.ExponentialDecay(eta, 7, 0.5, staircase=True), schedule="step", steps=7,
                decay=0.5)
    keras_rates("inverse_time", s.InverseTimeDecay(eta, 7, 0.5), schedule="inverse_time", steps=7,
                decay=0.5)
    keras_rates("inverse_time_default", s.InverseTimeDecay(eta, 7, 1.0), schedule="inverse_time",
                steps=7)
    keras_rates("cosine", s.CosineDecay(eta, 16), schedule="cosine", steps=16)
    keras_rates("cosine_minimum", s.CosineDecay(eta, 16, alpha=0.1), schedule="cosine", steps=16,
                minimum=0.02)

    def torch_rates(name, make, **options):
        record.case(f"torch_schedule_{name}", framework="torch", learning_rate=eta, **options)
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=eta)
        schedule, rates = make(optimizer), []
        for _ in range(n):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        record.add("rates", rates)
    l = torch.optim.lr_scheduler
    torch_rates("step", lambda o: l.StepLR(o, 7), schedule="step", steps=7)
    torch_rates("exponential", lambda o: l.ExponentialLR(o, 0.9), schedule="exponential", steps=1,
                decay=0.9)
    torch_rates("warm_up_cosine", lambda o: l.SequentialLR(o, [
        l.LinearLR(o, start_factor=1 / 5, total_iters=4), l.CosineAnnealingLR(o, n, 0.01)],
        milestones=[5]), schedule="cosine", steps=n, minimum=0.01, warm_up=5)
    torch_rates("warm_up_constant", lambda o: l.LinearLR(o, start_factor=1 / 5, total_iters=4),
                schedule="constant", warm_up=5)


def record_clips(record):
    utils = torch.nn.utils
    for factor in (0.1, 1.0, 10.0):
        shapes = {"W": (3, 4), "b": (4,), "V": (4, 2), "c": (2,)}
        g = {k: np.float64(np.float32((numbers(v) * factor).round(3))) for k, v in shapes.items()}

        def case(name, framework, how, threshold, clipped, norm):
            record.case(f"{framework}_{name}_{factor:g}", framework=framework, how=how,
                        threshold=threshold)
            for k in g:
                record.add(k, g[k])
                record.add("clipped_" + k, clipped[k])
            if norm is not None:
                record.add("norm", norm)

        def with_torch_call(call):
            p = {k: torch.nn.Parameter(torch.zeros(v)) for k, v in shapes.items()}
            for k in p:
                p[k].grad = torch.from_numpy(g[k].copy())
            norm = call(list(p.values()))
            return {k: array(v.grad) for k, v in p.items()}, norm

        case("clip_grad_norm", "torch", "global_norm", 1.5,
             *with_torch_call(lambda p: utils.clip_grad_norm_(p, 1.5)))
        case("clip_grad_norm_each", "torch", "norm", 1.0,
             *with_torch_call(lambda p: max(utils.clip_grad_norm_([v], 1.0) for v in p)))
        case("clip_grad_value", "torch", "value", 0.25,
             with_torch_call(lambda p: utils.clip_grad_value_(p, 0.25))[0], None)
        for how, key, threshold in (("global_norm", "global_clipnorm", 1.5),
                                    ("norm", "clipnorm", 1.0), ("value", "clipvalue", 0.25)):
            # With rate 1 a step from zero is the clipped gradient.
            w = {k: keras.Variable(np.zeros(v)) for k, v in shapes.items()}
            keras.optimizers.SGD(1.0, **{key: threshold}).apply(
                [tf.constant(v) for v in g.values()], list(w.values()))
            case(key, "keras", how, threshold, {k: -array(v) for k, v in w.items()}, None)


if __name__ == "__main__":
    parts = {"layers": [record_recurrent, record_dense, record_pooling, record_residual,
                        record_text, record_dropout],
             "losses": [record_torch_losses, record_keras_losses],
             "optimizers": [record_optimizers, record_schedules, record_clips]}
    for part in sys.argv[1:] or parts:
        rng = np.random.default_rng(56)
        keras.utils.set_random_seed(1)
        record = Record(part + ".txt")
        for write in parts[part]:
            write(record)
        record.write()
