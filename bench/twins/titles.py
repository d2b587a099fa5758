"""BBC titles in Keras: Embedding(100) - SimpleRNN(50) - Dense(5), the best validation
accuracy of at most 50 epochs (patience 5) for each seed.

    python3 bench/twins/titles.py --data DIR --padding post [--mask] --seeds 0-14
"""
from protocol import (Stopwatch, arguments, bbc_titles, keras_with, mean_and_sd, padded,
                      parsed, say, versions)


def train(seed, vocabulary_size, classes, train_set, validation_set, mask, epochs):
    keras = keras_with(seed)
    model = keras.Sequential([
        keras.layers.Embedding(vocabulary_size + 1, 100, mask_zero=mask),
        keras.layers.SimpleRNN(50, activation="tanh", recurrent_dropout=0.2),
        keras.layers.Dense(classes, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    patience = keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=5)
    return model.fit(*train_set, validation_data=validation_set, batch_size=64, epochs=epochs,
                     callbacks=[patience], verbose=0).history


def main():
    parser = arguments(__doc__)
    parser.add_argument("--epochs", type=int, default=50)
    options = parsed(parser)
    texts = bbc_titles(options.data)
    vocabulary = texts.vocabulary()
    sequences = texts.sequences(vocabulary)
    longest = max(len(s) for s in sequences)
    x = padded(sequences, longest, options.padding, options.padding)
    a, b = texts.split("bbc_titles.txt")
    keras_with(0)
    say(f"# {versions()}; {len(x)} titles, {len(vocabulary)} words, longest {longest}, "
        f"{sum(not s for s in sequences)} empty, train {len(a)}, validation {len(b)}")

    name = f"titles {options.padding} {'mask' if options.mask else 'no-mask'}"
    best = []
    for seed in options.seeds:
        watch = Stopwatch()
        history = train(seed, len(vocabulary), len(texts.classes), (x[a], texts.y[a]),
                        (x[b], texts.y[b]), options.mask, options.epochs)
        watch.stop()
        scores = history["val_accuracy"]
        best.append(max(scores))
        say(f"{name} seed {seed}: best val_acc {best[-1]:.4f} in epoch "
            f"{scores.index(best[-1]) + 1} of {len(scores)}, last {scores[-1]:.4f}, "
            f"train acc {history['accuracy'][-1]:.4f}; "
            f"{watch.cpu / len(scores):.2f} CPU s/epoch, tracing included")
    mean, sd = mean_and_sd(best)
    say(f"{name}: {len(best)} seeds, best val_acc mean {mean:.4f} sd {sd:.4f} "
        f"min {min(best):.4f} max {max(best):.4f}")


main()
