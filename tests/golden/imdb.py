#!/usr/bin/env python3
"""Records Keras' numbers of the IMDB reviews, for tests/test_imdb.c.

    python3 tests/golden/imdb.py [DATA] > tests/golden/imdb_record.h

Small texts go through keras.datasets.imdb.load_data itself, from an imdb.npz made of them.
Of the reviews in DATA/aclImdb the Tokenizer's figures are recorded, and FNV-1a over the
numbers of all reviews of train, each review's length in front.
"""
import json
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
from keras.src.datasets import imdb
from keras.src.legacy.preprocessing.text import Tokenizer

from recording import checksum, literal

TEXTS = ["The film was good, the cast was good; THE END.<br /><br />Good!",
         "a film: a bad film? no, the worst film...", "", "Café 'the' naïve 10/10 end",
         "bad bad bad bad\tworst\nend of the film"]
OPTIONS = [dict(), dict(num_words=8), dict(num_words=6, skip_top=5), dict(skip_top=2),
           dict(num_words=9, oov_char=None), dict(num_words=9, start_char=None),
           dict(num_words=7, skip_top=6, start_char=None, oov_char=None)]


def load(rows, options, folder):
    """What load_data gives for these rows as train, in their order."""
    path = Path(folder) / "imdb.npz"
    x = np.empty(len(rows), dtype=object)
    x[:] = rows
    np.savez(path, x_train=x, y_train=np.zeros(len(rows)), x_test=x, y_test=np.zeros(len(rows)))
    imdb.get_file = lambda **_: str(path)
    (shuffled, _), _ = imdb.load_data(seed=1, **options)
    order = np.arange(len(rows))
    np.random.RandomState(1).shuffle(order)
    back = [None] * len(rows)
    for place, row in zip(order, shuffled):
        back[place] = row
    return back


def small():
    tokenizer = Tokenizer()
    tokenizer.fit_on_texts(TEXTS)
    index = dict(sorted(tokenizer.word_index.items()))
    print("static const char *const keras_texts[] = {\n    " + ",\n    ".join(map(literal, TEXTS)) + "};")
    print("static const char keras_index[] =\n    " + literal(json.dumps(index)) + ";")
    print("static const struct keras_case {\n    int num_words, skip_top;\n    bool no_start, no_oov;\n"
          "    const char *numbers[5];\n} keras_cases[] = {")
    rows = tokenizer.texts_to_sequences(TEXTS)
    with tempfile.TemporaryDirectory() as folder:
        for o in OPTIONS:
            out = load(rows, o, folder)
            # load_data without num_words: the largest number it saw, exclusive
            most = o.get("num_words") or len(index) + 3
            print(f"    {{{most}, {o.get('skip_top', 0)}, {'start_char' in o:d}, {'oov_char' in o:d},\n     {{"
                  + ", ".join('"' + " ".join(map(str, row)) + '"' for row in out) + "}},")
    print("};")


def real(root):
    texts = {}
    for part in ("train", "test"):
        files = [f for c in ("neg", "pos") for f in (root / part / c).iterdir()]
        files.sort(key=lambda f: str(f).encode())
        texts[part] = [f.read_text(encoding="utf-8") for f in files]
    tokenizer = Tokenizer()
    tokenizer.fit_on_texts(texts["train"])
    numbers = []
    for row in tokenizer.texts_to_sequences(texts["train"]):
        row = [1] + [n + 3 if n + 3 < 10000 else 2 for n in row]
        numbers += [len(row)] + row
    print("static const long imdb_words =", len(tokenizer.word_index), ", imdb_tokens =",
          sum(tokenizer.word_counts.values()), ", imdb_numbers =", len(numbers) - 25000, ";")
    print(f"static const uint32_t imdb_checksum = {checksum(np.array(numbers, '<i4').tobytes())}u;")
    # The first review of the published imdb.npz, by its published numbers.
    first = [14, 22, 16, 43, 530, 973, 1622, 1385, 65, 458, 4468, 66, 3941, 4, 173, 36, 256, 5, 25]
    for text, row in zip(texts["train"], tokenizer.texts_to_sequences(texts["train"])):
        if row[:4] == [n - 3 for n in first[:4]] and abs(row[4] + 3 - 530) < 5:
            print("first review:", [n + 3 for n in row[:19]], first, file=sys.stderr)


print("/* Written by tests/golden/imdb.py with Keras", keras.__version__, "*/")
small()
if len(sys.argv) > 1:
    real(Path(sys.argv[1]) / "aclImdb")
