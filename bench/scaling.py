"""How the cost of a step grows: make bench ONLY=scaling

For time, units, batch and vocabulary one process of seqnn for each size, one thread, in turns; the
figures are of processor time, and the exponent e of cost = a size^e is fitted to them (least
squares of the logarithms). Then one and two threads, by the clock on the wall.
"""
import math

from sides import BUILD
from steps import seqnn_worker, take_turns
from workloads import PREDICTIONS, WORKLOADS, write_batches

NEWS = WORKLOADS["news_lstm64"]
# what grows: (the sizes, the workload of one of them)
GROWTH = {
    "time": ((50, 100, 200, 400), lambda n: NEWS._replace(time=n)),
    # inputs as wide as the states, so that all of a step is quadratic; few words, short texts
    "units": ((64, 128, 256, 512), lambda n: NEWS._replace(units=n, features=n, vocabulary=500, time=40)),
    "batch": ((16, 32, 64, 128), lambda n: NEWS._replace(batch=n)),
    "vocabulary": ((10_000, 40_000, 160_000, 640_000), lambda n: NEWS._replace(vocabulary=n, time=40)),
}


def exponent(sizes, costs):
    x, y = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    x_mean, y_mean = sum(x) / len(x), sum(y) / len(y)
    return (sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y))
            / sum((a - x_mean) ** 2 for a in x))


def in_turns(jobs):
    """The workers of [(workload, its sizes, threads), ...] after their turns."""
    workers = []
    for i, (name, w, threads) in enumerate(jobs):
        data = BUILD / f"scaling_{i}.data"
        write_batches(name, w, data)
        workers.append(seqnn_worker(name, w, threads, data))
        data.unlink()
    take_turns(workers)
    for worker in workers:
        worker.stop()
    return workers


def grow(what):
    sizes, workload = GROWTH[what]
    workers = in_turns([("news_lstm64", workload(size), 1) for size in sizes])
    costs = [worker.median(3) for worker in workers]
    print(f"BENCH scaling_{what} threads=1 {what}={','.join(map(str, sizes))} "
          f"seqnn_cpu_ms={','.join(f'{cost:.4g}' for cost in costs)} "
          f"exponent={exponent(sizes, costs):.2f}", flush=True)


def run():
    for what in GROWTH:
        grow(what)
    for name, w in WORKLOADS.items():
        if name not in PREDICTIONS:
            one, two = (worker.median() for worker in in_turns([(name, w, 1), (name, w, 2)]))
            print(f"BENCH scaling_threads workload={name} threads=1,2 seqnn_ms={one:.4g},{two:.4g} "
                  f"ratio={one / two:.2f}", flush=True)
