"""Word vectors beside gensim's: CBOW and skip-gram, seqnn's two modes, one and two threads.

The corpus is datasets/cache/words/corpus.txt, made from the public sets if they are there, else
one drawn at random with the shape of English (ranks by Zipf's law); of it, lines at even
distances. gensim, with corpus_file, is installed into build/venv-words on first use. Settings, in
the environment, besides those of run.py:

    SEQNN_BENCH_WORDS   about so many words of the corpus, default 6000000; "all"
    SEQNN_BENCH_ROUNDS  default 3
"""
import bisect
import itertools
import os
import random
import statistics
import subprocess
import sys
from pathlib import Path

import packages
from sides import BUILD, HERE, ROOT, Worker, build, note

FOLDER = BUILD / "words"
CORPUS = ROOT / "datasets" / "cache" / "words" / "corpus.txt"
WORDS = 6_000_000
ARCHITECTURES = ("cbow", "skip-gram")
MODES = ("fast", "reproducible")


def draw_corpus(path):
    """Words w0, w1, ... in lines of about 200; the chance of rank r is 1/(r + 2.7)."""
    dice = random.Random(1)
    sums = list(itertools.accumulate(1 / (rank + 2.7) for rank in range(150_000)))
    with open(path, "w", encoding="ascii") as file:
        words = 0
        while words < WORDS:
            length = dice.randint(50, 350)
            line = (bisect.bisect(sums, dice.random() * sums[-1]) for _ in range(length))
            file.write(" ".join(f"w{number}" for number in line) + "\n")
            words += length


def corpus():
    """(file, what it is)"""
    FOLDER.mkdir(parents=True, exist_ok=True)
    data = Path(os.environ.get("SEQNN_DATA") or ROOT.parent / "shared" / "data")
    if not CORPUS.exists() and (data / "imdb").is_dir():
        note(f"making {CORPUS.relative_to(ROOT)} from {data}, this once")
        subprocess.run([sys.executable, ROOT / "datasets" / "make_word_corpus.py", data], check=False)
    if not CORPUS.exists():
        note("the public sets are not there (SEQNN_DATA): the words are drawn at random")
        path = FOLDER / "drawn.txt"
        if not path.exists():
            draw_corpus(path)
        return path, "drawn"
    wanted = os.environ.get("SEQNN_BENCH_WORDS", str(WORDS))
    if wanted == "all":
        return CORPUS, "all"
    with open(CORPUS, "rb") as file:
        step = max(1, round(sum(line.count(b" ") + 1 for line in file) / int(wanted)))
    path = FOLDER / f"every_{step}.txt"
    if not path.exists() or path.stat().st_mtime < CORPUS.stat().st_mtime:
        with open(CORPUS, "rb") as file:
            path.write_bytes(b"".join(itertools.islice(file, 0, None, step)))
    return path, f"every_{step}" if step > 1 else "all"


def gensim():
    """A python that has it, or None."""
    python = os.environ.get("SEQNN_BENCH_PYTHON")
    if python == "none":
        return None
    try:
        if not python:
            folder = ROOT / "build" / "venv-words"
            if not folder.exists():
                note("installing gensim into build/venv-words, this once (SEQNN_BENCH_PYTHON=none "
                     "goes without)")
            python = packages.install(folder, "gensim")
        subprocess.run([python, "-c", "import gensim"], check=True, capture_output=True)
        return python
    except (OSError, subprocess.CalledProcessError) as error:
        note(f"no gensim: {error}")
        return None


def numbers(worker):
    """The medians of a worker's answers, number by number."""
    return [statistics.median(column) for column in
            zip(*(map(float, answer.split()) for answer in worker.answers))]


def measure(architecture, threads, text, name, program, python):
    """Prints the lines of one architecture and thread count. Returns (words of the corpus,
    {side: seconds of its vocabulary passes})."""
    commands = {mode: [program, "speed", text, "--architecture", architecture, "--mode", mode]
                for mode in MODES}
    if python:
        commands["gensim"] = [python, HERE / "peer_gensim.py", "speed", text, architecture, threads]
    workers = {side: Worker(side, command, threads) for side, command in commands.items()}
    floors = []
    for _ in range(int(os.environ.get("SEQNN_BENCH_ROUNDS", "3"))):
        for worker in workers.values():
            if worker.alive:
                worker.turn("train")
        if workers["fast"].alive:
            floors.append([float(word) for word in workers["fast"].ask("floor").split()])
    for worker in workers.values():
        worker.stop()
    if not all(workers[mode].answers for mode in MODES):
        sys.exit("bench: word2vec of seqnn failed, see above")
    best = zip((max, max, max, max, min, max, max), zip(*floors))  # what a quiet moment allows
    stay, contexts, work, rate, rows, by_work, by_rows = (take(column) for take, column in best)
    floor = min(by_work, by_rows)
    words = numbers(workers["fast"])[3]
    peer = numbers(workers["gensim"]) if python and workers["gensim"].answers else None
    start = architecture.replace("-", "_")
    for mode in MODES:
        took, worked, _, _, peak, limit = numbers(workers[mode])
        line = (f"BENCH word2vec_{start}_{mode} threads={threads} corpus={name} "
                f"seqnn_words_s={words / took:.0f}")
        if peer:
            line += (f" gensim_words_s={words / peer[0]:.0f} ratio={peer[0] / took:.2f} "
                     f"cpu_ratio={peer[1] / worked:.2f}")
        print(f"{line} floor_words_s={floor:.0f} of_floor={words / took / floor:.3f} "
              f"peak_mb={peak:.1f} limit_mb={limit:.1f}", flush=True)
    print(f"BENCH word2vec_{start}_floor threads={threads} corpus={name} kept={stay:.4f} "
          f"contexts={contexts:.2f} multiply_adds={work:.0f} gfma_s={rate:.1f} rows_ns={rows:.1f} "
          f"by_multiply_adds_words_s={by_work:.0f} by_rows_words_s={by_rows:.0f}", flush=True)
    passes = {"seqnn": [float(answer.split()[2]) for mode in MODES
                        for answer in workers[mode].answers]}
    if peer:
        passes["gensim"] = [float(workers["gensim"].ready.split()[2])]
    return words, passes


def run():
    program, python = build("word2vec"), gensim()
    text, name = corpus()
    for threads in os.environ.get("SEQNN_BENCH_THREADS", "1 2").split():
        passes = {}
        for architecture in ARCHITECTURES:
            words, more = measure(architecture, threads, text, name, program, python)
            for side, seconds in more.items():
                passes.setdefault(side, []).extend(seconds)
        line = f"BENCH word2vec_vocabulary threads={threads} corpus={name}"
        speeds = {side: words / statistics.median(seconds) for side, seconds in passes.items()}
        for side, speed in speeds.items():
            line += f" {side}_words_s={speed:.0f}"
        if "gensim" in speeds:
            line += f" ratio={speeds['seqnn'] / speeds['gensim']:.2f}"
        print(line, flush=True)
