"""The protocol of datasets/splits/README.md for the Keras twins: texts, vocabulary,
padding, split, threads and seeds. The twins import this module and nothing else of ours.

Set up before TensorFlow is imported: THREADS (default 1) limits its threads.
"""
import argparse
import gzip
import os
import re
import string
import sys
import tarfile
import time
from collections import Counter
from pathlib import Path

THREADS = int(os.environ.get("THREADS", "1"))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", str(THREADS))

import numpy as np  # noqa: E402  (after the thread limits)

SPLITS = Path(__file__).resolve().parents[2] / "datasets" / "splits"
PUNCTUATION = re.compile("[" + re.escape(string.punctuation) + "]")
# What Keras' Tokenizer replaces by a blank: all punctuation but the apostrophe.
KERAS_FILTERS = re.compile("[" + re.escape(string.punctuation.replace("'", "")) + "\t\n]")


class Texts:
    """words of every document, its class and its id, in the order of the protocol"""

    def __init__(self, documents):
        self.ids, labels, self.words = zip(*documents)
        self.classes = sorted(set(labels))
        number = {name: i for i, name in enumerate(self.classes)}
        self.y = np.array([number[label] for label in labels], "int32")

    def vocabulary(self, num_words=None):
        """word -> 1, 2, ... by falling frequency, ties by first appearance; at most
        num_words - 1 words, as 0 is the padding"""
        # most_common sorts stably, and a Counter keeps the order of first appearance
        counts = Counter(word for words in self.words for word in words)
        ranked = counts.most_common(num_words - 1 if num_words else None)
        return {word: rank for rank, (word, _) in enumerate(ranked, start=1)}

    def sequences(self, vocabulary):
        return [[vocabulary[w] for w in words if w in vocabulary] for words in self.words]

    def split(self, name):
        """row numbers (train, validation) by the committed split file"""
        listed = {line.split("\t")[0]
                  for line in (SPLITS / name).read_text("utf-8").splitlines()
                  if not line.startswith("#")}
        held_out = np.array([i in listed for i in self.ids])
        if held_out.sum() != len(listed):
            sys.exit(f"{name} lists {len(listed)} documents, {held_out.sum()} are here")
        return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def bbc_titles(data):
    """lower-case, punctuation deleted, then the stop words removed"""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
    stop = {PUNCTUATION.sub("", word) for word in ENGLISH_STOP_WORDS}
    documents = []
    for number, line in enumerate((data / "bbc/bbc-titles.tsv").read_text("utf-8").splitlines()):
        label, title = line.split("\t")
        words = PUNCTUATION.sub("", title.lower()).split()
        documents.append((str(number), label, [w for w in words if w not in stop]))
    return Texts(documents)


def newsgroups(data):
    """header cut at the first empty line; Keras' filters, lower-case; sorted by path"""
    documents = []
    with tarfile.open(data / "20news/20news-bydate.tar.gz") as archive:
        for entry in archive:
            if entry.isfile():
                post = archive.extractfile(entry).read().decode("latin-1")
                body = post.partition("\n\n")[2]
                words = KERAS_FILTERS.sub(" ", body.lower()).split()
                documents.append((entry.name, entry.name.split("/")[-2], words))
    documents.sort(key=lambda document: document[0].encode())
    return Texts(documents)


def vectors(data, vocabulary, rows, seed):
    """the embedding's first table: GloVe where it covers the word, else U(-0.05, 0.05)"""
    table = np.random.default_rng(seed).uniform(-0.05, 0.05, (rows, 100)).astype("float32")
    covered = 0
    with gzip.open(data / "wordvec/glove.6B.100d.first2604.txt.gz", "rt", encoding="utf-8") as file:
        for line in file:
            word, *numbers = line.rstrip("\n").split(" ")
            if word in vocabulary:
                table[vocabulary[word]] = [float(x) for x in numbers]
                covered += 1
    return table, covered


def padded(sequences, length, padding, truncating):
    x = np.zeros((len(sequences), length), "int32")
    for row, sequence in zip(x, sequences):
        kept = sequence[-length:] if truncating == "pre" else sequence[:length]
        begin = length - len(kept) if padding == "pre" else 0
        row[begin:begin + len(kept)] = kept
    return x


def keras_with(seed):
    """Keras with THREADS threads, its previous models dropped, all its seeds set"""
    import tensorflow
    import keras
    if not tensorflow.config.threading.get_intra_op_parallelism_threads():
        tensorflow.config.threading.set_intra_op_parallelism_threads(THREADS)
        tensorflow.config.threading.set_inter_op_parallelism_threads(THREADS)
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    return keras


def versions():
    import tensorflow
    import keras
    return (f"Keras {keras.__version__}, TensorFlow {tensorflow.__version__}, "
            f"numpy {np.__version__}, {THREADS} thread(s)")


class Stopwatch:
    """seconds since its start: CPU of this process, and wall"""

    def __init__(self):
        self.cpu, self.wall = -time.process_time(), -time.perf_counter()

    def stop(self):
        self.cpu += time.process_time()
        self.wall += time.perf_counter()
        return self


def mean_and_sd(values):
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


def seed_range(text):
    """"0-14" or "0,3,5" """
    first, dash, last = text.partition("-")
    return list(range(int(first), int(last) + 1)) if dash else [int(s) for s in text.split(",")]


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, default=os.environ.get("SEQNN_DATA"),
                        help="folder of the public sets (default: $SEQNN_DATA)")
    parser.add_argument("--padding", choices=("pre", "post"), required=True)
    parser.add_argument("--mask", action="store_true", help="mask_zero of the embedding")
    parser.add_argument("--seeds", type=seed_range, required=True, help="0-14 or 0,1,2")
    return parser


def parsed(parser):
    given = parser.parse_args()
    if given.data is None:
        parser.error("say where the data is: --data or SEQNN_DATA")
    given.data = Path(given.data)
    return given


def say(line):
    print(line, flush=True)
