#!/usr/bin/env python3
"""The corpus of the word vectors, from the public sets: one text of about 23.7 million words.

    datasets/make_word_corpus.py [DATA] [--into FILE]

DATA (default: $SEQNN_DATA, then ../shared/data) holds charlm/mahabharata-books01-12.txt,
arxiv/arxiv_data.csv, both perhaps with .gz behind the name, and imdb/aclImdb.tar.gz or the
folder imdb/aclImdb. FILE is datasets/cache/words/corpus.txt unless told otherwise.

One paragraph of the Mahabharata, one paper (title and abstract) of arXiv or one review of
IMDB is one line, in this order and within each as the set has them; reviews by train and
test, pos and neg, and number. Letters become lower case; letters, digits and apostrophes (the
typographic one as ') stay; <br /> and every other character become a blank, and blanks in a
row one. What is left empty is no line. Prints what the corpus holds and its checksum.
"""

import argparse
import collections
import csv
import gzip
import hashlib
import io
import os
import re
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
MIN_COUNT = 5
OTHER = re.compile(r"<br\s*/?>|[^\w']|_")


def words_of(text):
    return OTHER.sub(" ", text.lower().replace("\u2019", "'")).split()


def open_text(path):
    """path, or path with .gz."""
    packed = path.with_name(path.name + ".gz")
    if not path.exists() and packed.exists():
        return io.TextIOWrapper(gzip.open(packed), encoding="utf-8", newline="")
    return open(path, encoding="utf-8", newline="")


def paragraphs(data):
    with open_text(data / "charlm/mahabharata-books01-12.txt") as file:
        paragraph = ""
        for line in file:
            paragraph += line
            if not line.strip():
                yield paragraph
                paragraph = ""
        yield paragraph


def papers(data):
    with open_text(data / "arxiv/arxiv_data.csv") as file:
        for row in csv.DictReader(file):
            yield f"{row['titles']} {row['summaries']}"


REVIEW = re.compile(r"aclImdb/(train|test)/(pos|neg)/(\d+)_\d+\.txt$")


def in_order(name):
    """Sorts train before test, pos before neg, and then by number; None: no review."""
    part = REVIEW.search(name)
    return part and (part[1] != "train", part[2] != "pos", int(part[3]))


def reviews(data):
    folder, packed = data / "imdb/aclImdb", data / "imdb/aclImdb.tar.gz"
    if folder.is_dir() or not packed.exists():
        names = {str(path): path for path in folder.glob("*/*/*.txt")}
        for name in sorted(filter(in_order, names), key=in_order):
            yield names[name].read_text(encoding="utf-8")
        return
    with tarfile.open(packed) as archive:  # once through: seeking in it unpacks it again
        texts = {member.name: archive.extractfile(member).read()
                 for member in archive if in_order(member.name)}
    for name in sorted(texts, key=in_order):
        yield texts[name].decode("utf-8")


PARTS = (("Mahabharata", paragraphs), ("arXiv", papers), ("IMDB", reviews))


def write(data, path):
    """Writes the corpus and returns what it holds, in lines for printing."""
    counts, digest, report = collections.Counter(), hashlib.sha256(), []
    lines = size = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        for name, texts in PARTS:
            part_lines = part_words = 0
            for words in filter(None, map(words_of, texts(data))):
                line = (" ".join(words) + "\n").encode("utf-8")
                file.write(line)
                digest.update(line)
                size += len(line)
                counts.update(words)
                part_lines += 1
                part_words += len(words)
            if not part_lines:
                raise OSError(f"{data}: there is no text for {name}")
            lines += part_lines
            report.append(f"{name:<12} {part_words:>9} words {part_lines:>7} lines")
    os.replace(part, path)
    kept = [count for count in counts.values() if count >= MIN_COUNT]
    report.append(f"{'all':<12} {counts.total():>9} words {lines:>7} lines")
    report.append(f"distinct words {len(counts)}, of {MIN_COUNT} occurrences or more {len(kept)} "
                  f"({sum(kept)} words of the text)")
    report.append(f"{size} bytes, sha256 {digest.hexdigest()}")
    return report


def main():
    usage = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    default = os.environ.get("SEQNN_DATA") or HERE.parent.parent / "shared" / "data"
    usage.add_argument("data", nargs="?", type=Path, default=Path(default))
    usage.add_argument("--into", type=Path, default=HERE / "cache" / "words" / "corpus.txt")
    given = usage.parse_args()
    csv.field_size_limit(1 << 24)
    try:
        print(*write(given.data, given.into), given.into, sep="\n")
    except (OSError, EOFError, KeyError, ValueError, csv.Error, tarfile.TarError) as error:
        given.into.with_name(given.into.name + ".part").unlink(missing_ok=True)
        sys.exit(f"make_word_corpus: {error}")


if __name__ == "__main__":
    main()
