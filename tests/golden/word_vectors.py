#!/usr/bin/env python3
"""Records what numpy reads from the public word vectors, for tests/test_vectors.c.

    python3 tests/golden/word_vectors.py DATA > tests/golden/word_vectors_record.h

DATA holds wordvec/. Of each file: how many vectors of how many numbers, and FNV-1a over
the bytes of the words, each with a line feed, and over those of the numbers as float32.
"""
import gzip
import sys
from pathlib import Path

import numpy as np

from recording import checksum


def binary(data):
    header, at = data.split(b"\n", 1)[0], data.index(b"\n") + 1
    count, dimension = map(int, header.split())
    words, rows = [], []
    for _ in range(count):
        blank = data.index(b" ", at)
        words.append(data[at:blank].lstrip(b"\n"))
        rows.append(np.frombuffer(data, "<f4", dimension, blank + 1))
        at = blank + 1 + 4 * dimension
    assert data[at:] in (b"", b"\n")
    return words, np.stack(rows)


def text(data):
    lines = [line.split(b" ") for line in data.rstrip(b"\n").split(b"\n")]
    return [line[0] for line in lines], np.array([line[1:] for line in lines], dtype="<f4")


print("/* Written by tests/golden/word_vectors.py. */")
print("static const struct public_vectors {\n    const char *name;\n    int count, dimension;\n"
      "    uint32_t words, values;\n} public_vectors[] = {")
for name in ("GoogleNews-vectors-subset8000-300d.bin.gz", "glove.6B.50d.subset9068.txt.gz",
             "glove.6B.100d.first2604.txt.gz"):
    data = gzip.decompress((Path(sys.argv[1]) / "wordvec" / name).read_bytes())
    words, values = (binary if ".bin" in name else text)(data)
    print(f'    {{"wordvec/{name}", {len(words)}, {values.shape[1]}, '
          f'{checksum(b"".join(w + bytes([10]) for w in words))}u, '
          f"{checksum(values.astype('<f4').tobytes())}u}},")
print("};")
