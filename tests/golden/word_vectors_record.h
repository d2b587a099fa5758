/* Written by tests/golden/word_vectors.py. */
static const struct public_vectors {
    const char *name;
    int count, dimension;
    uint32_t words, values;
} public_vectors[] = {
    {"wordvec/GoogleNews-vectors-subset8000-300d.bin.gz", 8000, 300, 1894265734u, 3491558138u},
    {"wordvec/glove.6B.50d.subset9068.txt.gz", 9068, 50, 620861694u, 3254742246u},
    {"wordvec/glove.6B.100d.first2604.txt.gz", 2604, 100, 2638057135u, 4119756315u},
};
