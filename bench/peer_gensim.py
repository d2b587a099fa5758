"""gensim's side of the word vectors, from a corpus file of one sentence a line.

    peer_gensim.py speed CORPUS cbow|skip-gram THREADS
    peer_gensim.py train CORPUS cbow|skip-gram THREADS EPOCHS SEED ALPHA INTO

speed counts the words, prints "ready WORDS SECONDS" and then, for every line that comes,
trains one epoch from new vectors and prints its seconds, by the clock on the wall and of the
processors. train writes vectors in word2vec's
binary format. The other settings are the benchmark's: SETTINGS.
"""
import collections
import sys
import time

from gensim.models import Word2Vec
from gensim.models.word2vec import FAST_VERSION

SETTINGS = {"vector_size": 100, "window": 5, "negative": 5, "sample": 1e-3, "min_count": 5}


def model(architecture, threads, seed=1, epochs=1, **more):
    if FAST_VERSION < 0:
        sys.exit("peer_gensim: this gensim has no compiled training, only the slow one in Python")
    return Word2Vec(sg=int(architecture == "skip-gram"), workers=threads, seed=seed, epochs=epochs,
                    **SETTINGS, **more)


def train(corpus, trained, words):
    start, worked = time.perf_counter(), time.process_time()
    trained.train(corpus_file=corpus, total_words=words, epochs=trained.epochs)
    return time.perf_counter() - start, time.process_time() - worked


def speed(corpus, architecture, threads):
    fresh = model(architecture, threads)
    start = time.perf_counter()
    fresh.build_vocab(corpus_file=corpus)
    words = fresh.corpus_total_words
    print("ready", words, time.perf_counter() - start, flush=True)
    for _ in sys.stdin:
        fresh.init_weights()
        print(*train(corpus, fresh, words), flush=True)


def vectors(corpus, architecture, threads, epochs, seed, alpha, into):
    """The words are counted here, which is quicker than build_vocab and gives the same."""
    counts, lines = collections.Counter(), 0
    with open(corpus, encoding="utf-8") as file:
        for line in file:
            counts.update(line.split())
            lines += 1
    trained = model(architecture, threads, seed, epochs, alpha=alpha)
    trained.build_vocab_from_freq(counts, corpus_count=lines)
    seconds, _ = train(corpus, trained, counts.total())
    trained.wv.save_word2vec_format(into, binary=True)
    print(f"{counts.total() * epochs / seconds:.0f} words/s")


def main():
    kind, corpus, architecture, threads = sys.argv[1:5]
    if kind == "speed":
        speed(corpus, architecture, int(threads))
    else:
        epochs, seed, alpha, into = sys.argv[5:]
        vectors(corpus, architecture, int(threads), int(epochs), int(seed), float(alpha), into)


main()
