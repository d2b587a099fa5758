#!/usr/bin/env python3
"""Example 13 in Keras: two bags of words and a vanilla RNN on the IMDB reviews.

    THREADS=1 python3 bench/twins/sentiment.py --data datasets/cache --seeds 0-2

The same words, numbers, last 200 words, mask, layers, initial distributions, optimiser,
clipping, batches and epochs as examples/13_sentiment_word_order.c; a tenth of the training
reviews, drawn by the seed, chooses the epoch.
"""
import argparse
from pathlib import Path

import protocol
from protocol import KERAS_FILTERS, Stopwatch, Texts, keras_with, mean_and_sd, padded, say

import numpy as np

WORDS, LONGEST, FEATURES, UNITS = 10000, 200, 16, 32
KINDS = ["bag of words", "bag + layer", "vanilla RNN"]


def reviews(folder, part):
    documents = []
    for kind in ("neg", "pos"):
        for path in (folder / "aclImdb" / part / kind).iterdir():
            words = KERAS_FILTERS.sub(" ", path.read_text("utf-8").lower()).split()
            documents.append((f"{part}/{kind}/{path.name}", kind, words))
    documents.sort(key=lambda document: document[0].encode())
    return Texts(documents)


def reader(keras, kind):
    layers = keras.layers
    stack = [layers.Embedding(WORDS, FEATURES, mask_zero=True,
                              embeddings_initializer=keras.initializers.RandomUniform(-0.5, 0.5))]
    stack.append(layers.SimpleRNN(UNITS, recurrent_dropout=0.1) if kind == "vanilla RNN"
                 else layers.GlobalAveragePooling1D())
    if kind == "bag + layer":
        stack.append(layers.Dense(16, activation="tanh"))
    model = keras.Sequential(stack + [layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=keras.optimizers.Adam(0.002, global_clipnorm=1.0),
                  loss="binary_crossentropy", metrics=["accuracy"])
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("datasets/cache"))
    parser.add_argument("--seeds", type=protocol.seed_range, default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    given = parser.parse_args()
    train, test = (reviews(given.data / "imdb", part) for part in ("train", "test"))
    vocabulary = train.vocabulary(WORDS)
    x, x_test = (padded(texts.sequences(vocabulary), LONGEST, "post", "pre")
                 for texts in (train, test))
    say(f"{len(x)} reviews to learn from, {len(x_test)} held out; {protocol.versions()}")
    for kind in given.kinds:
        accuracies = []
        for seed in given.seeds:
            keras = keras_with(seed)
            model = reader(keras, kind)
            order = np.random.default_rng(seed).permutation(len(x))
            held, used = order[:len(x) // 10], order[len(x) // 10:]
            best = keras.callbacks.EarlyStopping("val_accuracy", patience=given.epochs,
                                                 mode="max", restore_best_weights=True)
            watch = Stopwatch()
            model.fit(x[used], train.y[used], batch_size=32, epochs=given.epochs, verbose=0,
                      validation_data=(x[held], train.y[held]), callbacks=[best])
            seconds = watch.stop().cpu / given.epochs
            model.set_weights(best.best_weights or model.get_weights())
            accuracies.append(model.evaluate(x_test, test.y, batch_size=500, verbose=0)[1])
            say(f"{kind:12s} seed {seed}: {accuracies[-1]:.3f} of held-out reviews right, "
                f"{seconds:.2f} s of CPU time/epoch, {watch.wall / given.epochs:.2f} s/epoch")
        mean, deviation = mean_and_sd(accuracies)
        say(f"{kind:12s} mean of {len(accuracies)} seeds {mean:.3f}, "
            f"standard deviation {deviation:.3f}")


if __name__ == "__main__":
    main()
