"""The measuring end of the benchmark, for the peers; bench_core.c has the same in C.

A program prepares its steps, takes a few, and says "ready", with the number of trained
parameters and the megabytes that it held before the network was made. Then each line it reads
is a number of seconds: it takes steps for that long and answers with one line,
"<median milliseconds of a step> <steps> <last loss> <CPU milliseconds per step>". It ends when its
input ends.
"""
import itertools
import statistics
import sys
import time

WARM_UP = 3


def resident(pid="self", what="VmRSS"):
    """Megabytes of a process that are in memory; VmHWM: at its largest."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith(what + ":"):
                return int(line.split()[1]) * 1024e-6
    return 0.0


def serve(step, batches, parameters, before):
    """step(x, y) is one step and returns the loss as a number"""
    turn = itertools.cycle(batches)
    for _ in range(WARM_UP):
        step(*next(turn))
    print("ready", parameters, before, flush=True)
    for line in sys.stdin:
        cpu = time.process_time()
        end = time.perf_counter() + float(line)
        taken = []
        while len(taken) < 3 or time.perf_counter() < end:
            x, y = next(turn)
            begin = time.perf_counter()
            loss = step(x, y)
            taken.append(time.perf_counter() - begin)
        cpu = time.process_time() - cpu
        print(f"{1e3 * statistics.median(taken):.6g} {len(taken)} {loss:.6g} "
              f"{1e3 * cpu / len(taken):.6g}", flush=True)
