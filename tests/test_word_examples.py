"""Word vectors: the table of example 05 is exact and its words lie where they must; 06 answers
analogies by what it learns from the bundled text; word2vec.c, the program for any text, learns
nothing from the same words in random order, and its vectors are what gensim reads."""

import os
import random
import re
import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "portability"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import packages  # noqa: E402
from tap import ROOT, Report, call, scratch  # noqa: E402

WORDS = ROOT / "datasets" / "words"
FLAGS = ["gcc", "-O1", "-fopenmp", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "SEQNN_DATA"}

TABLE = """\
context  target   x
surf     big      1 0 0 0 0 0
big      surf     0 1 0 0 0 0
big      waves    0 1 0 0 0 0
waves    big      0 0 1 0 0 0
drive    fast     0 0 0 1 0 0
fast     drive    0 0 0 0 1 0
fast     cars     0 0 0 0 1 0
cars     fast     0 0 0 0 0 1
"""

# sections of questions.txt and the accuracy they must reach in per cent, by CBOW and skip-gram
FLOORS = {"family": (75, 85), "gram1-comparative": (50, 50), "gram3-plural": (50, 60),
          "gram5-past-tense": (50, 60), "total": (50, 65)}
WRONG = [(["--nonsense"], "--nonsense: an option it does not know"),
         (["--epochs", "two"], "--epochs: a number was expected"),
         (["--window", "2.5"], "--window: a whole number was expected"),
         (["--dimension", "0"], "--dimension: a number was expected, 1 to 65536"),
         (["--seed"], "--seed: this option lacks its value"),
         (["--save", "vectors.doc"], "vectors.doc: vectors are saved as .bin, .txt or"),
         (["--train", "nowhere.txt"], "nowhere.txt"),
         (["--out", "nowhere"], "nowhere: no folder"),
         (["--save", "nowhere/vectors.bin"], "nowhere: no folder"),
         (["--questions", "nowhere.txt"], "nowhere.txt: this file cannot be read"),
         (["--similarity", "nowhere.txt"], "nowhere.txt: this file cannot be read"),
         (["--near", "nosuchword", "--quick"], "nosuchword")]


def run(program, *arguments):
    result = subprocess.run([program, *map(str, arguments)], cwd=ROOT, text=True,
                            capture_output=True,
                            env=dict(ENVIRONMENT, OMP_NUM_THREADS="1"))
    return result.returncode, result.stdout.replace("\r", "\n") + result.stderr


def numbers(pattern, output):
    return [float(number) for number in re.findall(pattern, output)]


def six_words(report, program, folder):
    status, output = run(program, "--out", folder)
    report.check("05 runs and prints the slide's table", status == 0 and output.startswith(TABLE),
                 output)
    losses = numbers(r"loss (\d\.\d{3}) at first", output) + numbers(r"(\d\.\d{3}) at last",
                                                                     output)
    near = [abs(a - b) < 0.02 for a, b in zip(losses, [1.792, 0.347, 0.347, 0.462])]
    report.check("the loss begins at ln 6; three end at 1/2, 1/2 and 2/3 ln 2",
                 len(near) == 4 and all(near), output)
    rows = {word: (float(x), float(y)) for word, x, y in re.findall(
        r"^(\w+) +(-?\d+\.\d\d) +(-?\d+\.\d\d)$", output, re.M)}
    report.check("words with the same neighbours have the same vector", len(rows) == 6 and all(
        max(abs(a - b) for a, b in zip(rows[v], rows[w])) < 0.1
        for v, w in (("surf", "waves"), ("drive", "cars"))), output)
    right = [sum(a * b for a, b in zip(rows[v], rows[w])) for v, w in
             (("surf", "big"), ("drive", "fast"))] if len(rows) == 6 else [9]
    report.check("neighbours of the text stand at a right angle here",
                 all(abs(product) < 0.6 for product in right), output)
    opposite = re.findall(r"^((?:(?:big|fast|drive|cars) *){10})$", output, re.M)
    words = " ".join(opposite).split()
    report.check("all three squares come up among 20 seeds", len(words) == 20 and
                 {"big", "fast"} < set(words) and {"drive", "cars"} & set(words), output)
    picture = folder / "05_cbow_six_words.png"
    report.check("05 draws its picture", picture.exists() and picture.stat().st_size > 5000)


