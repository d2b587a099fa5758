/* Written by tests/golden/tsne.py with scikit-learn 1.9.1. */
#ifndef TSNE_RECORD_H
#define TSNE_RECORD_H

static const struct tsne_case {
    int kind, n, m;
    unsigned seed;
    double perplexity;
    int cosine;
    double divergence;
    double trust[2]; /* trustworthiness of 5 and of 15 neighbours */
} recorded_tsne[] = {
    {0, 120, 10, 1, 30, 0, 0.171461, {0.97494, 0.97194}},
    {0, 150, 20, 2, 10, 1, 0.542684, {0.96592, 0.94683}},
    {1, 100, 4, 3, 10, 0, 0.158706, {0.99963, 0.99983}},
    {2, 80, 6, 4, 15, 0, 0.631435, {0.94205, 0.86751}},
    {0, 60, 3, 5, 12, 0, 0.100264, {0.98769, 0.98766}},
};

#endif
