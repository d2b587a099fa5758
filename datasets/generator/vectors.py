"""wordvec/vectors.100d.txt: vectors for the words of the titles and the posts.

Words of one group point into similar directions, groups of one family into related ones;
a tenth of the words has no vector.
"""

import random

from generator.posts import COMMON, FAMILIES, GLUE, GROUPS
from generator.titles import TITLES


def write(folder, seed):
    rng = random.Random(seed)

    def direction(scale):
        return [rng.gauss(0, scale) for _ in range(100)]

    rows = {}
    for word in GLUE + COMMON:
        rows[word] = direction(0.4)
    families = {family: direction(0.25) for family in FAMILIES}
    for group, words in GROUPS.items():
        family = families[group.split(".")[0]]
        centre = [f + c for f, c in zip(family, direction(0.25))]
        for word in words.split():
            rows.setdefault(word, [c + n for c, n in zip(centre, direction(0.25))])
    for family, words in FAMILIES.items():
        for word in words.split():
            rows.setdefault(word, [c + n for c, n in zip(families[family], direction(0.25))])
    for words in TITLES.values():
        centre = direction(0.3)
        for word in words.split():
            rows.setdefault(word, [c + n for c, n in zip(centre, direction(0.3))])
    with open(folder / "vectors.100d.txt", "w", encoding="utf-8", newline="\n") as out:
        for word, row in rows.items():
            if word in GLUE or rng.random() < 0.9:
                out.write(word + "".join(f" {x:.4f}" for x in row) + "\n")
