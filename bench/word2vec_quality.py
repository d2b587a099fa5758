#!/usr/bin/env python3
"""What the vectors are worth: seqnn's and gensim's, trained on the same corpus with the same
settings, scored by one judge, gensim's own evaluation.

    python3 bench/word2vec_quality.py [--seeds 3] [--corpus FILE] [--data DIR] [--vectors DIR] [SIDE ...]

SIDE is a name of SIDES or a beginning of one ("gensim", "seqnn-cbow"); all of them otherwise.
Vectors that are in the folder (build/bench/words) already are not trained again; delete them to
do so. A table is printed after every side: accuracy on the analogy questions and Spearman's
correlation with the similarity sets, the means over the seeds, and under them the range. seqnn
scores every file too (bench_word2vec score); more than 1e-4 between the two judges is an error.
The settings are those of peer_gensim.py, with five epochs; the python needs gensim.
"""
import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
EPOCHS = 5
AGREE = 1e-4
# name: the program's words behind architecture and threads; {seed}, {into}
SIDES = {f"gensim-{architecture}{suffix}": ("gensim", architecture, alpha)
         for architecture, suffix, alpha in (("cbow", "", "0.025"), ("cbow", "-0.05", "0.05"),
                                             ("skip-gram", "", "0.025"))}
SIDES |= {f"seqnn-{architecture}{suffix}": ("seqnn", architecture, options)
          for architecture in ("cbow", "skip-gram")
          for suffix, options in (("", "--mode fast"), ("-reproducible", "--mode reproducible"))}


def train(side, corpus, seed, threads, into):
    """Low priority; the file gets its name when it is whole."""
    program, architecture, rest = SIDES[side]
    part = into.with_name(into.name + ".part")
    if program == "gensim":
        command = [sys.executable, HERE / "peer_gensim.py", "train", corpus, architecture, threads,
                   EPOCHS, seed, rest, part]
    else:
        command = [ROOT / "build/bench/bench_word2vec", "train", corpus, "--architecture", architecture,
                   "--epochs", EPOCHS, "--seed", seed, "--save", part, *rest.split()]
    took = subprocess.run(["nice", "-n", "15", *map(str, command)], check=True, text=True,
                          stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": str(threads)})
    os.replace(part, into)
    print(f"{side} seed {seed}: {took.stdout.strip()}", file=sys.stderr, flush=True)


def sets_of(data):
    """{name: file} of the similarity sets."""
    return {path.stem.removeprefix("EN-"): path for path in sorted(data.glob("wordsim/EN-*.txt"))}


def score(file, data):
    """{set: (score, items)} by gensim."""
    from gensim.models import KeyedVectors
    vectors = KeyedVectors.load_word2vec_format(file, binary=True)
    total, sections = vectors.evaluate_word_analogies(str(data / "wordvec/questions-words.txt"),
                                                      restrict_vocab=300000)
    scores = {"analogies": (total, sum(len(sections[-1][k]) for k in ("correct", "incorrect")))}
    for name, path in sets_of(data).items():
        pairs = sum(1 for line in path.open(encoding="utf-8") if line.count("\t") == 2)
        _, spearman, unknown = vectors.evaluate_word_pairs(str(path))
        scores[name] = spearman[0], round(pairs * (1 - unknown / 100))
    return scores


def own_score(file, data):
    """The same by seqnn."""
    command = [ROOT / "build/bench/bench_word2vec", "score", file, data / "wordvec/questions-words.txt",
               *sets_of(data).values()]
    lines = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()
    return {name: (float(value), int(items)) for name, (value, items) in
            zip(("analogies", *sets_of(data)), map(str.split, lines))}


def remembered(file, judge, data):
    """A judge's verdict, kept beside the vectors: the analogies take a minute."""
    note = file.with_suffix(f".{judge.__name__}")
    if not note.exists() or note.stat().st_mtime < file.stat().st_mtime:
        lines = (f"{name} {value:.6f} {items}\n" for name, (value, items) in judge(file, data).items())
        note.write_text("".join(lines))
    return {name: (float(value), int(items)) for name, value, items in
            map(str.split, note.read_text().splitlines())}


def row(side, scores):
    cells = [side, str(len(scores))]
    for name in scores[0]:
        values = [100 * one[name][0] for one in scores]
        cells.append(f"{statistics.mean(values):.2f} ({min(values):.1f}-{max(values):.1f})")
    return "| " + " | ".join(cells) + " |"


def main():
    usage = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    usage.add_argument("side", nargs="*")
    usage.add_argument("--seeds", type=int, default=3)
    usage.add_argument("--threads", type=int, default=2)
    usage.add_argument("--corpus", type=Path, default=ROOT / "datasets/cache/words/corpus.txt")
    usage.add_argument("--data", type=Path,
                       default=os.environ.get("SEQNN_DATA") or ROOT.parent / "shared" / "data")
    usage.add_argument("--vectors", type=Path, default=ROOT / "build/bench/words")
    given = usage.parse_args()
    for path in (given.corpus, given.data / "wordvec/questions-words.txt"):
        if not path.exists():
            sys.exit(f"word2vec_quality: there is no {path} (datasets/make_word_corpus.py makes the "
                     "corpus; SEQNN_DATA is the folder of the public sets)")
    sides = [side for side in SIDES
             if not given.side or any(side.startswith(start) for start in given.side)]
    given.vectors.mkdir(parents=True, exist_ok=True)
    table, faults = [], []
    for side in sides:
        scores = []
        for seed in range(1, given.seeds + 1):
            file = given.vectors / f"{side}-{seed}.bin"
            if not file.exists():
                train(side, given.corpus, seed, given.threads, file)
            scores.append(remembered(file, score, given.data))
            if SIDES[side][0] == "seqnn":
                own = remembered(file, own_score, given.data)
                faults += [f"{file.name}, {name}: gensim says {value:.6f} of {items}, seqnn "
                           f"{own[name][0]:.6f} of {own[name][1]}"
                           for name, (value, items) in scores[-1].items()
                           if abs(value - own[name][0]) > AGREE or items != own[name][1]]
        if not table:
            names = [f"{name} ({items})" for name, (_, items) in scores[0].items()]
            table += ["| " + " | ".join(["side", "seeds", *names]) + " |",
                      "|---|---:|" + "---:|" * len(names)]
            print(*table, sep="\n")
        print(row(side, scores), flush=True)
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main()
