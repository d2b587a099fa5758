"""Records numpy's bins and counts for tests/plots/test_labels_and_bins.c.

    python tests/golden/histogram.py > tests/golden/histogram_record.h

Values are written with few digits, so that C reads the very same numbers.
"""
import numpy as np

rng = np.random.default_rng(11)


def lines(name, values, form="{!r}"):
    out, line = [], "   "
    for word in (form.format(v) for v in np.asarray(values).tolist()):
        if len(line) + len(word) > 86:
            out.append(line)
            line = "   "
        line += " " + word + ","
    return f"static const double {name}[] = {{\n" + "\n".join(out + [line]) + "\n};\n"


samples = {
    "normal": rng.normal(size=400).round(3),
    "skewed": rng.exponential(3, 250).round(3),
    "few": rng.uniform(-1, 1, 9).round(3),
    "peaked": np.where(rng.random(200) < 0.9, 0.25, rng.normal(size=200)).round(3),
    "tiny": (rng.normal(size=150) * 1e-20).round(23),
    "outlier": np.append(rng.normal(size=99), 12).round(3),
}

print(f"""/* Written by tests/golden/histogram.py with numpy {np.__version__}. */
#ifndef HISTOGRAM_RECORD_H
#define HISTOGRAM_RECORD_H
""")
table = []
for name, values in samples.items():
    edges = np.histogram_bin_edges(values, bins="auto")
    counts, _ = np.histogram(values, bins="auto")
    seven, _ = np.histogram(values, bins=7, range=(float(np.quantile(values, 0.1)), float(values.max())))
    print(lines(f"{name}_values", values))
    print(lines(f"{name}_edges", edges))
    print(lines(f"{name}_counts", counts))
    print(lines(f"{name}_seven", seven))
    table.append(f'    {{"{name}", {len(values)}, {name}_values, {len(counts)}, {name}_edges,\n'
                 f"     {name}_counts, {float(np.quantile(values, 0.1))!r}, {name}_seven}},")
print("""static const struct {
    const char *name;
    int count;
    const double *values;
    int bins; /* numpy's 'auto' */
    const double *edges, *counts;
    double tenth; /* counts of seven bins from this quantile to the largest value */
    const double *seven;
} recorded_histograms[] = {""")
print("\n".join(table))
print("};\n\n#endif")
