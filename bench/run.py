#!/usr/bin/env python3
"""seqnn's steps beside PyTorch's and Keras', and beside what the machine can do, in one run.

    python3 bench/run.py [--verbose] [--cpu] [--markdown] [WORKLOAD ...]
                         [memory] [scaling] [compile] [matmul] [readers] [plots] [word2vec] [gpu]

For every workload and thread count one process of each side is started; they take turns,
one round after the other. A line holds the median over the rounds of each side's median step,
in milliseconds (steps.py). memory compares the workloads' largest memory, scaling varies the
sizes of one, compile times the compiler on the header. matmul and readers are programs of
their own: parts of seqnn alone. plots draws a chart beside matplotlib, word2vec trains word
vectors beside gensim, gpu is all of bench/gpu/run.py. --verbose shows every round; --cpu has all by processor time instead of the
clock, for busy machines; --markdown ends with the tables of README.md and results/cpu.md. See
bench/README.md. Settings, in the environment:

    SEQNN_BENCH_THREADS  thread counts, default "1 2"
    SEQNN_BENCH_ROUNDS   default 5
    SEQNN_BENCH_SECONDS  length of a turn, default 1; never less than three steps
    SEQNN_BENCH_PYTHON   a python that has torch and keras, or "none"; default: .venv,
                         which is made on first use
    CC                   the C compiler, default cc
"""
import os
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.append(str(Path(__file__).resolve().parent.parent / "tools"))
import header  # noqa: E402
import matmul  # noqa: E402
import packages  # noqa: E402
import scaling  # noqa: E402
import steps  # noqa: E402
import word2vec  # noqa: E402
from sides import BUILD, HERE, ROOT, build, note  # noqa: E402
from workloads import WORKLOADS  # noqa: E402



def run_gpu():
    if subprocess.run([sys.executable, HERE / "gpu" / "run.py"]).returncode != 0:
        sys.exit("bench: the part on a GPU failed, see above")


PARTS = ["readers"]
ALONE = {"compile": header.run, "matmul": matmul.run, "memory": lambda: steps.run_memory(WORKLOADS, *steps.peers()),
         "scaling": scaling.run, "word2vec": word2vec.run, "gpu": run_gpu}


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


def run_part(name):
    """bench_readers.c, from the separate files of src/."""
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


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")] or list(WORKLOADS)
    known = {**ALONE, "plots": run_plots, **{part: lambda part=part: run_part(part) for part in PARTS}}
    for word in words:
        if word not in WORKLOADS and word not in known:
            sys.exit(f"bench: no workload {word}; there are {' '.join((*WORKLOADS, *known))}")
    busy = os.getloadavg()[0]
    if busy > 0.5:
        note(f"the load average is {busy:.1f}: other programs run here. Frameworks with "
             "several threads suffer most; do not quote these figures")
    for word in words:
        if word in known:
            known[word]()
    names = [word for word in words if word in WORKLOADS]
    if not names:
        return
    figures = {threads: {} for threads in steps.thread_counts()}
    build("core")
    build("floor")
    python, found = steps.peers()
    for name in names:
        for threads in figures:
            figures[threads][name] = steps.measure(name, threads, python, found,
                                                   "--verbose" in sys.argv, "--cpu" in sys.argv)
    if "--markdown" in sys.argv:
        steps.print_tables(figures)


main()
