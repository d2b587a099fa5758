#!/usr/bin/env python3
"""Records what gensim says of small word vectors, for tests/test_word_space.c.

    python3 tests/golden/word_space.py DATA > tests/golden/word_space_record.h

The vectors, the questions and the similarity set are made here; DATA holds public ones,
wordvec/ and wordsim/, of which the figures alone are recorded. gensim 4.4.0 answers: its
most_similar, most_similar_cosmul, evaluate_word_analogies and evaluate_word_pairs. It has
no evaluation by 3CosMul (its argument similarity_function is not used), so that one is a
loop here around most_similar_cosmul, with the rules of evaluate_word_analogies.
"""
import logging
import sys
import tempfile
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors

logging.disable(logging.CRITICAL)
DIMENSION = 6
rng = np.random.default_rng(6)
scratch = Path(tempfile.mkdtemp())


def cluster(names, offset, spread):
    """Two words to a name, one further along the offset than the other."""
    rows = []
    for one, other in names:
        centre = rng.normal(size=DIMENSION)
        rows.append((one, centre + spread * rng.normal(size=DIMENSION)))
        rows.append((other, centre + offset + spread * rng.normal(size=DIMENSION)))
    return rows


capitals = [("Vanor", "Sild"), ("Terrim", "Ochta"), ("\u00c9lan", "Quir"), ("Maro", "Perin"),
            ("Holm", "Astra"), ("Rusk", "Dova"), ("Eden", "Lume")]
plurals = [("cat", "cats"), ("river", "rivers"), ("stone", "stones"), ("song", "songs"),
           ("maro", "maros"), ("leaf", "leaves")]
rows = cluster(capitals, 0.9 * rng.normal(size=DIMENSION), 0.35)
rows += cluster(plurals, 0.9 * rng.normal(size=DIMENSION), 0.3)
rows.insert(5, ("SILD", rows[1][1] + 0.05 * rng.normal(size=DIMENSION)))
rows.append(("\u00e9lan", rng.normal(size=DIMENSION)))
rows += [("stone-cold", rng.normal(size=DIMENSION)), ("CATS", rng.normal(size=DIMENSION))]
words = [word for word, _ in rows]
values = np.round(np.array([row for _, row in rows]), 3) * np.arange(1, len(rows) + 1)[:, None]

vectors = f"{len(words)} {DIMENSION}\n" + "".join(
    f"{word} {' '.join(f'{x:.3f}' for x in row)}\n" for word, row in zip(words, values))
questions = ": capitals of countries\n"
for a, b in capitals:
    questions += "".join(f"{a} {b} {c} {d}\n" for c, d in capitals if c != a)
questions += "Vanor Sild Nowhere Ochta\n: gram-plural\n"
for a, b in plurals:
    questions += "".join(f"{a} {b} {c} {d}\n" for c, d in plurals if c != a)
questions += "cat cats Leaf lEAVES\ncat cats dog dogs\n: gram-empty\n: one\nHolm Astra holm ASTRA\n"
pairs = "# people's scores\n"
for i in range(40):
    a, b = rng.choice(words + ["unheard"], 2, replace=False)
    pairs += f"{a.upper() if i % 3 == 0 else a}\t{b}\t{rng.integers(0, 9) / 2}\n"

(scratch / "v").write_text(vectors, encoding="utf-8")
(scratch / "q").write_text(questions, encoding="utf-8")
(scratch / "p").write_text(pairs, encoding="utf-8")
kv = KeyedVectors.load_word2vec_format(scratch / "v", binary=False)


def by_cosmul(kv, questions, restrict, insensitive, topn):
    """evaluate_word_analogies with most_similar_cosmul, of which topn answers are looked at."""
    spell = str.upper if insensitive else str
    keys = kv.index_to_key[:restrict]
    known = {spell(key): key for key in reversed(keys)}
    within = set(keys)
    sections = []
    for line in questions.splitlines():
        if line.startswith(": "):
            sections.append([0, 0])
            continue
        asked = [spell(word) for word in line.split()]
        if not all(word in known for word in asked):
            continue
        a, b, c, d = asked
        # Answers: all words, of which those beyond `restrict` do not count.
        answers = kv.most_similar_cosmul([known[b], known[c]], [known[a]], topn=topn)
        best = next((spell(word) for word, _ in answers
                     if word in within and spell(word) not in (a, b, c)), None)
        sections[-1][0] += best == d
        sections[-1][1] += 1
    return sections


