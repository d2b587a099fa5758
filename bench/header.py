"""What the header costs its users: make bench ONLY=compile

The compiler's time on small.c, a program of forty lines, and the size of what it makes.
"""
import os
import resource
import shutil
import statistics
import subprocess
import time

from sides import BUILD, HERE, note

BUDGET = 6  # seconds, at the first of these flags
FLAGS = {"native": ["-O3", "-march=native", "-fopenmp"], "portable": ["-O3", "-fopenmp"], "O1": ["-O1"]}


def compile_once(flags, program):
    """(seconds of the processor, by the clock on the wall)"""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([os.environ.get("CC", "cc"), *flags, HERE / "small.c", "-o", program, "-lm"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            time.perf_counter() - began)


def run():
    BUILD.mkdir(parents=True, exist_ok=True)
    took = {name: [] for name in FLAGS}
    for _ in range(int(os.environ.get("SEQNN_BENCH_ROUNDS", "3"))):
        for name, flags in FLAGS.items():
            took[name].append(compile_once(flags, BUILD / f"small_{name}"))
    for name, flags in FLAGS.items():
        program = BUILD / f"small_{name}"
        subprocess.run([program], check=True, capture_output=True)
        cpu, wall = map(statistics.median, zip(*took[name]))
        line = f"BENCH compile_{name} flags={','.join(flags)} cpu_s={cpu:.2f} wall_s={wall:.2f}"
        if name == "native":
            line += f" budget_s={BUDGET}"
        line += f" binary_bytes={program.stat().st_size}"
        if shutil.which("strip"):
            stripped = BUILD / f"small_{name}.stripped"
            subprocess.run(["strip", "-o", stripped, program], check=True)
            line += f" stripped_bytes={stripped.stat().st_size}"
        else:
            note("there is no strip: the size of the stripped program is not known")
        print(line, flush=True)