def accuracies(output):
    """Of each section in per cent, one list for each table."""
    found = re.findall(r"^(\S+) +(\d+\.\d) %", output, re.M)
    return {name: [float(value) for other, value in found if other == name] for name, _ in found}


def real_text(report, program, folder):
    status, output = run(program, "--data", ROOT / "datasets", "--out", folder)
    report.check("06 runs", status == 0, output)
    report.check("06 counts its text", output.count("79852 words, 574 different ones") == 2,
                 output)
    reached = accuracies(output)
    for section, floors in FLOORS.items():
        report.check(f"06 answers {section}: CBOW {floors[0]} %, skip-gram {floors[1]} %",
                     len(reached.get(section, [])) == 2 and
                     all(a >= b for a, b in zip(reached[section], floors)), output)
    spearman = numbers(r"\(Spearman\) (-?\d\.\d+)", output)
    report.check("06 orders pairs by similarity, Spearman 0.55 and 0.65",
                 len(spearman) == 2 and spearman[0] > 0.55 and spearman[1] > 0.65, output)
    report.check("man is to woman as king to queen",
                 "man is to woman as king to queen" in output, output)
    picture = folder / "06_word_vectors.png"
    report.check("06 draws its picture", picture.exists() and picture.stat().st_size > 5000)


def shuffled_text(report, program, folder):
    """The same words as often, in lines as long, but in any order."""
    lines = (WORDS / "corpus.txt").read_text().split("\n")
    words = " ".join(lines).split()
    random.Random(6).shuffle(words)
    control = folder / "control.txt"
    with open(control, "w") as file:
        for line in lines:
            file.write(" ".join(words.pop() for _ in line.split()) + "\n")
    for name in ("--cbow", "--skip-gram"):
        status, output = run(program, "--train", control, name, "--questions",
                             WORDS / "questions.txt", "--similarity", WORDS / "similarity.txt",
                             "--out", folder)
        total = accuracies(output).get("total", [100])
        spearman = numbers(r"Spearman (-?\d\.\d+)", output)
        report.check(f"word2vec {name} learns nothing from words in random order",
                     status == 0 and total[0] < 3 and spearman and spearman[0] < 0.4, output)


def text_vectors(path):
    first, *lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    rows = [line.split(" ") for line in lines]
    assert first == f"{len(rows)} {len(rows[0]) - 1}", first
    return {row[0]: [float(x) for x in row[1:]] for row in rows}


def binary_vectors(path):
    data = path.read_bytes()
    at = data.index(b"\n") + 1
    count, size = map(int, data[:at].split())
    rows = {}
    for _ in range(count):
        blank = data.index(b" ", at)
        rows[data[at:blank].strip().decode()] = struct.unpack_from(f"<{size}f", data, blank + 1)
        at = blank + 1 + 4 * size
    return rows


def gensim():
    """A python that has it: this one, that of SEQNN_BENCH_PYTHON, or one of its own."""
    own = ROOT / "build" / "venv-words"
    for python in (sys.executable, os.environ.get("SEQNN_BENCH_PYTHON"), own / "bin" / "python"):
        try:
            if python and call([python, "-c", "import gensim"])[0]:
                return python
        except OSError:
            continue
    return packages.install(own, "gensim")


def files(report, program, folder):
    same = []
    for threads in ("1", "2"):
        base = folder / f"threads{threads}"
        status, output = run(program, "--quick", "--train", WORDS / "corpus.txt", "--skip-gram",
                             "--out", folder, "--save", f"{base}.bin", "--save", f"{base}.txt",
                             "--save", f"{base}.safetensors", "--threads", threads)
        report.check(f"word2vec --quick, {threads} threads", status == 0, output)
        same.append([base.with_suffix(f".{end}").read_bytes()
                     for end in ("bin", "txt", "safetensors")])
    report.check("the same seed gives the same files with one thread and two",
                 same[0] == same[1])
    text, binary = text_vectors(folder / "threads1.txt"), binary_vectors(folder / "threads1.bin")
    report.check("text and binary file hold the same words in the same order",
                 list(text) == list(binary) and "king" in text)
    report.check("and the same numbers", all(
        struct.pack(f"<{len(row)}f", *row) == struct.pack(f"<{len(row)}f", *text[word])
        for word, row in binary.items()))
    try:
        python = gensim()
    except (OSError, subprocess.CalledProcessError) as error:
        report.skip("gensim opens both and they are the same", f"package from PyPI: {error}")
        return
    good, output = call([python, "-c", f"""
from gensim.models import KeyedVectors
a = KeyedVectors.load_word2vec_format({str(folder / 'threads1.bin')!r}, binary=True)
b = KeyedVectors.load_word2vec_format({str(folder / 'threads1.txt')!r}, binary=False)
assert a.index_to_key == b.index_to_key == {list(binary)!r}
assert (a.vectors == b.vectors).all()
"""])
    report.check("gensim opens both and they are the same", good, output)


