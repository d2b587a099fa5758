"""IMDB as bags of the 10,000 most frequent words, official split: naive Bayes in
scikit-learn (section 02, and with the titles of section 12), Dense(16)-Dense(16)-Dense(1)
in Keras (section 01).

    python3 bench/twins/reviews.py --data datasets/cache --seeds 0-2

Nothing is chosen by the test reviews; the last epoch counts.
"""
import argparse
from pathlib import Path

from protocol import (KERAS_FILTERS, Stopwatch, bbc_titles, keras_with, mean_and_sd, np, say,
                      seed_range, versions)

NUM_WORDS, EPOCHS, BATCH = 10000, 4, 512


def reviews(folder):
    """the words of each review, negative ones first, and whether it is positive"""
    words, positive = [], []
    for label in ("neg", "pos"):
        for path in sorted((folder / label).glob("*.txt")):
            text = path.read_text("utf-8").replace("<br />", " ").lower()
            words.append(KERAS_FILTERS.sub(" ", text).split())
            positive.append(label == "pos")
    return words, np.array(positive, "float32")


def counts(texts, number):
    x = np.zeros((len(texts), len(number)), "float32")
    for row, text in zip(x, texts):
        for word in text:
            if word in number:
                row[number[word]] += 1
    return x


def naive_bayes(what, x, y, x_test, y_test):
    from sklearn.naive_bayes import MultinomialNB
    for name, change in (("counts", lambda a: a), ("binary", np.sign)):
        watch = Stopwatch()
        model = MultinomialNB(alpha=1).fit(change(x), y)
        score = model.score(change(x_test), y_test)
        watch.stop()
        say(f"naive Bayes, {what}, {name}: test {score:.4f}, {watch.wall:.1f} s")


def titles(data):
    texts = bbc_titles(data)
    number = {word: i for i, word in enumerate(texts.vocabulary())}
    x, (a, b) = counts(texts.words, number), texts.split("bbc_titles.txt")
    naive_bayes("titles", x[a], texts.y[a], x[b], texts.y[b])


def network(seed, x, y, x_test, y_test):
    keras = keras_with(seed)
    model = keras.Sequential([keras.layers.Dense(16, activation="relu"),
                              keras.layers.Dense(16, activation="relu"),
                              keras.layers.Dense(1, activation="sigmoid")])
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    watch = Stopwatch()
    history = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0,
                        validation_data=(x_test, y_test)).history
    watch.stop()
    scores = history["val_accuracy"]
    say(f"dense seed {seed}: train {history['accuracy'][-1]:.4f}, test after each epoch "
        + " ".join(f"{s:.4f}" for s in scores) + f", {watch.cpu / EPOCHS:.2f} CPU s/epoch")
    return scores[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True,
                        help="folder that holds imdb/aclImdb and bbc/bbc-titles.tsv")
    parser.add_argument("--seeds", type=seed_range, required=True, help="0-2 or 0,1,2")
    options = parser.parse_args()
    titles(options.data)
    texts, y = reviews(options.data / "imdb/aclImdb/train")
    test_texts, y_test = reviews(options.data / "imdb/aclImdb/test")
    often = {}
    for text in texts:
        for word in text:
            often[word] = often.get(word, 0) + 1
    ranked = sorted(often, key=lambda word: -often[word])[:NUM_WORDS]
    number = {word: i for i, word in enumerate(ranked)}
    x, x_test = counts(texts, number), counts(test_texts, number)
    naive_bayes("reviews", x, y, x_test, y_test)
    np.sign(x, out=x), np.sign(x_test, out=x_test)
    say(f"# {versions()}")
    mean, sd = mean_and_sd([network(seed, x, y, x_test, y_test) for seed in options.seeds])
    say(f"dense: {len(options.seeds)} seeds, test {mean:.4f} sd {sd:.4f}")


main()
