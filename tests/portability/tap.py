"""What the checks of this folder share: results in TAP, and compiling."""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]

# compiler, language, standard
DIALECTS = [(compiler, language, standard)
            for compiler in ("gcc", "clang")
            for language, standard in (("c", "c99"), ("c", "c11"), ("c++", "c++17"))]


class Report:
    """Prints one TAP line per check, and at the end the plan."""

    def __init__(self):
        self.number = self.failures = 0

    def check(self, name, good, detail=""):
        self.number += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}")
        if not good:
            lines = str(detail).strip().split("\n")
            print("\n".join(f"# {line}" for line in lines[:25]))
        sys.stdout.flush()

    def skip(self, name, why):
        self.number += 1
        print(f"ok {self.number} # SKIP {name}: {why}")

    def end(self):
        print(f"1..{self.number}")
        sys.exit(1 if self.failures else 0)


def have(command):
    return shutil.which(command) is not None


def call(command, **options):
    """Runs a command; returns (it succeeded, what it printed)."""
    result = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
    return result.returncode == 0, result.stdout.decode("utf-8", "replace")


def driver(compiler, language):
    """The command that also links the language's library."""
    return {"gcc": "g++", "clang": "clang++"}[compiler] if language == "c++" else compiler


def parallel(function, jobs):
    """function(job) for every job, on all cores; results in the order of the jobs, each as
    soon as it is there."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(function, jobs)


def scratch():
    return tempfile.TemporaryDirectory(prefix="seqnn-")
