"""What bench_plots.c draws, drawn by matplotlib: prints points, milliseconds, and those of
the processor."""
import statistics
import sys
import time

import matplotlib
import numpy as np

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

PICTURES = 9

for count in (50, 500, 500000):
    i = np.arange(count, dtype="float32")
    training = np.sin(10 * i / count) + 0.1 * np.sin(12.9898 * i)
    validation = np.cos(10 * i / count)
    took, worked = [], []
    for _ in range(PICTURES):
        began, start = time.perf_counter(), time.process_time()
        figure, axes = pyplot.subplots(figsize=(8, 6), dpi=100)
        axes.plot(training, label="training")
        axes.plot(validation, label="validation")
        axes.set(title="Two lines", xlabel="time", ylabel="value")
        axes.grid(True)
        axes.legend()
        figure.savefig(sys.argv[1])
        pyplot.close(figure)
        took.append(1e3 * (time.perf_counter() - began))
        worked.append(1e3 * (time.process_time() - start))
    print(2 * count, f"{statistics.median(took):.4g} {statistics.median(worked):.4g}")
