#!/usr/bin/env python3
"""Steps on a GPU: seqnn's with either sweep beside PyTorch's with cuDNN, and beside what bounds
them, by the card's events.

    python3 bench/gpu/run.py [CASE ...]         the workloads of make bench, and lstm_16 to
                                                rnn_1024; writes bench/results/gpu.md
    python3 bench/gpu/run.py --build [--arch=A] only builds (native, or such as sm_90)
    python3 bench/gpu/run.py --count            without a GPU: what a step gives a card to do, and what
                                                is thought of sweeps
    python3 bench/gpu/run.py --precision        without a GPU: what TF32 and BF16 cost in accuracy
    --seconds=N                                 for all of it, 300 by default

Without a GPU, or without nvcc, it says so and measures nothing. It installs nothing and needs no
network: the peer is the PyTorch that $SEQNN_BENCH_PYTHON, .venv, or the python3 of the machine has,
and if none has one it goes without. Rounds are made as long as there is time, each through all
cases, and the results are written after each case. See bench/README.md.
"""
import os
import queue
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

sys.dont_write_bytecode = True
sys.path += [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]
import report  # noqa: E402
from cases import card_of, cases, trains  # noqa: E402
from sides import ROOT, note  # noqa: E402
from workloads import arrays, parameters, write_batches  # noqa: E402

HERE = Path(__file__).resolve().parent
BUILD = ROOT / os.environ.get("BUILD", "build") / "bench-gpu"
ROUNDS, TURN, SWEEPS = 3, 0.12, 5  # a turn in seconds; sweeps alone that are timed at once
LEAST, GIVE_UP = 2, 3  # seconds for another case; cases in which a side failed until it is left out
OURS, THEIRS = ("plain", "persistent"), ("float32", "tf32")


# ---- what there is ----

def why_not():
    """The sentence that says why nothing can be measured, or None."""
    if not shutil.which("nvcc"):
        return "there is no nvcc"
    try:
        found = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return "there is no GPU here"
    return None if re.search(r"^GPU \d", found.stdout, re.M) else "there is no GPU here"


def compile_all(commands, seconds):
    end = time.monotonic() + seconds
    for command in commands:
        try:
            done = subprocess.run([str(word) for word in command], timeout=max(1, end - time.monotonic()))
        except (OSError, subprocess.TimeoutExpired) as error:
            note(f"{command[0]}: {error}")
            return False
        if done.returncode != 0:
            note(f"{' '.join(map(str, command))} failed, see above")
            return False
    return True


def is_built(program, also=()):
    sources = [*HERE.glob("*.c*"), *HERE.glob("*.h"), HERE.parent / "networks.h", ROOT / "seqnn.h", *also]
    return program.exists() and all(program.stat().st_mtime > path.stat().st_mtime for path in sources)


def build(arch="native", seconds=300):
    """Returns the program that measures, or None. The steps are C, and the library one file for
    nvcc, as users have it."""
    program = BUILD / f"bench_gpu_{arch}"
    both = ROOT / "seqnn.h", ROOT / "seqnn_cuda.cuh"
    if not all(header.exists() for header in both):
        note("seqnn.h and seqnn_cuda.cuh must be there; make amalgamate writes them")
        return None
    if is_built(program, both):
        return program
    if not shutil.which("nvcc"):
        note("there is no nvcc")
        return None
    BUILD.mkdir(parents=True, exist_ok=True)
    flags = ["-O3", "-march=native", "-fopenmp"]
    library = Path(shutil.which("nvcc")).resolve().parent.parent / "lib64"
    done = compile_all([
        [os.environ.get("CC", "cc"), *flags, "-DSEQNN_IMPLEMENTED", "-c", HERE / "bench_gpu.c",
         "-o", BUILD / "steps.o"],
        ["nvcc", "-std=c++17", "-O3", f"-arch={arch}", "-Xcompiler", ",".join(flags), "-c",
         HERE / "card.cu", "-o", BUILD / "card.o"],
        ["nvcc", "-Xcompiler", "-fopenmp", BUILD / "steps.o", BUILD / "card.o", "-o", program,
         "-Xlinker", "-rpath", "-Xlinker", library, "-lcublas", "-lm"]], seconds)
    return program if done else None


def build_counted():
    """The same steps on a device that only counts, by the host's compiler."""
    program = BUILD / "bench_gpu_counted"
    if is_built(program, (ROOT / "src" / "cuda").glob("*.cuh")):
        return program
    BUILD.mkdir(parents=True, exist_ok=True)
    done = compile_all([
        [os.environ.get("CC", "cc"), "-O1", "-DSEQNN_IMPLEMENTED", "-c", HERE / "bench_gpu.c",
         "-o", BUILD / "counted_steps.o"],
        [os.environ.get("CXX", "c++"), "-std=c++17", "-O1", HERE / "counted.cpp",
         BUILD / "counted_steps.o", "-o", program, "-lm"]], 600)
    return program if done else None


