"""The benchmark: its arithmetic and parameters are counted right, its line says what was measured,
and it runs without the peers."""

import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "portability"))
from tap import ROOT, Report, call, scratch  # noqa: E402

sys.path += [str(ROOT / "bench"), str(ROOT / "tools")]
import scaling  # noqa: E402
import workloads  # noqa: E402

SETTINGS = dict(os.environ, SEQNN_BENCH_PYTHON="none", SEQNN_BENCH_SECONDS="0", SEQNN_BENCH_ROUNDS="1",
                OMP_WAIT_POLICY="passive")
LINE = re.compile(r"^BENCH (\w+) threads=(\d) seqnn_ms=(\S+) floor_ms=(\S+) floor=(\S+)%$", re.M)
ROUND = re.compile(r"^bench: (seqnn|floor), rounds of \(.*?\): (.*)$", re.M)

# By hand, from the equations: {workload: (multiply-adds of a step, trained parameters)}. Forward,
# gradient of the weights, gradient of what was read: three products, two where data was read.
COUNTED = {
    # 160 steps: 1 x 16 of data, 4 x 16 of states; 32 answers of 4 numbers
    "numbers_lstm4": (160 * (2 * 16 + 3 * 64) + 32 * 3 * 4, (1 + 4 + 1) * 16 + 5),
    # 768 steps of 100 and 50 to 50; 64 answers of 50 to 5
    "bbc_rnn50": (3 * (768 * 150 * 50 + 64 * 250), 336_000 + 151 * 50 + 51 * 5),
    # 44800 steps of 300 and 250 to 3 x 250, with two biases; 256 answers of 250 to 40
    "arxiv_gru250": (3 * (44800 * 550 * 750 + 256 * 10_000), 1_500_300 + 552 * 750 + 251 * 40),
    # 2500 steps of 512, then 512 and 512, to 4 x 512, then 512 to 65; the one-hot product is no work
    "char_lstm512x2": (3 * 2500 * (3 * 512 * 2048 + 512 * 65), (66 + 512 + 1025) * 2048 + 513 * 65),
    # a text forwards, nothing backwards
    "infer_lstm64": (150 * 164 * 256 + 64 * 32 + 32 * 20, 2_000_100 + 165 * 256 + 65 * 32 + 33 * 20),
}


def counts(report):
    for name, (work, parameters) in COUNTED.items():
        w = workloads.WORKLOADS[name]
        dense, tables = workloads.parameters(name, w)
        counted = workloads.multiply_adds(name, w), dense + sum(a * b for a, b in tables)
        report.check(f"{name}: multiply-adds and parameters are those of the equations",
                     counted == (work, parameters), f"{counted}, expected {(work, parameters)}")
    sizes = [10, 20, 40]
    report.check("an exponent is fitted right",
                 abs(scaling.exponent(sizes, [3 * n ** 1.5 for n in sizes]) - 1.5) < 1e-9)


def batches(report, folder):
    """What is written: its length, and that a batch's rows are counted."""
    for name in ("numbers_lstm4", "arxiv_gru250", "seq2seq_300"):
        w = workloads.WORKLOADS[name]._replace(batch=3, time=4, vocabulary=min(
            2, workloads.WORKLOADS[name].vocabulary))
        different = workloads.write_batches(name, w, folder / name)
        inputs, targets = workloads.arrays(name, w)
        numbers = 0
        for _, shape in [*inputs, targets]:
            size = 1
            for length in shape:
                size *= length
            numbers += size
        length = (folder / name).stat().st_size
        report.check(f"{name}: a file holds {workloads.BATCHES} batches",
                     length == workloads.BATCHES * numbers * 4, length)
        report.check(f"{name}: no batch has more rows than words",
                     all(0 < rows <= max(1, w.vocabulary) for rows in different[:1]) or not w.vocabulary,
                     different)


def lines(report):
    names = ("numbers_lstm4", "bbc_rnn50", "infer_lstm64")
    good, output = call([sys.executable, ROOT / "bench" / "run.py", "--verbose", *names], env=SETTINGS)
    report.check("it runs without peers", good, output)
    found = LINE.findall(output)
    report.check("a line for each workload and number of threads",
                 [(name, threads) for name, threads, *_ in found]
                 == [(name, threads) for name in names for threads in "12"], output)
    for name, threads, took, floor, share in found:
        took, floor, share = float(took), float(floor), float(share)
        report.check(f"{name} threads={threads}: the share of the floor is right",
                     took > 0 and floor > 0 and abs(share - 100 * floor / took) < 0.01 * share,
                     f"{took} {floor} {share}")
    rounds = [(side, answer.split()) for side, answer in ROUND.findall(output)]
    floors = [list(map(float, words)) for side, words in rounds if side == "floor"]
    for name, answers in zip(names, zip(floors[::2], floors[1::2])):
        for floor, arithmetic, traffic, _, rate in answers:
            report.check(f"{name}: the floor is its multiply-adds at the peak, and the traffic",
                         abs(arithmetic * rate * 1e6 / COUNTED[name][0] - 1) < 1e-4
                         and abs(floor - arithmetic - traffic) < 1e-4 * floor
                         and (traffic == 0) == (name in workloads.PREDICTIONS), answers)
    losses = [words[2] for side, words in rounds if side == "seqnn"]
    report.check("the losses with one thread and with two are the same, to the last digit",
                 len(losses) == 6 and losses[::2] == losses[1::2], losses)
    report.check("a class is as likely as another yet", 0.03 < float(losses[4]) < 0.07, losses)


def main():
    report = Report()
    counts(report)
    with scratch() as folder:
        batches(report, Path(folder))
    lines(report)
    good, output = call([sys.executable, ROOT / "bench" / "run.py", "no_such"], env=SETTINGS)
    report.check("a workload that is not there is refused", not good and "no workload no_such" in output, output)
    good, output = call([sys.executable, ROOT / "bench" / "run.py", "numbers_lstm4"],
                        env={**SETTINGS, "SEQNN_BENCH_THREADS": "two"})
    report.check("threads that are no number are refused", not good and "is 'two', expected" in output, output)
    report.end()


main()
