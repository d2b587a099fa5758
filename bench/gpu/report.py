"""The tables of bench/results/gpu.md, and the lines that are printed. A cell is empty where nothing
was measured."""
import re
from pathlib import Path

from cases import Card, floor, held_floor, sweep_floor, trains

RESULTS = Path(__file__).resolve().parent.parent / "results" / "gpu.md"
BY = {"figures": "bench/gpu/run.py", "steps": "bench/gpu/run.py --count",
      "plans": "bench/gpu/run.py --count", "precision": "bench/gpu/run.py --precision"}

# What floors and guesses are made for where no card is: the SXM module's figures.
H100 = Card("NVIDIA H100", 132, 1.98e9, 132 * 128 * 1.98e9, 3.35e12, 228 * 1024, (9, 0))
CALL_US = 2.5  # of the host, for a launch: a guess


def write(part, text, path=None):
    """A part of the page, between its two marks."""
    path = path or RESULTS
    page = path.read_text()
    begin, end = f"<!-- {part}: written by {BY[part]} -->", f"<!-- end of {part} -->"
    new = f"{begin}\n{text.strip()}\n{end}"
    found = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.S)
    if not found.search(page):
        raise SystemExit(f"bench: {path} has no {begin} ... {end}")
    path.write_text(found.sub(lambda _: new, page))


def table(heads, rows):
    """The first column is of names."""
    line = "|---|" + "---:|" * (len(heads) - 1)
    cells = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(heads) + " |", line, *cells])


def number(value, unit=""):
    return "" if value is None else f"{value:.3g}{unit}"


# ---- what was measured ----

def best(figures, what):
    """Of our sweeps, unless it is wrong."""
    times = [figures.median(side, what) for side in ("plain", "persistent") if side not in figures.wrong]
    return min((time for time in times if time is not None), default=None)


def ratio(figures, what, peer="float32"):
    ours, theirs = best(figures, what), figures.median(peer, what)
    return theirs / ours if ours and theirs else None


def aim(case):
    """What the ratio of a training step is to reach."""
    return 1.5 if case.w.units <= 256 else 1.0


def ratio_cell(figures, what):
    reached = ratio(figures, what)
    if reached is None:
        return ""
    missed = what == "train" and trains(figures.case) and reached < aim(figures.case)
    return f"**{reached:.2f}**" + (f" of {aim(figures.case)}" if missed else "")


def step_rows(figures, card, what):
    for name, mine in figures.items():
        if not mine.times and not mine.wrong or (what == "train" and not trains(mine.case)):
            continue
        ours = [mine.median(side, what) for side in ("plain", "persistent")]
        theirs = [mine.median(side, what) for side in ("float32", "tf32")]
        sides = [*map(number, ours), *map(number, theirs), ratio_cell(mine, what),
                 number(ratio(mine, what, "tf32"))]
        if what == "train":
            bound, least = sum(floor(mine.case, card, mine.different)), best(mine, what)
            sides = [number(bound), *sides, f"{100 * bound / least:.0f} %" if least else ""]
        yield [name, *sides]