def pythons():
    wanted = os.environ.get("SEQNN_BENCH_PYTHON")
    if wanted == "none":
        return []
    usual = [ROOT / ".venv" / "bin" / "python", sys.executable, "python3", "python"]
    return [str(python) for python in ([wanted] if wanted else usual) if shutil.which(str(python))]


# ---- the two sides ----

class Program:
    """A process that answers a line with a line; begun again after it has failed."""

    def __init__(self, command, limit=25):
        self.command, self.limit, self.process, self.why = [str(word) for word in command], limit, None, ""
        self.begin()

    def begin(self):
        BUILD.mkdir(parents=True, exist_ok=True)
        self.errors = open(BUILD / f"{Path(self.command[-1]).stem}.err", "w+", errors="replace")
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=self.listen, args=(self.process, self.lines), daemon=True).start()
        self.first = self.answer(4 * self.limit)  # of a large import

    @staticmethod
    def listen(process, lines):
        for line in process.stdout:
            lines.put(line)
        lines.put("")

    def answer(self, limit):
        """The words of its next line; none if it ended, or did not answer in time: then .why."""
        try:
            words = self.lines.get(timeout=max(0.1, limit)).split()
        except queue.Empty:
            self.end()
            self.why = "no answer in time"
            return []
        if not words:
            self.end()
            self.errors.seek(0)
            said = [line for line in self.errors.read().splitlines() if line.strip()]
            self.why = said[-1].strip() if said else "it stopped without a word"
        return words

    def ask(self, order, limit=None):
        if self.process is None:
            self.begin()
        if self.process is None:
            return []
        try:
            self.process.stdin.write(order + "\n")
            self.process.stdin.flush()
        except (BrokenPipeError, OSError):
            pass  # it has ended, as its answer says
        return self.answer(min(self.limit, limit or self.limit))

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
        self.process = None


def find_peer():
    """Its program, or None."""
    for python in pythons():
        peer = Program([python, HERE / "peer.py"])
        if peer.first[:1] == ["ready"]:
            return peer
        note(f"{python}: {' '.join(peer.first[1:]) or peer.why}")
        peer.end()
    note("no PyTorch that sees the GPU: seqnn and the floors alone")
    return None


# ---- measuring ----

class Figures:
    """Of a case: {(side, "train" or "predict"): milliseconds of each round}, the same of the
    sweeps alone; how many recurrent layers there are, how many take the persistent sweep; what
    went wrong."""

    def __init__(self, case):
        self.case, self.times, self.sweeps, self.losses = case, {}, {}, {}
        self.different, self.recurrent, self.persistent, self.wrong = [], None, None, {}

    def median(self, side, what):
        times = self.times.get((side, what))
        return statistics.median(times) if times else None


class Batches:
    """Files of batches; cases that read the same share one."""

    def __init__(self):
        self.known = {}

    def of(self, case):
        """(path, different rows of each embedding)"""
        key = str(arrays(case.network, case.w))
        if key not in self.known:
            BUILD.mkdir(parents=True, exist_ok=True)
            path = BUILD / f"{len(self.known)}.data"
            self.known[key] = path, write_batches(case.network, case.w, path)
        return self.known[key]


def build_network(program, case, side, batches, figures, limit):
    """Whether it was built, with as many parameters as the sizes say."""
    path, figures.different = batches.of(case)
    words = program.ask(f"build {case.network} {path} {' '.join(map(str, case.w))} {side}", limit)
    if words[:1] != ["ready"]:
        figures.wrong[side] = program.why or " ".join(words)
        return False
    dense, tables = parameters(case.network, case.w)
    wanted = dense + sum(rows * features for rows, features in tables)
    if int(words[1]) != wanted:
        figures.wrong[side] = f"{words[1]} parameters, expected {wanted}"
        return False
    if side in OURS:
        figures.losses[side] = float(words[2])
        figures.recurrent, persistent = map(int, words[3:5])
        if side == "persistent":
            figures.persistent = persistent
    return True


def measure_side(program, case, side, batches, figures, limit):
    if not build_network(program, case, side, batches, figures, limit):
        return
    if side == "persistent" and figures.persistent == 0:
        return  # it would be the plain one again
    for what in ("train", "predict") if trains(case) else ("predict",):
        words = program.ask(f"{what} {TURN}", limit)
        if len(words) != 3:
            figures.wrong[side] = program.why or " ".join(words)
            return
        figures.times.setdefault((side, what), []).append(float(words[0]))
    if side in OURS and figures.recurrent and trains(case):
        words = program.ask(f"sweeps {SWEEPS}", limit)
        if len(words) != 2:
            figures.wrong[side] = program.why or " ".join(words)
            return
        figures.sweeps.setdefault(side, []).append(tuple(map(float, words)))


