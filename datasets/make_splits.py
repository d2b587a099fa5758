#!/usr/bin/env python3
"""Write the fixed train/validation splits of the public sets into datasets/splits/.

    python3 datasets/make_splits.py DATA

DATA holds bbc/bbc-titles.tsv and 20news/20news-bydate.tar.gz. The protocol stands in
datasets/splits/README.md. Only Python's standard library.
"""
import random
import sys
import tarfile
from pathlib import Path

SEED = 56
VALIDATION = 0.2
SPLITS = Path(__file__).resolve().parent / "splits"


def bbc_titles(data):
    """(id, class, what duplicates share) of every title, in file order"""
    lines = (data / "bbc/bbc-titles.tsv").read_bytes().decode("utf-8").split("\n")
    for number, line in enumerate(lines):
        if line:
            label, title = line.rstrip("\r").split("\t")
            yield str(number), label, title.strip()


def newsgroups(data):
    """the same of every post, sorted by the bytes of its path"""
    posts = []
    with tarfile.open(data / "20news/20news-bydate.tar.gz") as archive:
        for entry in archive:
            if entry.isfile():
                body = archive.extractfile(entry).read().partition(b"\n\n")[2]
                posts.append((entry.name, entry.name.split("/")[-2], body.strip()))
    return sorted(posts, key=lambda post: post[0].encode())


def choose(documents):
    """Numbers of the validation documents: groups of duplicates in random order, taken
    whole while they fit."""
    groups = {}
    for number, (_, _, text) in enumerate(documents):
        groups.setdefault(text, []).append(number)
    order = list(groups.values())
    random.Random(SEED).shuffle(order)
    wanted, chosen = round(VALIDATION * len(documents)), []
    for group in order:
        if len(chosen) + len(group) <= wanted:
            chosen += group
    return sorted(chosen), len(groups)


def write(name, what, documents):
    chosen, distinct = choose(documents)
    with open(SPLITS / name, "w", encoding="utf-8", newline="\n") as out:
        out.write(f"# {what}: the validation documents, id<TAB>class; all others train.\n"
                  f"# datasets/make_splits.py, seed {SEED}; {distinct} distinct texts, "
                  f"duplicates on one side\n"
                  f"# documents {len(documents)} validation {len(chosen)}\n")
        for number in chosen:
            out.write(f"{documents[number][0]}\t{documents[number][1]}\n")
    print(f"{name}: {len(documents)} documents, {distinct} distinct, {len(chosen)} to validate")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    data = Path(sys.argv[1])
    SPLITS.mkdir(exist_ok=True)
    write("bbc_titles.txt", "BBC titles (id: 0-based line of bbc-titles.tsv)",
          list(bbc_titles(data)))
    write("20news.txt", "20 Newsgroups, bydate (id: path in the archive)", newsgroups(data))


main()
