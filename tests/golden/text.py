#!/usr/bin/env python3
"""Record tests/golden/text.tsv: tokenizer, padding and cleaning cases from Keras, Python's
str and scikit-learn's stop words.

    python3 tests/golden/text.py [DATA]

DATA holds bbc/bbc-titles.tsv and 20news/20news-bydate.tar.gz; without it the lines about
the public sets are left out. Fields are separated by tabs; \\t, \\n, \\r and \\\\ are escaped.
"""
import string
import sys
import tarfile
from pathlib import Path

from keras.src.legacy.preprocessing.text import Tokenizer
from keras.utils import pad_sequences
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from recording import Lines, checksum

NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
out = Lines(Path(__file__).resolve().parent / "text.tsv", "text.py")
record = out.record


def numbers(row):
    return " ".join(str(int(n)) for n in row)


TEXTS = ["The cat sat on the mat.", "The dog; the cat (and a dog)!", "",
         "Tabs\tand\nlines\rand\u00a0blanks   ", "ÀÉÎÕÜ Ð Þ × ÷ ß ÿ àé", "a-b_c d'e \"f\" [g]{h}~i",
         "b b a a c", "..., !!", "under_score 1,234.5 £5m – dash “quoted”"]
NEW = ["the unknown cat", "zzz", "", "A DOG'S dog", "É é"]


def tokenizer_case(num_words, oov, filters, lower):
    options = dict(num_words=num_words or None, oov_token=oov or None, lower=lower)
    if filters != "default":
        options["filters"] = filters
    t = Tokenizer(**options)
    t.fit_on_texts(TEXTS)
    record("tokenizer", num_words, oov, filters, int(lower))
    for text in TEXTS:
        record("fit", text)
    for word, index in t.word_index.items():
        record("word", word, index, t.word_counts.get(word, 0))
    for text in TEXTS + NEW:
        record("sequence", text, numbers(t.texts_to_sequences([text])[0]))


def pad_cases():
    sequences = [[1], [2, 3, 4], [], [5, 6, 7, 8, 9], [10, 11]]
    for padding in "pre", "post":
        for truncating in "pre", "post":
            for length in 0, 1, 3, 7:
                rows = pad_sequences(sequences, maxlen=length or None, padding=padding,
                                     truncating=truncating)
                record("pad", padding, truncating, length,
                       "|".join(numbers(s) for s in sequences),
                       "|".join(numbers(r) for r in rows))


def clean(text, recipe):
    text = text.lower()
    if recipe == "punctuation":
        words = text.translate(NO_PUNCTUATION).split()
        return " ".join(w for w in words if w not in ENGLISH_STOP_WORDS)
    words = [w for w in text.replace(".", ". ").split() if w not in ENGLISH_STOP_WORDS]
    return " ".join(w for w in (w.translate(NO_PUNCTUATION) for w in words) if w)


def clean_cases():
    texts = TEXTS + ["U.S. can't win the U.N. vote", "Who's 'to' pay? - The fans!",
                     "High fuel prices hit BA's profits", "to be or not to be", "end.of.line",
                     "£1.5bn for\u2003the\u3000north\x1cand\x85south"]
    for text in texts:
        for recipe in "punctuation", "stop words":
            record("clean", recipe, text, clean(text, recipe))
    record("stop words", len(ENGLISH_STOP_WORDS), " ".join(sorted(ENGLISH_STOP_WORDS)))


def public_sets(data):
    rows = [line.rstrip("\n").split("\t") for line in
            open(data / "bbc/bbc-titles.tsv", encoding="utf-8")]
    for recipe in "punctuation", "stop words":
        texts = [clean(title, recipe) for _, title in rows]
        t = Tokenizer()
        t.fit_on_texts(texts)
        x = pad_sequences(t.texts_to_sequences(texts), padding="post")
        record("titles", recipe, len(x), len(t.word_index), x.shape[1], checksum(x.astype("<i4").tobytes()))
    posts = {}
    with tarfile.open(data / "20news/20news-bydate.tar.gz") as archive:
        for entry in archive:
            if entry.isfile():
                raw = archive.extractfile(entry).read().decode("latin-1")
                posts[entry.name] = raw.partition("\n\n")[2]
    texts = [posts[name] for name in sorted(posts)]
    t = Tokenizer(num_words=20000)
    t.fit_on_texts(texts)
    x = pad_sequences(t.texts_to_sequences(texts), maxlen=150)
    record("newsgroups", len(x), len(t.word_index), sum(t.word_counts.values()), checksum(x.astype("<i4").tobytes()))


for case in ((0, "", "default", True), (0, "<unk>", "default", True), (6, "", "default", True),
             (6, "<unk>", "default", True), (0, "", "", True), (0, "", " .,", False)):
    tokenizer_case(*case)
pad_cases()
clean_cases()
if len(sys.argv) > 1:
    public_sets(Path(sys.argv[1]))
out.write()
