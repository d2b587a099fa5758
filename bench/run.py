#!/usr/bin/env python3
"""seqnn's training step beside PyTorch's and Keras', in one run.

    python3 bench/run.py [--verbose] [WORKLOAD ...] [matmul] [readers] [plots] [word2vec]

For every workload and thread count one process of each side is started; they take turns,
one round after the other, so that a busy moment of the machine hits all of them. A line
holds the median over the rounds of each side's median step, in milliseconds. matmul and
readers are programs of their own: parts of seqnn alone, without peers. plots draws a chart
beside matplotlib, word2vec trains word vectors beside gensim (word2vec.py). See
bench/README.md. Settings, in the environment:

    SEQNN_BENCH_THREADS  thread counts, default "1 2"
    SEQNN_BENCH_ROUNDS   default 5
    SEQNN_BENCH_SECONDS  length of a turn, default 1
    SEQNN_BENCH_PYTHON   a python that has torch and keras, or "none"; default: .venv,
                         which is made on first use
    CC                   the C compiler, default cc
"""
import os
import statistics
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.append(str(Path(__file__).resolve().parent.parent / "tools"))
import packages  # noqa: E402
import word2vec  # noqa: E402
from sides import BUILD, HERE, ROOT, Worker, build, note  # noqa: E402
from workloads import WORKLOADS, write_batches  # noqa: E402

VENV = ROOT / ".venv"
PACKAGES = ["tensorflow-cpu", "torch", "numpy"]
ALONE = ["matmul", "readers", "plots", "word2vec"]


def run_plots():
    """A chart drawn and written by seqnn and by matplotlib."""
    def times(*command):
        """{points: (milliseconds, of them the processor's)}"""
        words = subprocess.run([*command, BUILD / "chart.png"], check=True, capture_output=True,
                               text=True).stdout.split()
        return {words[i]: tuple(map(float, words[i + 1:i + 3])) for i in range(0, len(words), 3)}

    ours, theirs = times(build("plots")), {}
    python = os.environ.get("SEQNN_BENCH_PYTHON")
    if python != "none":
        try:
            python = python or packages.install(ROOT / "build" / "venv-plots", "-r",
                                                ROOT / "tests/plots/requirements.txt")
            theirs = times(python, HERE / "peer_matplotlib.py")
        except (OSError, subprocess.CalledProcessError) as error:
            note(f"no matplotlib: {error}")
    for points, (took, worked) in ours.items():
        line = f"BENCH plot_lines_800x600 points={points} seqnn_ms={took:.4g} seqnn_cpu_ms={worked:.4g}"
        if points in theirs:
            peer, peer_worked = theirs[points]
            line += f" matplotlib_ms={peer:.4g} matplotlib_cpu_ms={peer_worked:.4g} ratio={peer / took:.2f}"
        print(line, flush=True)


def run_alone(name):
    """bench_matmul.c or bench_readers.c, from the separate files of src/; others have their own."""
    if name in ("plots", "word2vec"):
        return run_plots() if name == "plots" else word2vec.run()
    BUILD.mkdir(parents=True, exist_ok=True)
    program = BUILD / f"bench_{name}"
    rooms, libraries = ("base", "math"), ["-lm"]
    if name == "readers":
        rooms = ("base", "math", "layers", "train", "text", "data", "words", "metrics", "plot")
        libraries = ["-DSEQNN_USE_ZLIB", "-DSEQNN_USE_EXPAT", "-lz", "-lexpat", "-lm"]
        subprocess.run(["make", "--silent", "-C", ROOT, "build/lists"], check=True)
    includes = ["-I" + str(ROOT / "src" / room) for room in ("", *rooms)]
    files = [path for room in rooms if room in ("base", "math", "text", "data")
             for path in (ROOT / "src" / room).glob("*.c")]
    subprocess.run([os.environ.get("CC", "cc"), "-O3", "-fopenmp", *includes,
                    HERE / f"bench_{name}.c", *files, "-o", program, *libraries], check=True)
    subprocess.run([program, BUILD] if name == "readers" else [program], check=True, cwd=ROOT)


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
    chosen = os.environ.get("SEQNN_BENCH_PYTHON")
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


def measure(name, threads, program, python, found, verbose):
    workload, data = WORKLOADS[name], BUILD / f"{name}.data"
    write_batches(workload, data)
    commands = {"seqnn": [program, name, *workload, data]}
    for peer in found:
        commands[peer] = [python, HERE / f"peer_{peer}.py", name, threads, data]
    workers = [Worker(side, command, threads) for side, command in commands.items()]
    if not workers[0].alive:
        sys.exit(f"bench: {name} of seqnn failed, see above")
    for _ in range(int(os.environ.get("SEQNN_BENCH_ROUNDS", "5"))):
        for worker in workers:
            if worker.alive:
                worker.turn(float(os.environ.get("SEQNN_BENCH_SECONDS", "1")))
    for worker in workers:
        worker.stop()
        if verbose and worker.answers:
            cpu = statistics.median(float(a.split()[3]) for a in worker.answers)
            note(f"{name} threads={threads} {worker.side}: CPU ms {cpu:.4g}; rounds "
                 f"(ms, steps, loss, CPU ms) {'; '.join(worker.answers)}")
    took = {w.side: w.median() for w in workers if w.medians}
    line = f"BENCH {name} threads={threads}"
    for side in took:
        line += f" {side}_ms={took[side]:.4g}"
    if "torch" in took:
        line += f" ratio={took['torch'] / took['seqnn']:.2f}"
    print(line, flush=True)


def main():
    names = [word for word in sys.argv[1:] if word != "--verbose"] or list(WORKLOADS)
    for name in names:
        if name not in (*WORKLOADS, *ALONE):
            sys.exit(f"bench: no workload {name}; there are {' '.join((*WORKLOADS, *ALONE))}")
    busy = os.getloadavg()[0]
    if busy > 0.5:
        note(f"the load average is {busy:.1f}: other programs run here. Frameworks with "
             "several threads suffer most; do not quote these figures")
    for name in (name for name in names if name in ALONE):
        run_alone(name)
    names = [name for name in names if name not in ALONE]
    if not names:
        return
    program = build()
    python, found = peers()
    for name in names:
        for threads in os.environ.get("SEQNN_BENCH_THREADS", "1 2").split():
            measure(name, threads, program, python, found, "--verbose" in sys.argv)


main()
