"""The benchmark on a GPU, without one: its floors are counted right, its runner takes two sides in
turns, says what went wrong and writes what it has; the peer trains the same networks; what a step
gives a card to do is counted."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "portability"))
from tap import ROOT, Report, call, scratch  # noqa: E402

# There is a run.py in both.
sys.path[:0] = [str(ROOT / "bench" / "gpu"), str(ROOT / "bench"), str(ROOT / "tools")]
import cases  # noqa: E402
import report as tables  # noqa: E402
import run  # noqa: E402
import workloads  # noqa: E402

RUN = ROOT / "bench" / "gpu" / "run.py"
ALL = {case.name: case for case in cases.cases()}

# By hand: {case: (multiply-adds of a step, trained parameters)}
COUNTED = {
    "lstm_64": (3 * (6400 * 164 * 256 + 64 * 64 * 20), 2_000_100 + 165 * 256 + 65 * 20),
    "gru_512": (3 * (6400 * 612 * 1536 + 64 * 512 * 20), 2_000_100 + 614 * 1536 + 513 * 20),
    "rnn_16": (3 * (6400 * 116 * 16 + 64 * 16 * 20), 2_000_100 + 117 * 16 + 17 * 20),
}
# 4 multiprocessors of 128 multiply-adds a cycle, 1000 cycles a second
CARD = cases.card_of("9 0 4 1000 1e6 233472 A Small Card".split())


def near(a, b):
    return abs(a - b) <= 1e-9 * abs(b)


def floors(report):
    for name, wanted in COUNTED.items():
        case = ALL[name]
        dense, embeddings = workloads.parameters(case.network, case.w)
        found = (workloads.multiply_adds(case.network, case.w), dense + sum(a * b for a, b in embeddings))
        report.check(f"{name}: multiply-adds and parameters are those of the equations", found == wanted,
                     f"{found}, expected {wanted}")
    report.check("a card's peak is that of its properties",
                 CARD.name == "A Small Card" and CARD.multiply_adds == 4 * 128 * 1000, CARD)
    report.check("cards of compute capability 8.0 and 7.5 have half the lanes",
                 [cases.card_of([*sm, "1", "1", "1", "1", "x"]).multiply_adds for sm in ("80", "75", "86", "90")]
                 == [64, 64, 128, 128])
    case = ALL["lstm_64"]
    arithmetic, traffic = cases.floor(case, CARD, [5000])
    numbers = 5000 * 100 + 165 * 256 + 65 * 20
    report.check("the floor is arithmetic at the peak, and the optimiser's traffic",
                 near(arithmetic, 1e3 * COUNTED["lstm_64"][0] / 512_000)
                 and near(traffic, 1e3 * 28 * numbers / 1e6), (arithmetic, traffic))
    report.check("a prediction has no optimiser", cases.floor(ALL["infer_lstm64"], CARD, [150])[1] == 0)
    # W_h of 64 x 256 on one multiprocessor, 16 sequences each: 16384 * 16 / 128 cycles a step.
    report.check("a sweep's floor by arithmetic", near(cases.sweep_floor(case, CARD), 100 * 2048.0),
                 cases.sweep_floor(case, CARD))
    # With one of its own for each sequence W_h is read once: 16384 * 4 / 128 cycles.
    wide = CARD._replace(multiprocessors=64, multiply_adds=64 * 128 * 1000, capability=(8, 6))
    report.check("a sweep's floor by shared memory", near(cases.sweep_floor(case, wide), 100 * 512.0),
                 cases.sweep_floor(case, wide))
    # W_h of 256 x 1024 fits eight: two groups, 32 sequences each.
    more = CARD._replace(multiprocessors=16, multiply_adds=16 * 128 * 1000)
    report.check("W_h of 256 units of an LSTM fits eight multiprocessors, where there are clusters; of 512, "
                 "with their registers, 16; 1024 do not",
                 near(cases.sweep_floor(ALL["lstm_256"], more), 100 * (32768.0 * 32 / 128))
                 and near(cases.sweep_floor(ALL["lstm_512"], more), 100 * (65536.0 * 64 / 128))
                 and cases.sweep_floor(ALL["lstm_1024"], more) is None
                 and cases.sweep_floor(ALL["lstm_256"], wide) is None)


# ---- the runner ----

# A side that knows its answers: {times}, {trouble}: what it does when it is to build a case.
FAKE = """
    import sys, time
    times, trouble = {times}, {trouble}
    print({first!r}, flush=True)
    for line in sys.stdin:
        order, *words = line.split()
        if order == "build":
            side, key = words[-1], words[0] + " " + words[-1]
            if trouble.get(key) == "die":
                sys.exit("out of memory, it says")
            if trouble.get(key) == "hang":
                time.sleep(60)
            parameters = {parameters}[words[0]] + (trouble.get(key) == "another")
            loss = 2.9 if trouble.get(key) == "loss" else 3
            rest = " 1 " + str(int(side == "persistent" and words[6] != "512")) if {ours} else ""
            print("ready", parameters, str(loss) + rest, flush=True)
        elif order == "sweeps":
            print("0.25", "0.5", flush=True)
        else:
            print(times[side + " " + order], 10, 1.5, flush=True)
