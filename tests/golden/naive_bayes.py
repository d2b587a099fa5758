"""Records scikit-learn's naive Bayes for tests/test_naive_bayes.c.

    python tests/golden/naive_bayes.py > tests/golden/naive_bayes_record.h

Random texts of three classes: the rows of word numbers themselves, and what MultinomialNB
makes of their counts. Class 2 is rare, and one word it never shows.
"""
import numpy as np
import sklearn
from sklearn.naive_bayes import MultinomialNB

TEXTS, TIME, WORDS, CLASSES, TRAINED = 30, 12, 9, 3, 20
rng = np.random.default_rng(2)


def lines(name, kind, values, form):
    out, line = [], "   "
    for word in (form.format(v) for v in np.asarray(values).ravel().tolist()):
        if len(line) + len(word) > 86:
            out.append(line)
            line = "   "
        line += " " + word + ","
    return f"static const {kind} {name}[] = {{\n" + "\n".join(out + [line]) + "\n};\n"


print(f"""/* Written by tests/golden/naive_bayes.py with scikit-learn {sklearn.__version__}. */
#ifndef NAIVE_BAYES_RECORD_H
#define NAIVE_BAYES_RECORD_H

#include <stdint.h>

enum {{ TEXTS = {TEXTS}, TIME = {TIME}, WORDS = {WORDS}, CLASSES = {CLASSES}, TRAINED = {TRAINED} }};
""")

# Words are 1 .. WORDS, the padding behind them 0.
label = rng.choice(CLASSES, TEXTS, p=[0.5, 0.35, 0.15])
label[:CLASSES] = range(CLASSES)
length = rng.integers(1, TIME + 1, TEXTS)
chance = rng.dirichlet(np.ones(WORDS), CLASSES)
chance[2, 4] = 0
chance /= chance.sum(1, keepdims=True)
words = np.zeros((TEXTS, TIME), int)
for i in range(TEXTS):
    words[i, :length[i]] = 1 + rng.choice(WORDS, length[i], p=chance[label[i]])
weight = rng.integers(1, 5, TEXTS) / 2
counts = np.stack([np.bincount(row, minlength=WORDS + 1)[1:] for row in words])

print(lines("label", "int32_t", label, "{}"))
print(lines("length", "int32_t", length, "{}"))
print(lines("words", "int32_t", words, "{}"))
print(lines("weight", "double", weight, "{:.1f}"))

cases = []
for alpha, binary, weighted in ((1, False, False), (0.25, False, False), (1, True, False),
                                (2, False, True)):
    x = np.sign(counts) if binary else counts
    model = MultinomialNB(alpha=alpha).fit(x[:TRAINED], label[:TRAINED],
                                           weight[:TRAINED] if weighted else None)
    n = len(cases)
    print(lines(f"prior_{n}", "double", model.class_log_prior_, "{:.12g}"))
    print(lines(f"likelihood_{n}", "double", model.feature_log_prob_, "{:.12g}"))
    print(lines(f"posterior_{n}", "double", model.predict_log_proba(x[TRAINED:]), "{:.12g}"))
    cases.append(f"    {{{alpha}, {int(binary)}, {int(weighted)}, prior_{n}, likelihood_{n}, posterior_{n}}},")

print("""/* MultinomialNB fitted on the first TRAINED texts, posterior of the others. */
static const struct recorded {
    double alpha;
    int binary, weighted;
    const double *prior, *likelihood, *posterior;
} RECORDED[] = {""")
print("\n".join(cases))
print("};\n\n#endif")
