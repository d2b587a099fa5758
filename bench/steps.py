"""Steps of seqnn beside those of PyTorch and Keras, and beside what the machine can do.

One process of each side is started; they take turns, one round after the other, so that a busy
moment of the machine hits all of them.
"""
import os
import statistics
import subprocess
import sys

import packages
from sides import BUILD, HERE, ROOT, Worker, build, note
from stopwatch import resident
from workloads import (NOT_IN_KERAS, PREDICTIONS, RMSPROP, WORKLOADS, multiply_adds, parameters,
                       write_batches)

VENV = ROOT / ".venv"
PACKAGES = ["tensorflow-cpu", "torch", "numpy"]


def setting(name, default):
    return os.environ.get(f"SEQNN_BENCH_{name}", default)


def thread_counts():
    counts = setting("THREADS", "1 2").split()
    if not counts or not all(count.isdecimal() and int(count) > 0 for count in counts):
        sys.exit(f"bench: SEQNN_BENCH_THREADS is '{' '.join(counts)}', expected numbers like '1 2'")
    return counts


# ---- the peers ----

def has_peers(python):
    """Which of the peers this python can import."""
    look = ("import importlib.util as u; "
            "print(*(p for p in ('torch', 'keras') if u.find_spec(p)))")
    try:
        found = subprocess.run([python, "-c", look], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return found.stdout.split()


def peers():
    """(python, names of the peers it has)"""
    chosen = setting("PYTHON", None)
    if chosen == "none":
        return None, []
    if chosen:
        found = has_peers(chosen)
        if not found:
            note(f"{chosen} has neither torch nor keras")
        return chosen, found
    python = VENV / "bin" / "python"
    if len(has_peers(python)) < 2:
        note("installing PyTorch and Keras into .venv, this once; it takes minutes and "
             "gigabytes (SEQNN_BENCH_PYTHON=none goes without)")
        try:
            packages.install(VENV, *PACKAGES)
        except (OSError, subprocess.CalledProcessError) as error:
            note(f"no peers: {error}. On Debian, python3-venv must be installed")
    return python, has_peers(python)


# ---- the processes ----

def seqnn_worker(name, w, threads, data):
    """Starts it, and sees to it that it trains what workloads.py counts."""
    worker = Worker("seqnn", [build(), name, data, *w], threads)
    if not worker.alive:
        sys.exit(f"bench: {name} of seqnn failed, see above")
    dense, tables = parameters(name, w)
    same_network(name, worker, dense + sum(words * features for words, features in tables))
    return worker


def same_network(name, worker, wanted):
    if worker.alive and int(worker.ready.split()[1]) != wanted:
        sys.exit(f"bench: {name} has {wanted} parameters, but that of {worker.side} "
                 f"{worker.ready.split()[1]}")


def floor_worker(name, w, threads, different):
    """different: rows of each embedding that a batch reads"""
    dense, tables = parameters(name, w)
    arrays = 0 if name in PREDICTIONS else 3 if name in RMSPROP else 4
    sizes = [size for table, touched in zip(tables, different) for size in (*table, touched)]
    command = [build("floor"), multiply_adds(name, w), arrays, dense, *(sizes if arrays else [])]
    return Worker("floor", command, threads)


def start(name, threads, python, found):
    """{side: its process}"""
    w, data = WORKLOADS[name], BUILD / f"{name}.data"
    different = write_batches(name, w, data)
    workers = {"seqnn": seqnn_worker(name, w, threads, data)}
    for peer in found:
        if peer == "torch" or name not in NOT_IN_KERAS:
            workers[peer] = Worker(peer, [python, HERE / f"peer_{peer}.py", name, threads, data], threads)
            same_network(name, workers[peer], int(workers["seqnn"].ready.split()[1]))
    workers["floor"] = floor_worker(name, w, threads, different)
    return workers


def take_turns(workers):
    for _ in range(int(setting("ROUNDS", "5"))):
        for worker in workers:
            if worker.alive:
                worker.turn(float(setting("SECONDS", "1")))


# ---- the lines ----

def ratio(took):
    """The faster peer's time by ours, or None."""
    theirs = [took[peer][0] for peer in ("torch", "keras") if peer in took]
    return min(theirs) / took["seqnn"][0] if theirs else None


def line_of(took):
    """What a line says of {side: (milliseconds of a step, ...)}."""
    line = " ".join(f"{side}_ms={times[0]:.4g}" for side, times in took.items())
    if ratio(took):
        line += f" ratio={ratio(took):.2f}"
    if "floor" in took:
        line += f" floor={100 * took['floor'][0] / took['seqnn'][0]:.3g}%"
    return line


def measure(name, threads, python, found, verbose=False, by_cpu=False):
    """Prints the line of a workload; returns {side: (median, least, greatest)} of its rounds, in
    milliseconds by the clock on the wall, or of the processors."""
    workers = start(name, threads, python, found)
    take_turns(workers.values())
    for worker in workers.values():
        worker.stop()
    workers = {side: worker for side, worker in workers.items() if worker.answers}
    if "seqnn" not in workers:
        sys.exit(f"bench: {name} of seqnn failed, see above")
    for worker in workers.values():
        if verbose:
            what = ("arithmetic ms, traffic ms, CPU ms, 10^9 multiply-adds per second"
                    if worker.side == "floor" else "steps, loss, CPU ms")
            note(f"{worker.side}, rounds of (ms, {what}): {'; '.join(worker.answers)}")
    clocks = [{side: worker.column(i) for side, worker in workers.items()} for i in (0, 3)]
    wall, cpu = ({side: (statistics.median(column), min(column), max(column))
                  for side, column in clock.items()} for clock in clocks)
    shown = cpu if by_cpu else wall
    print(f"BENCH {name} threads={threads} {line_of(shown)}" + by_cpu * " clock=cpu", flush=True)
    if verbose and not by_cpu:
        note(f"by processor time: {line_of(cpu)}")
    return shown


def run_memory(names, python, found):
    """The largest resident memory of each process, less what it held before the network was
    made: the program or the imports, and the batches."""
    for name in names:
        workers = start(name, 1, python, found)
        workers.pop("floor").stop()
        line, used = f"BENCH memory_{name} threads=1", {}
        for side, worker in workers.items():
            if worker.alive and worker.ask(0):  # three steps
                before = float(worker.ready.split()[2])
                used[side] = resident(worker.process.pid, "VmHWM") - before
                line += f" {side}_mb={used[side]:.4g} {side}_before_mb={before:.4g}"
            worker.stop()
        if "torch" in used:
            line += f" ratio={used['torch'] / used['seqnn']:.2f}"
        print(line, flush=True)


# ---- the tables of README.md and results/cpu.md ----

def print_tables(figures):
    """figures: {threads: {workload: what measure() gave}}"""
    for threads, workloads in figures.items():
        sides = [side for side in ("seqnn", "torch", "keras", "floor")
                 if any(side in took for took in workloads.values())]
        print(f"\n| threads={threads} | {' | '.join(sides)} | ratio | of the floor |")
        print("|---|" + "---:|" * (len(sides) + 2))
        for name, took in workloads.items():
            cells = ["{:.4g} ({:.4g}–{:.4g})".format(*took[side]) if side in took else ""
                     for side in sides]
            print(f"| {name} | {' | '.join(cells)} | {last_cells(took)} |")
    print("\n| workload | multiply-adds | threads | floor | seqnn | faster peer | ratio | of the floor |\n"
          "|---|" + "---:|" * 7)
    for name in next(iter(figures.values())):
        for threads in figures:
            took = figures[threads][name]
            theirs = [took[peer][0] for peer in ("torch", "keras") if peer in took]
            work = f"{multiply_adds(name, WORKLOADS[name]) / 1e6:.4g} M"
            times = [took["floor"][0], took["seqnn"][0], *([min(theirs)] if theirs else [])]
            cells = [f"{time:.4g}" for time in times] + [""] * (3 - len(times))
            print(f"| {name} | {work} | {threads} | {' | '.join(cells)} | {last_cells(took)} |")


def last_cells(took):
    share = f"{100 * took['floor'][0] / took['seqnn'][0]:.0f} %" if "floor" in took else ""
    return (f"**{ratio(took):.2f}**" if ratio(took) else "") + f" | {share}"