def sweep_rows(figures, card):
    for name, mine in figures.items():
        if not mine.sweeps:
            continue
        bound = sweep_floor(mine.case, card)
        cells = [number(bound)]
        for side in ("plain", "persistent"):
            # of each way the median of the rounds
            ways = [sorted(times)[len(times) // 2] for times in zip(*mine.sweeps.get(side, []))]
            cells += [*map(number, ways)] if ways else ["", ""]
            if side == "persistent":
                slowest = max(ways) / bound if ways and bound else None
                cells.append(number(slowest) + (" (to be 2)" if slowest and slowest > 2 else ""))
        yield [name, *cells]


def measured(figures, card, where, against):
    wrong = [f"- {name}, {side}: {what}" for name, mine in figures.items()
             for side, what in mine.wrong.items()]
    missing = [name for name, mine in figures.items() if not mine.times and not mine.wrong]
    text = [f"On {where}, beside {against or 'nothing: no PyTorch was found that sees the GPU'}. By its "
            f"properties the card has a peak of {card.multiply_adds:.3g} multiply-adds a second in float32, "
            f"and {card.bandwidth:.3g} bytes a second of its memory.",
            "Training steps, milliseconds:",
            table(["training", "floor", "plain", "persistent", "PyTorch", "PyTorch, TF32", "ratio",
                   "ratio to TF32", "of the floor"], step_rows(figures, card, "train")),
            "Predictions of a batch, milliseconds:",
            table(["prediction", "plain", "persistent", "PyTorch", "PyTorch, TF32", "ratio", "ratio to TF32"],
                  step_rows(figures, card, "predict")),
            "The recurrent sweeps of all layers alone, milliseconds:",
            table(["sweep", "floor, one way", "plain forward", "backward", "persistent forward", "backward",
                   "times the floor"], sweep_rows(figures, card))]
    if wrong:
        text += ["What went wrong:", "\n".join(wrong)]
    if missing:
        text += [f"No time was left for {', '.join(missing)}."]
    return "\n\n".join(text)


def lines(figures, card):
    for name, mine in figures.items():
        for what in ("train", "predict"):
            sides = {"plain": "plain", "persistent": "persistent", "float32": "torch", "tf32": "torch_tf32"}
            cells = [f"{shown}_ms={mine.median(side, what):.4g}" for side, shown in sides.items()
                     if mine.median(side, what) is not None]
            if not cells:
                continue
            if what == "train":
                cells.append(f"floor_ms={sum(floor(mine.case, card, mine.different)):.4g}")
            if ratio(mine, what):
                cells.append(f"ratio={ratio(mine, what):.2f}")
            print(f"BENCH gpu_{what}_{name}", *cells, flush=True)


# ---- what a step gives a card to do ----

def together(rows):
    """Cases of the same cell that differ in units alone have one row."""
    names = {}
    for name, *cells in rows:
        names.setdefault((name.rstrip("0123456789"), *cells), []).append(name)
    for (_, *cells), same in names.items():
        yield [same[0] if len(same) == 1 else f"{same[0]} to {same[-1].split('_')[1]}", *cells]


def counted(rows):
    """rows: (case, sweep, its figures, the numbers of bench_gpu's answer to count)"""
    work, bounds = [], {}
    for case, sweep, figures, numbers in rows:
        launches, products, copies, clears, up, down, waits, takings, bytes_up = numbers[:9]
        calls = launches + products + copies + clears + up
        guess = [1e3 * cycles / H100.clock for cycles in numbers[9:11]]
        if takings:
            raise SystemExit(f"bench: {case.name} takes memory at every step")
        work.append([case.name, sweep, f"{launches:.0f}", f"{products:.0f}", f"{copies + clears:.0f}",
                     f"{up:.0f}", f"{bytes_up / 1024:.1f}", f"{down + waits:.0f}", f"{calls:.0f}",
                     f"{CALL_US * calls / 1e3:.2f}", f"{numbers[11]:.0f}" if numbers[11] else ""])
        arithmetic, traffic = floor(case, H100, figures.different)
        bounds[case.name] = [case.name, number(arithmetic), number(traffic),
                             number(sweep_floor(case, H100) if figures.recurrent else None),
                             *([number(guess[0]), number(guess[1])] if any(guess) else ["", ""])]
    return "\n\n".join([
        table(["step", "sweep", "kernels", "cuBLAS", "copies and zeros", "lists up", "KiB up", "waits",
               "calls", f"ms at {CALL_US} µs a call", "works of 16 batches"], together(work)),
        f"Bounds and guesses for an {H100.name} ({H100.multiprocessors} multiprocessors, "
        f"{H100.clock / 1e9:.3g} GHz, {H100.bandwidth / 1e12:.3g} TB/s), milliseconds of a step; the last "
        "two columns are what the persistent sweep's own plan expects, to be checked:",
        table(["step", "arithmetic", "optimiser's traffic", "sweep's floor, one way", "sweep forward, guessed",
               "sweep backward, guessed"], bounds.values())])


def plans(rows):
    """rows: (cell, units, batch, cycles of a step: forward, backward and plain, each in float32 and in
    BF16). For 100 steps."""
    def microseconds(cycles):
        return number(1e8 * cycles / H100.clock) if cycles else ""

    cells = []
    for cell, units, batch, exact, rounded in rows:
        bound = held_floor(cell, units, batch, H100)
        slowest = max(exact[:2])
        times = f"{slowest / bound:.1f}" if bound and slowest else ""
        chosen = "persistent" if slowest and sum(exact[:2]) < 2 * exact[2] else "plain"
        cells.append([f"{cell}_{units}", str(batch), microseconds(bound), microseconds(exact[0]),
                      microseconds(exact[1]), times, microseconds(exact[2]), chosen,
                      microseconds(rounded[0]), microseconds(rounded[1])])
    return table(["sweep of 100 steps, µs", "batch", "floor", "persistent forward", "backward", "times the floor",
                  "plain, one way", "taken", "BF16: forward", "backward"], cells)
