"""20 Newsgroups in Keras with pretrained vectors: the validation accuracy after 10 epochs
for each seed.

    python3 bench/twins/news.py dense|lstm|lstm2 --data DIR --padding pre [--mask] --seeds 0-2

lstm2 is the stack of two. Posts of more than 150 words keep the last 150. The table of
word vectors is trained on, unless --table frozen; --table random has none from a file.
Keras (3.15, on TensorFlow) hands the optimiser a gradient for each occurrence of a word in
the batch; RMSprop then squares and scales each for itself. --summed adds them up first.
"""
from protocol import (Stopwatch, arguments, keras_with, mean_and_sd, newsgroups, padded,
                      parsed, say, vectors, versions)

NUM_WORDS, LENGTH = 20000, 150


def upper_layers(which, layers):
    if which == "dense":
        return [layers.Flatten(), layers.Dense(32, activation="relu")]
    if which == "lstm":
        return [layers.LSTM(64), layers.Dropout(0.2), layers.Dense(32, activation="relu"),
                layers.Dropout(0.2)]
    return [layers.LSTM(32, recurrent_dropout=0.4, return_sequences=True),
            layers.LSTM(64, recurrent_dropout=0.1), layers.Dense(32, activation="relu")]


def sum_occurrences(keras):
    """One gradient for each row of a table, as the equations have it."""
    import tensorflow

    class Summed(keras.optimizers.RMSprop):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(tensorflow.convert_to_tensor(gradient), variable, learning_rate)
    return Summed()


def network(keras, which, mask, table, frozen, optimizer, classes):
    embedding = keras.layers.Embedding(NUM_WORDS, 100, mask_zero=mask, trainable=not frozen)
    model = keras.Sequential([embedding] + upper_layers(which, keras.layers)
                             + [keras.layers.Dense(classes, activation="softmax")])
    model.build((None, LENGTH))
    if table is not None:
        embedding.set_weights([table])
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    return model


def main():
    parser = arguments(__doc__)
    parser.add_argument("which", choices=("dense", "lstm", "lstm2"))
    parser.add_argument("--table", choices=("trainable", "frozen", "random"),
                        default="trainable")
    parser.add_argument("--summed", action="store_true")
    parser.add_argument("--epochs", type=int, default=10)
    options = parsed(parser)
    texts = newsgroups(options.data)
    vocabulary = texts.vocabulary(NUM_WORDS)
    sequences = texts.sequences(vocabulary)
    x = padded(sequences, LENGTH, options.padding, "pre")
    a, b = texts.split("20news.txt")
    covered = vectors(options.data, vocabulary, NUM_WORDS, 0)[1]
    keras_with(0)
    say(f"# {versions()}; {len(x)} posts, {len(vocabulary)} words, {covered} with a vector, "
        f"{sum(not s for s in sequences)} empty, train {len(a)}, validation {len(b)}")

    name = f"news {options.which} {options.padding} {'mask' if options.mask else 'no-mask'}"
    if options.table != "trainable":
        name += f" {options.table}"
    if options.summed:
        name += " summed"
    final = []
    for seed in options.seeds:
        table, _ = vectors(options.data, vocabulary, NUM_WORDS, seed)
        keras = keras_with(seed)
        model = network(keras, options.which, options.mask,
                        None if options.table == "random" else table,
                        options.table == "frozen",
                        sum_occurrences(keras) if options.summed else "rmsprop",
                        len(texts.classes))
        cpu = []
        for epoch in range(options.epochs):
            watch = Stopwatch()
            trained = model.fit(x[a], texts.y[a], batch_size=32, verbose=0).history
            cpu.append(watch.stop().cpu)
            loss, accuracy = model.evaluate(x[b], texts.y[b], batch_size=256, verbose=0)
            say(f"  {name} seed {seed} epoch {epoch + 1}: loss {trained['loss'][0]:.4f} "
                f"acc {trained['accuracy'][0]:.4f} val_loss {loss:.4f} val_acc {accuracy:.4f}; "
                f"{cpu[-1]:.1f} CPU s, {watch.wall:.1f} wall s")
        final.append(accuracy)
        say(f"{name} seed {seed}: final val_acc {accuracy:.4f}; "
            f"median {sorted(cpu)[len(cpu) // 2]:.1f} CPU s/epoch")
    mean, sd = mean_and_sd(final)
    say(f"{name}: {len(final)} seeds, final val_acc mean {mean:.4f} sd {sd:.4f}")


main()
