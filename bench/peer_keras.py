"""Training steps of Keras: peer_keras.py WORKLOAD THREADS DATA_FILE (see stopwatch.py)

train_on_batch of a compiled model, with the recurrent dropout of the recipe.
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import tensorflow  # noqa: E402  (after the log level)
import keras  # noqa: E402
from keras import layers  # noqa: E402

from stopwatch import serve  # noqa: E402
from workloads import WORKLOADS, read_batches  # noqa: E402


def network(name, w):
    if name == "numbers_lstm4":
        return [layers.LSTM(4), layers.Dense(1)]
    table = layers.Embedding(w.vocabulary, 100)
    if name == "bbc_rnn50":
        return [table, layers.SimpleRNN(50, recurrent_dropout=0.2), layers.Dense(w.classes)]
    if name == "news_lstm64":
        return [table, layers.LSTM(64), layers.Dropout(0.2), layers.Dense(32, "relu"),
                layers.Dropout(0.2), layers.Dense(w.classes)]
    if name == "news_stack":
        return [table, layers.LSTM(32, recurrent_dropout=0.4, return_sequences=True),
                layers.LSTM(64, recurrent_dropout=0.1), layers.Dense(32, "relu"),
                layers.Dense(w.classes)]
    if name == "news_dense":
        return [table, layers.Flatten(), layers.Dense(32, "relu"), layers.Dense(w.classes)]
    sys.exit(f"peer_keras.py: no workload {name}")


def main():
    name, threads, path = sys.argv[1:]
    tensorflow.config.threading.set_intra_op_parallelism_threads(int(threads))
    tensorflow.config.threading.set_inter_op_parallelism_threads(int(threads))
    keras.utils.set_random_seed(1)
    workload = WORKLOADS[name]
    model = keras.Sequential(network(name, workload))
    loss = (keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            if workload.vocabulary else "mae")
    model.compile(optimizer=keras.optimizers.Adam(1e-3, global_clipnorm=1.0), loss=loss)
    serve(lambda x, y: float(model.train_on_batch(x, y)), read_batches(workload, path))


main()
