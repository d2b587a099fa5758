#!/usr/bin/env python3
"""Writes the bundled data sets.

    python3 datasets/generate.py [--into FOLDER] [set ...]

They stand for the public sets in the same formats, but every text is put together at
random from word lists; nobody wrote them. One module of generator/ for each set says what
is in it. Same seed, same bytes. Only Python's standard library.
"""

import argparse
import shutil
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from generator import (abstracts, agreement, news, pairs, posts, prose, reviews,  # noqa: E402
                       tagged, titles, vectors, weather, words)

SEED = 2004
# A folder, and who writes it; each set has a seed of its own and does not move the others.
SETS = {"bbc": titles, "20news": posts, "wordvec": vectors, "imdb": reviews,
        "agreement": agreement, "ner-gmb": tagged, "news-summary": news, "arxiv": abstracts,
        "pairs": pairs, "weather": weather, "charlm": prose, "words": words}


def main():
    parser = argparse.ArgumentParser(description="Writes the bundled data sets.")
    parser.add_argument("--into", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("sets", nargs="*", metavar="set", help=", ".join(SETS))
    options = parser.parse_args()
    for name in options.sets:
        if name not in SETS:
            parser.error(f"there is no set {name!r}, only {', '.join(SETS)}")
    for number, (name, module) in enumerate(SETS.items()):
        if not options.sets or name in options.sets:
            folder = options.into / name
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            module.write(folder, SEED + number)


if __name__ == "__main__":
    main()
