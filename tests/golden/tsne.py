"""Records scikit-learn's exact t-SNE for tests/test_tsne.c.

    python tests/golden/tsne.py > tests/golden/tsne_record.h

The points are made of small multiples of 1/64 from a linear congruential generator, so
that C makes the same ones, exact in float. For cosine, scikit-learn gets rows of length 1.
"""
import numpy as np
import sklearn
from sklearn.manifold import TSNE, trustworthiness

CLUSTERS, CURVE, NOISE = range(3)


class Generator:
    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return ((self.state >> 16) % 256 - 128) / 64


def points(kind, n, m, seed):
    draw = Generator(seed)
    centres = [[4 * draw.uniform() for _ in range(m)] for _ in range(5)]
    rows = []
    for i in range(n):
        noise = [draw.uniform() for _ in range(m)]
        if kind == CLUSTERS:  # of different sizes, the first two nearly one
            c = min(i % 8, 4)
            near = [centres[0][j] + (8 if c == 1 and j == 0 else 0) for j in range(m)]
            rows.append([a + b for a, b in zip(near if c < 2 else centres[c], noise)])
        elif kind == CURVE:  # a staircase through all dimensions
            rows.append([noise[j] / 16 + (i + m - 1 - j) // m for j in range(m)])
        else:
            rows.append(noise)
    return np.array(rows)


cases = [(CLUSTERS, 120, 10, 1, 30, False), (CLUSTERS, 150, 20, 2, 10, True),
         (CURVE, 100, 4, 3, 10, False), (NOISE, 80, 6, 4, 15, False),
         (CLUSTERS, 60, 3, 5, 12, False)]

print(f"""/* Written by tests/golden/tsne.py with scikit-learn {sklearn.__version__}. */
#ifndef TSNE_RECORD_H
#define TSNE_RECORD_H

static const struct tsne_case {{
    int kind, n, m;
    unsigned seed;
    double perplexity;
    int cosine;
    double divergence;
    double trust[2]; /* trustworthiness of 5 and of 15 neighbours */
}} recorded_tsne[] = {{""")
for kind, n, m, seed, perplexity, cosine in cases:
    x = points(kind, n, m, seed)
    if cosine:
        x /= np.linalg.norm(x, axis=1, keepdims=True)
    tsne = TSNE(method="exact", init="pca", perplexity=perplexity, random_state=0)
    y = tsne.fit_transform(x)
    trust = ", ".join(f"{trustworthiness(x, y, n_neighbors=k):.5f}" for k in (5, 15))
    print(f"    {{{kind}, {n}, {m}, {seed}, {perplexity}, {int(cosine)}, "
          f"{tsne.kl_divergence_:.6f}, {{{trust}}}}},")
print("};\n\n#endif")