def options(report, program, folder):
    text = folder / "own.txt"
    text.write_text("Red, green, blue!\nGreen, blue and red.\nBlue red Green\n" * 50)
    status, output = run(program, "--train", text, "--near", "red", "--out", folder, "--save",
                         folder / "own.txt.bin", "--hierarchical", "--lock-free", "--threads", "1",
                         "--dimension", "8", "--window", "2", "--min-count", "2",
                         "--subsampling", "0", "--learning-rate", "0.1", "--epochs", "3")
    report.check("word2vec takes any text and all its options", status == 0 and
                 "500 words in 150 lines; the vocabulary of 4 covers 100.0 %" in output, output)
    text.write_text("Red red RED " * 20 + "blue " * 20)
    status, output = run(program, "--train", text, "--as-is", "--near", "Red", "--out", folder,
                         "--save", folder / "own.txt.bin")
    report.check("word2vec --as-is keeps capitals", "the vocabulary of 4 covers" in output, output)
    text.write_text("Red blue.\nBlue red.\nÄther blue red.\n" * 50)
    kept = folder / "kept.bin"
    pairs = folder / "pairs.txt"
    pairs.write_text("red\tblue\t5\nred\tgreen\t4\n")
    status, output = run(program, "--train", text, "--near", "red", "--near", "red", "--out",
                         folder, "--save", kept, "--similarity", pairs)
    report.check("word2vec draws no t-SNE of three words, and names a word once",
                 status == 0 and "wants 4 words and here are 3" in output and
                 len(re.findall(r"^red +[^ 0-9]", output, re.M)) == 1, output)
    report.check("word2vec prints no coefficient of too few pairs", "Spearman" not in output and
                 "1 of 2 pairs, too few" in output, output)
    report.check("word2vec keeps its columns where a character has several bytes",
                 len({len(line) for line in re.findall(r"^\S+ +\d+ +\d+ %$", output, re.M)}) == 1,
                 output)
    kept.unlink()
    status, output = run(program, "--train", text, "--near", "nosuchword", "--save", kept,
                         "--out", folder)
    report.check("word2vec saves the vectors before it can fail", status and kept.exists(), output)
    for arguments, sentence in WRONG:
        status, output = run(program, "--train", WORDS / "corpus.txt", "--out", folder,
                             *arguments)
        report.check(f"word2vec {' '.join(arguments)} is refused", status and sentence in output, output)
    status, output = run(program, "--help")
    missing = [option for option in re.findall(r'"(--[a-z-]+)"', (
        ROOT / "examples" / "word2vec.c").read_text())
        if option != "--help" and option not in output]
    report.check("word2vec --help tells every option", status == 0 and not missing, missing)


def main():
    report = Report()
    with scratch() as name:
        folder = Path(name)
        common = folder / "seqnn.c"
        common.write_text("#define SEQNN_IMPLEMENTATION\n#define SEQNN_PLOT\n"
                          '#define SEQNN_WORDS\n#include "seqnn.h"\n')
        good, output = call([*FLAGS, "-I", ROOT, "-c", common, "-o", folder / "seqnn.o"])
        report.check("the implementation compiles", good, output)
        programs = [folder / "05_cbow_six_words", folder / "06_word_vectors", folder / "word2vec"]
        for program in programs:
            good, output = call([*FLAGS, "-DSEQNN_IMPLEMENTED", ROOT / "examples" /
                                 f"{program.name}.c", folder / "seqnn.o", "-o", program, "-lm"])
            report.check(f"{program.name}.c compiles", good, output)
        if not good:
            report.end()
        six_words(report, programs[0], folder)
        real_text(report, programs[1], folder)
        shuffled_text(report, programs[2], folder)
        for name in ("pca", "tsne"):
            picture = folder / f"word2vec_{name}.png"
            report.check(f"word2vec draws {name}",
                         picture.exists() and picture.stat().st_size > 5000)
        files(report, programs[2], folder)
        options(report, programs[2], folder)
    report.end()


main()
