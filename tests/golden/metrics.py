"""Records scikit-learn's figures for tests/test_metrics.c.

    python tests/golden/metrics.py > tests/golden/metrics_record.h

Random cases; in the second and third some classes never occur or are never predicted.
No ties: scikit-learn ranks equal scores the other way round.
"""
import numpy as np
import sklearn
from sklearn import metrics as sk

rng = np.random.default_rng(3)



def lines(name, kind, values, form):
    text = [form.format(v) for v in np.asarray(values).ravel().tolist()]
    out, line = [], "   "
    for word in text:
        if len(line) + len(word) > 86:
            out.append(line)
            line = "   "
        line += " " + word + ","
    return f"static const {kind} {name}[] = {{\n" + "\n".join(out + [line]) + "\n};\n"


print(f"""/* Written by tests/golden/metrics.py with scikit-learn {sklearn.__version__}. */
#ifndef METRICS_RECORD_H
#define METRICS_RECORD_H

#include <stdint.h>
""")

cases = [(40, 5, 0.5, range(5)), (30, 6, 0.8, [0, 2, 5]), (25, 4, 0.0, [1]), (60, 20, 1.0, range(20))]
table = []
for number, (count, classes, signal, present) in enumerate(cases):
    truth = rng.choice(list(present), count)
    scores = rng.normal(size=(count, classes))
    scores[np.arange(count), truth] += 2 * signal
    if number == 1:
        scores[:, 3] -= 50  # neither true nor predicted
    scores = scores.round(4)
    for r in scores:
        assert len(set(r)) == classes
    weight = rng.integers(0, 3, count) / 2
    predicted = scores.argmax(1)
    every = list(range(classes))
    k = 3
    print(lines(f"truth_{number}", "int32_t", truth, "{}"))
    print(lines(f"scores_{number}", "double", scores, "{:.4f}"))
    print(lines(f"weight_{number}", "double", weight, "{:.1f}"))
    print(lines(f"confusion_{number}", "int64_t", sk.confusion_matrix(truth, predicted, labels=every), "{}"))
    by_class = np.array(sk.precision_recall_fscore_support(truth, predicted, labels=every, zero_division=0)).T
    print(lines(f"by_class_{number}", "double", by_class, "{:.12g}"))
    averages = [sk.precision_recall_fscore_support(truth, predicted, labels=every, average=a, zero_division=0)[:3]
                for a in ("macro", "weighted", "micro")]
    print(lines(f"averages_{number}", "double", averages, "{:.12g}"))
    top = [sk.top_k_accuracy_score(truth, scores, k=k, labels=every, sample_weight=w) for w in (None, weight)]
    table.append(f"    {{{count}, {classes}, truth_{number}, scores_{number}, weight_{number}, confusion_{number},\n"
                 f"     by_class_{number}, averages_{number},\n"
                 f"     {sk.accuracy_score(truth, predicted):.12g}, "
                 f"{sk.accuracy_score(truth, predicted, sample_weight=weight):.12g},\n"
                 f"     {top[0]:.12g}, {top[1]:.12g}}},")
    if number == 1:
        names = ["business", "politics", "sport", "empty", "technology and science", "tv"]
        report = sk.classification_report(truth, predicted, labels=every, target_names=names, zero_division=0)

print("""static const struct {
    int count, classes;
    const int32_t *truth;
    const double *scores, *weight;
    const int64_t *confusion;
    const double *by_class, *averages; /* precision, recall, F1(, support) */
    double accuracy, weighted_accuracy, top_3, weighted_top_3;
} recorded_cases[] = {""")
print("\n".join(table))
print("};\n")

print("static const char *const report_names[] = {")
print("\n".join(f'    "{n}",' for n in names) + "\n};\n")
print("static const char report_1[] =")
print("\n".join(f'    "{line}\\n"' for line in report.splitlines()) + ";\n")

count, labels = 30, 7
truth = (rng.random((count, labels)) < 0.25).astype(int)
probability = np.clip(0.5 * truth + rng.random((count, labels)) * 0.6, 0, 1).round(3)
truth[4] = 0
probability[4] *= 0.4  # neither true nor predicted
truth[9] = 0
probability[9, 2] = 0.9  # predicted only
for threshold in (0.5, 0.7):
    score = sk.f1_score(truth, probability >= threshold, average="samples", zero_division=1)
    print(f"static const double labeling_{int(threshold * 10)} = {score:.12g};")
print("enum { labeling_count = %d, labeling_labels = %d };" % (count, labels))
print(lines("labeling_truth", "double", truth, "{}"))
print(lines("labeling_probability", "double", probability, "{:.3f}"))

p = rng.random((20, 5)).round(4) + 0.01
p /= p.sum(1, keepdims=True)
came = rng.integers(0, 5, 20)
weight = rng.integers(0, 2, 20)
print(lines("came_probability", "double", p[np.arange(20), came], "{:.12g}"))
print(lines("came_weight", "double", weight, "{}"))
for name, w in (("perplexity", None), ("masked_perplexity", weight)):
    loss = sk.log_loss(came, p, labels=range(5), sample_weight=w)
    print(f"static const double {name}_recorded = {np.exp(loss):.12g};")
print("\n#endif")
