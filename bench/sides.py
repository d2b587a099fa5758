"""What the benchmarks share: building the seqnn side, and programs that take turns."""
import contextlib
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = ROOT / os.environ.get("BUILD", "build") / "bench"


def note(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def build(name="core"):
    """A program of the seqnn side, against the header that users copy."""
    program, source, header = BUILD / f"bench_{name}", HERE / f"bench_{name}.c", ROOT / "seqnn.h"
    if not header.exists():
        sys.exit("bench: there is no seqnn.h; make amalgamate writes it")
    BUILD.mkdir(parents=True, exist_ok=True)
    newest = max(source.stat().st_mtime, header.stat().st_mtime)
    if not program.exists() or program.stat().st_mtime < newest:
        command = [os.environ.get("CC", "cc"), "-O3", "-march=native", "-fopenmp",
                   str(source), "-o", str(program), "-lm"]
        if subprocess.run(command).returncode != 0:
            sys.exit(f"bench: {' '.join(command)} failed, see above")
    return program


class Worker:
    """A process that does one piece of work for every line it is sent, and answers with a line
    of numbers (see stopwatch.py)."""

    def __init__(self, side, command, threads):
        self.side = side
        self.errors = open(BUILD / f"{side}.err", "w+", encoding="utf-8", errors="replace")
        limits = {f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "MKL", "OPENBLAS")}
        self.process = subprocess.Popen(
            [str(word) for word in command], env={**os.environ, **limits, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.answers = []
        self.ready = self.answer()
        self.alive = self.ready.split()[:1] == ["ready"]

    def answer(self):
        line = self.process.stdout.readline().strip()
        if not line:
            self.errors.seek(0)
            last = self.errors.read().strip().splitlines()[-1:]
            note(f"{self.side} stopped: {' '.join(last) or 'without a word'}")
            self.alive = False
        return line

    def ask(self, order):
        with contextlib.suppress(BrokenPipeError):  # of one that has ended, as its answer will say
            self.process.stdin.write(f"{order}\n")
            self.process.stdin.flush()
        return self.answer()

    def turn(self, order):
        line = self.ask(order)
        if line:
            self.answers.append(line)

    def column(self, i=0):
        """The i-th number of all answers."""
        return [float(answer.split()[i]) for answer in self.answers]

    def median(self, i=0):
        return statistics.median(self.column(i))

    def stop(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.errors.close()
