"""Steps of Keras: peer_keras.py WORKLOAD THREADS DATA_FILE (see stopwatch.py)

train_on_batch of a compiled model, with the recurrent dropout of the recipe.
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy  # noqa: E402
import tensorflow  # noqa: E402  (after the log level)
import keras  # noqa: E402
from keras import layers  # noqa: E402

from stopwatch import resident, serve  # noqa: E402
from workloads import WORKLOADS, read_batches  # noqa: E402


def network(name, w):
    if name == "numbers_lstm4":
        return [layers.LSTM(w.units), layers.Dense(1)]
    if name == "char_lstm512x2":
        return [layers.LSTM(w.units, return_sequences=True), layers.LSTM(w.units, return_sequences=True),
                layers.Dense(w.classes)]
    table = layers.Embedding(w.vocabulary, w.features)
    if name == "bbc_rnn50":
        return [table, layers.SimpleRNN(w.units, recurrent_dropout=0.2), layers.Dense(w.classes)]
    if name == "news_lstm64":
        return [table, layers.LSTM(w.units), layers.Dropout(0.2), layers.Dense(32, "relu"),
                layers.Dropout(0.2), layers.Dense(w.classes)]
    if name == "news_stack":
        return [table, layers.LSTM(w.units // 2, recurrent_dropout=0.4, return_sequences=True),
                layers.LSTM(w.units, recurrent_dropout=0.1), layers.Dense(32, "relu"),
                layers.Dense(w.classes)]
    if name == "news_dense":
        return [table, layers.Flatten(), layers.Dense(32, "relu"), layers.Dense(w.classes)]
    if name == "arxiv_gru250":
        return [table, layers.GRU(w.units, return_sequences=True), layers.GlobalMaxPooling1D(),
                layers.Dense(w.classes)]
    sys.exit(f"peer_keras.py: no workload {name}")


def loss_function(name):
    if name == "numbers_lstm4":
        return "mae"
    if name == "arxiv_gru250":
        return keras.losses.BinaryCrossentropy(from_logits=True)
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def main():
    name, threads, path = sys.argv[1:]
    tensorflow.config.threading.set_intra_op_parallelism_threads(int(threads))
    tensorflow.config.threading.set_inter_op_parallelism_threads(int(threads))
    keras.utils.set_random_seed(1)
    workload = WORKLOADS[name]
    batches = [(x, y) for (x,), y in read_batches(name, workload, path)]
    if name == "char_lstm512x2":  # one-hot rows beforehand: their making is not measured
        one_hot = numpy.eye(workload.vocabulary, dtype="float32")
        batches = [(one_hot[x], y) for x, y in batches]
    before = resident()
    model = keras.Sequential(network(name, workload))
    model.compile(optimizer=keras.optimizers.Adam(1e-3, global_clipnorm=1.0), loss=loss_function(name))
    model.build(batches[0][0].shape)
    serve(lambda x, y: float(model.train_on_batch(x, y)), batches, model.count_params(), before)


main()