"""


def fake(folder, name, ours, times, trouble):
    parameters = {}
    for case in SMALL:
        dense, embeddings = workloads.parameters(case.network, case.w)
        parameters[case.network] = dense + sum(a * b for a, b in embeddings)
    first = "card 9 0 4 1000 1e6 233472 A Small Card" if ours else "ready torch 9.9 cuDNN 99"
    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(FAKE).format(times=times, trouble=trouble, first=first, ours=ours,
                                                 parameters=parameters))
    return run.Program([sys.executable, path], limit=3)


SMALL = [case._replace(w=case.w._replace(batch=2, time=3, vocabulary=20)) for case in
         (ALL["lstm_16"], ALL["gru_16"], ALL["rnn_512"], ALL["infer_lstm64"])]
OURS = {"plain train": 4, "plain predict": 2, "persistent train": 2, "persistent predict": 1}
THEIRS = {"float32 train": 5, "float32 predict": 3, "tf32 train": 4, "tf32 predict": 3}


def measured(folder, trouble=None, peers_trouble=None, peer=True, seconds=60, small=None):
    """(figures, the page, how often it was written)"""
    ours = fake(folder, "ours", True, OURS, trouble or {})
    theirs = fake(folder, "theirs", False, THEIRS, peers_trouble or {}) if peer else None
    card, pages = cases.card_of(ours.first[1:]), []

    def written(figures):
        pages.append(tables.measured(figures, card, "A Small Card, today", "torch 9.9" if peer else ""))
    figures = run.measure(small or SMALL, ours, theirs, seconds, written)
    ours.end()
    if theirs:
        theirs.end()
    return figures, pages[-1], len(pages)


def runner(report, folder):
    run.BUILD = folder
    figures, page, times = measured(folder)
    lstm, rnn = figures["lstm_16"], figures["rnn_512"]
    report.check("every side has its turn in each round", times == run.ROUNDS * len(SMALL)
                 and all(len(lstm.times[side, "train"]) == run.ROUNDS for side in (*run.OURS, *run.THEIRS)),
                 lstm.times)
    report.check("the ratio is the peer's time by that of our faster sweep",
                 tables.ratio(lstm, "train") == 2.5 and tables.ratio(lstm, "predict") == 3
                 and tables.ratio(lstm, "train", "tf32") == 2)
    report.check("where no layer takes the persistent sweep there is the plain one alone",
                 ("persistent", "train") not in rnn.times and tables.ratio(rnn, "train") == 1.25)
    row = next(line for line in page.splitlines() if line.startswith("| lstm_16 |"))
    report.check("a row of the page", row.split(" | ")[2:8] == ["4", "2", "5", "4", "**2.50**", "2"], row)
    report.check("a prediction is no training", page.count("infer_lstm64") == 1, page)
    report.check("sweeps alone", "| rnn_512 |" in page.split("The recurrent sweeps")[1], page)
    report.check("nothing went wrong", "wrong" not in page and "No time" not in page, page)

    trouble = {"lstm_units persistent": "die", "gru_units plain": "another", "rnn_units plain": "hang"}
    figures, page, _ = measured(folder, trouble, {"gru_units float32": "die"})
    report.check("a side that dies is begun again, and the page says what it said last",
                 "- lstm_16, persistent: out of memory, it says" in page
                 and ("plain", "train") in figures["lstm_16"].times, page)
    report.check("what failed has no ratio of it", tables.ratio(figures["lstm_16"], "train") == 1.25)
    report.check("another network is refused", "gru_16, plain: " in page and " parameters, expected " in page, page)
    report.check("a side that hangs is ended", "rnn_512, plain: no answer in time" in page, page)
    report.check("the peer goes on", ("tf32", "train") in figures["gru_16"].times
                 and "- gru_16, float32: out of memory" in page, page)

    figures, page, _ = measured(folder, {"lstm_units persistent": "loss"})
    report.check("sweeps whose losses differ are no match", "its third loss is 2.9" in page
                 and tables.ratio(figures["lstm_16"], "train") == 1.25, page)
    figures, page, _ = measured(folder, peer=False)
    report.check("it goes without the peer", "no PyTorch was found" in page
                 and tables.ratio(figures["lstm_16"], "train") is None
                 and ("plain", "train") in figures["lstm_16"].times, page)
    _, page, _ = measured(folder, seconds=0)
    report.check("without time it says what it has not measured",
                 "No time was left for lstm_16, gru_16, rnn_512, infer_lstm64." in page, page)
    many = [SMALL[0]._replace(name=f"case_{i}") for i in range(5)]
    figures, page, _ = measured(folder, {"lstm_units persistent": "die"}, small=many)
    report.check("a side that fails again and again is left out",
                 sum("persistent" in mine.wrong for mine in figures.values()) == run.GIVE_UP, page)


def page(report, folder):
    path = folder / "gpu.md"
    path.write_text("before\n<!-- figures: written by bench/gpu/run.py -->\nold\n<!-- end of figures -->\nafter\n")
    tables.write("figures", "new \\1", path)
    report.check("a part of the page is replaced, the rest stays", path.read_text() ==
                 "before\n<!-- figures: written by bench/gpu/run.py -->\nnew \\1\n<!-- end of figures -->\nafter\n",
                 path.read_text())
    committed = tables.RESULTS.read_text()
    report.check("the committed page has both parts", all(
        f"<!-- {part}: written by {by} -->" in committed and f"<!-- end of {part} -->" in committed
        for part, by in tables.BY.items()))


# ---- the programs ----

def answers(command, orders, **options):
    """(exit status, lines, what it said of errors)"""
    done = subprocess.run([str(word) for word in command], input="\n".join(orders) + "\n", text=True,
                          capture_output=True, **options)
    return done.returncode, done.stdout.splitlines(), done.stderr


def order(case, path, side):
    workloads.write_batches(case.network, case.w, path)
    return f"build {case.network} {path} {' '.join(map(str, case.w))} {side}"


def counts(report, folder):
    program = run.build_counted()
    report.check("the program that counts is built", program is not None)
    if program is None:
        return
    case = ALL["numbers_lstm4"]
    orders = [line for side in run.OURS for line in (order(case, folder / "numbers", side), "count train")]
    _, lines, errors = answers([program], orders)
    report.check("it answers", len(lines) == 5 and lines[1].split()[:2] == ["ready", "101"], lines or errors)
    plain, persistent = ([float(word) for word in line.split()] for line in lines[2:5:2])
    # Each of 5 steps has a product and a kernel forward, and backward the same.
    report.check("the persistent sweep is one kernel, each way, for that of every step",
                 plain[1] - persistent[1] == 10 and plain[0] - persistent[0] == 9, (plain, persistent))
    report.check("a step takes no memory", plain[7] == persistent[7] == 0)
    for name, wrong, said in (("an order that is none", ["train 1"], "the first order is to build"),
                              ("a network that is none", ["build x y 1 1 1 1 1 1 1 plain"], "no such workload"),
                              ("a sweep that is none", ["build numbers_lstm4 y 1 1 1 1 1 1 1 fast"],
                               "plain or persistent"),
                              ("sizes that are missing", ["build numbers_lstm4 y 1 plain"], "seven sizes"),
                              ("a file that is not there", ["build numbers_lstm4 /no/file 32 5 0 1 4 1 0 plain"],
                               "cannot be read"),
                              ("timing on what only counts", [orders[0], "train 0"], "it only counts"),
                              ("an unknown order", [orders[0], "rest"], "the orders are build")):
        status, _, errors = answers([program], wrong)
        report.check(f"{name} is refused", status == 1 and said in errors, (status, errors))
    report.check("arguments are refused", answers([program, "news"], [])[0] == 2)


def with_torch():
    for python in run.pythons():
        if call([python, "-c", "import numpy, torch"])[0]:
            return python
    return None


def peers(report, folder):
    peer = ROOT / "bench" / "gpu" / "peer.py"
    good, said = call([sys.executable, peer, "--fast"])
    report.check("the peer refuses another argument", not good and "expected --cpu" in said, said)
    good, said = call([sys.executable, "-S", peer], env={"PATH": os.environ["PATH"]})
    report.check("without PyTorch, or without a GPU, it says so", good and said.startswith("none"), said)
    python = with_torch()
    if python is None:
        report.skip("the peer trains the same networks", "no python here has torch")
        return
    chosen, orders = [], []
    for i, case in enumerate(ALL.values()):
        if case.w.units in (16, 1024) or not case.network.endswith("_units"):
            case = case._replace(w=case.w._replace(batch=2, time=3, answer=min(case.w.answer, 2)))
            chosen.append(case)
            orders += [order(case, folder / str(i), "float32"), "predict 0"]
            orders += ["train 0"] if cases.trains(case) else []
    _, lines, errors = answers([python, peer, "--cpu"], orders)
    ready = [line.split() for line in lines[1:] if line.startswith("ready")]
    report.check("the peer answers every order", len(lines) == 1 + len(orders), errors[-500:])
    for case, words in zip(chosen, ready):
        dense, embeddings = workloads.parameters(case.network, case.w)
        report.check(f"{case.name}: the peer trains as many parameters",
                     int(words[1]) == dense + sum(a * b for a, b in embeddings), words)
    status, _, errors = answers([python, peer, "--cpu"], ["sweeps 1"])
    report.check("the peer refuses an unknown order", status == 1 and "the orders are" in errors, errors)


def main():
    report = Report()
    floors(report)
    with scratch() as folder:
        own = run.BUILD
        runner(report, Path(folder))
        page(report, Path(folder))
        run.BUILD = own
        counts(report, Path(folder))
        peers(report, Path(folder))
    for arguments, said in ((["no_such"], "no case or option no_such"), (["--seconds=soon"], "--seconds=soon"),
                            (["--arch="], "--arch=")):
        good, output = call([sys.executable, RUN, *arguments])
        report.check(f"{arguments[0]} is refused", not good and said in output, output)
    good, output = call([sys.executable, RUN], env={**os.environ, "PATH": "/nowhere"})
    report.check("without nvcc it says so, and that is no failure",
                 good and "there is no nvcc; nothing was measured" in output, output)
    report.end()


main()