def compare_losses(figures):
    losses = figures.losses
    if len(losses) == 2 and abs(losses["plain"] - losses["persistent"]) > 1e-3 * abs(losses["plain"]):
        figures.wrong["persistent"] = ("its third loss is {persistent:.6g}, that of the plain sweep "
                                       "{plain:.6g}".format(**losses))


def measure(chosen, ours, peer, seconds, written):
    """Rounds through all cases; calls written(figures) after each. Returns {case: Figures}."""
    end, batches = time.monotonic() + seconds, Batches()
    figures = {case.name: Figures(case) for case in chosen}
    for _ in range(ROUNDS):
        for case in chosen:
            mine = figures[case.name]
            turns = [turn for pair in zip([(ours, side) for side in OURS],
                                          [(peer, side) for side in THEIRS]) for turn in pair]
            for program, side in turns:
                failed = sum(side in other.wrong for other in figures.values())
                if program is None or end - time.monotonic() < LEAST or failed == GIVE_UP:
                    continue
                if side in mine.wrong or (side == "persistent" and mine.persistent == 0):
                    continue
                measure_side(program, case, side, batches, mine, end - time.monotonic())
            compare_losses(mine)
            written(figures)
            if end - time.monotonic() < LEAST:
                return figures
    return figures


# ---- what a step gives a card to do ----

def count(chosen):
    """Writes the table; returns whether that was possible."""
    program = build_counted()
    if program is None:
        return False
    counter, batches, rows = Program([program], 120), Batches(), []
    for case in chosen:
        for sweep in OURS:
            figures = Figures(case)
            if not build_network(counter, case, sweep, batches, figures, None):
                note(f"{case.name}: {figures.wrong[sweep]}")
                return False
            if sweep == "persistent" and figures.persistent == 0:
                continue
            counts = counter.ask(f"count {'train' if trains(case) else 'predict'}")
            rows.append((case, sweep, figures, [float(word) for word in counts]))
    report.write("steps", report.counted(rows))
    plans = [(cell, units, batch, *([float(word) for word in counter.ask(f"plan {cell} {units} {batch} {way}")]
                                    for way in (0, 2)))
             for cell in ("lstm", "gru") for units in (64, 128, 256, 512, 1024) for batch in (32, 64, 128)]
    counter.end()
    report.write("plans", report.plans(plans))
    return True


def measure_precision():
    """The table that tests/cuda/test_precision.cpp prints; returns whether it passed."""
    BUILD.mkdir(parents=True, exist_ok=True)
    program = BUILD / "precision"
    if not compile_all([[os.environ.get("CXX", "c++"), "-std=c++17", "-O1",
                         ROOT / "tests" / "cuda" / "test_precision.cpp", "-o", program, "-lcmocka", "-lm"]], 300):
        return False
    done = subprocess.run([program], capture_output=True, text=True, timeout=300)
    rows = [line.split(" | ") for line in re.findall(r"^# \| (.*) \|$", done.stdout, re.M)]
    if done.returncode != 0 or not rows:
        note(done.stderr or "test_precision failed")
        return False
    report.write("precision", report.table(["relative error", "TF32", "BF16"], rows))
    return True


def options():
    """(cases, {option: value})"""
    known, chosen, found = {case.name: case for case in cases()}, [], {}
    for word in sys.argv[1:]:
        name, _, value = word.partition("=")
        if name in ("--build", "--count", "--precision") and not value or name == "--arch" and value:
            found[name] = value
        elif name == "--seconds" and value.isdecimal() and int(value) > 0:
            found[name] = int(value)
        elif word in known:
            chosen.append(known[word])
        else:
            sys.exit(f"bench: no case or option {word}; there are {' '.join(known)}, --build, "
                     "--arch=A, --count, --precision and --seconds=N")
    return chosen or list(known.values()), found


def main():
    chosen, wanted = options()
    if "--count" in wanted:
        sys.exit(not count(chosen))
    if "--precision" in wanted:
        sys.exit(not measure_precision())
    began, seconds = time.monotonic(), wanted.get("--seconds", 300)
    why = why_not()
    if why and "--arch" not in wanted:
        note(f"{why}; nothing was measured")
        return
    program = build(wanted.get("--arch", "native"), seconds)
    if program is None:
        sys.exit(1)
    if "--build" in wanted:
        return
    ours = Program([program])
    if ours.first[:1] != ["card"]:
        sys.exit(f"bench: {' '.join(ours.first[1:]) or ours.why}")
    card, peer = card_of(ours.first[1:]), find_peer()
    against = " ".join(peer.first[1:]) if peer else ""
    where = f"{card.name}, {date.today().isoformat()}"

    def written(figures):
        report.write("figures", report.measured(figures, card, where, against))
    figures = measure(chosen, ours, peer, seconds - (time.monotonic() - began), written)
    for side in (ours, peer):
        if side:
            side.end()
    report.lines(figures, card)
    wrong = [f"{name}, {side}: {what}" for name, mine in figures.items() for side, what in mine.wrong.items()]
    for what in wrong:
        note(what)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