def literal(text):
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').split("\n")[:-1]
    return "\n".join(f'    "{line}\\n"' for line in quoted)


print("/* Written by tests/golden/word_space.py. */\n/* clang-format off */")
for name, text in ("vectors", vectors), ("questions", questions), ("pairs_text", pairs):
    print(f"static const char recorded_{name}[] =\n{literal(text)};")

print("static const struct recorded_search {\n    const char *positive[3], *negative[2];\n"
      "    int mul;\n    const char *word[6];\n    double similarity[6];\n} recorded_searches[] = {")
for positive, negative in ((["river"], []), (["Sild", "Terrim"], ["Vanor"]),
                           (["cats", "leaf"], ["cat"]), (["cat", "song", "stone"], ["Eden", "maro"]),
                           (["\u00c9lan", "river"], [])):
    for mul in 0, 1:
        search = kv.most_similar_cosmul if mul else kv.most_similar
        found = search(positive, negative, topn=6)
        print(f"    {{{{{', '.join(f'{chr(34)}{w}{chr(34)}' for w in positive)}}}, "
              f"{{{', '.join(f'{chr(34)}{w}{chr(34)}' for w in negative) or 'NULL'}}}, {mul},\n"
              f"     {{{', '.join(f'{chr(34)}{w}{chr(34)}' for w, _ in found)}}},\n"
              f"     {{{', '.join(f'{s:.7f}' for _, s in found)}}}}},")
print("};")

print("static const struct recorded_analogies {\n    int restrict_vocab, case_sensitive, mul;\n"
      "    int correct[4], seen[4];\n} recorded_analogies[] = {")
for restrict, insensitive in ((300000, True), (300000, False), (15, True), (21, False)):
    _, sections = kv.evaluate_word_analogies(scratch / "q", restrict, insensitive)
    add = [[len(s["correct"]), len(s["correct"]) + len(s["incorrect"])] for s in sections[:-1]]
    for mul, counts in enumerate((add, by_cosmul(kv, questions, restrict, insensitive, len(words)))):
        correct, seen = zip(*counts)
        print(f"    {{{restrict}, {int(not insensitive)}, {mul}, {{{', '.join(map(str, correct))}}}, "
              f"{{{', '.join(map(str, seen))}}}}},")
print("};")

print("static const struct recorded_pairs {\n    int restrict_vocab, case_sensitive;\n"
      "    double spearman, pearson, unknown_ratio;\n} recorded_pairs[] = {")
for restrict, insensitive in ((300000, True), (300000, False), (15, True)):
    pearson, spearman, unknown = kv.evaluate_word_pairs(scratch / "p", restrict_vocab=restrict,
                                                        case_insensitive=insensitive)
    print(f"    {{{restrict}, {int(not insensitive)}, {spearman[0]:.8f}, {pearson[0]:.8f}, "
          f"{unknown / 100:.8f}}},")
print("};")

print("static const struct public_figures {\n    const char *vectors;\n    int correct[14], "
      "correct_mul[14], seen[14];\n    struct public_set {\n        const char *name;\n"
      "        double spearman, pearson, unknown_ratio;\n    } set[9];\n} public_figures[] = {")
data = Path(sys.argv[1])
file = data / "wordvec" / "questions-words.txt"
for name, binary in (("GoogleNews-vectors-subset8000-300d.bin.gz", True),
                     ("glove.6B.100d.first2604.txt.gz", False),
                     ("glove.6B.50d.subset9068.txt.gz", False)):
    kv = KeyedVectors.load_word2vec_format(data / "wordvec" / name, binary=binary,
                                           no_header=not binary)
    _, sections = kv.evaluate_word_analogies(file)
    correct = [len(s["correct"]) for s in sections[:-1]]
    mul, seen = zip(*by_cosmul(kv, file.read_text(encoding="utf-8"), 300000, True, 12))
    print(f'    {{"wordvec/{name}",')
    for counts in correct, mul, seen:
        print(f"     {{{', '.join(map(str, counts))}}},")
    print("     {")
    for path in sorted((data / "wordsim").glob("EN-*.txt")) + [
            data / "wordsim" / "wordsim353" / "combined.tab"]:
        pearson, spearman, unknown = kv.evaluate_word_pairs(path)
        print(f'         {{"{path.relative_to(data)}", {spearman[0]:.8f}, {pearson[0]:.8f}, '
              f"{unknown / 100:.8f}}},")
    print("     }},")
print("};\n/* clang-format on */")
