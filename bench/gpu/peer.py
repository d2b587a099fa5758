"""Steps of PyTorch with cuDNN on a GPU, timed by the card's events: peer.py [--cpu]

The same networks as peer_torch.py's, the same orders as bench_gpu.c reads: "build NETWORK FILE"
with the sizes and float32 or tf32, "train SECONDS", "predict SECONDS". It begins with what there
is, "ready torch VERSION cuDNN VERSION", or "none" and why. --cpu computes on the processor by the
clock on the wall, to try this program without a GPU.

Nothing waits for the card between the steps of a turn, as in a loop that prints its loss seldom,
and the batches are on the card before. A prediction's first number is read, as bench_gpu.c does.
"""
import itertools
import statistics
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.append(str(Path(__file__).resolve().parent.parent))
from workloads import PREDICTIONS, Workload, read_batches  # noqa: E402

WARM_UP, MOST_STEPS = 3, 4095


def say(*words):
    print(*words, flush=True)


class Clock:
    """Marks, and the milliseconds from one to the next."""

    def __init__(self, torch, device):
        self.torch, self.device, self.marks = torch, device, []

    def mark(self):
        if self.device == "cpu":
            self.marks.append(time.perf_counter())
            return
        event = self.torch.cuda.Event(enable_timing=True)
        event.record()
        self.marks.append(event)

    def between(self):
        pairs = list(zip(self.marks, self.marks[1:]))
        if self.device == "cpu":
            return [1e3 * (later - earlier) for earlier, later in pairs]
        self.marks[-1].synchronize()
        return [earlier.elapsed_time(later) for earlier, later in pairs]


class Network:
    def __init__(self, torch, device, name, path, sizes, precision):
        import peer_torch
        if precision not in ("float32", "tf32"):
            sys.exit(f"peer.py: the precision is float32 or tf32, not {precision}")
        torch.manual_seed(1)
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        torch.backends.cudnn.allow_tf32 = precision == "tf32"  # which is the default here
        w = Workload(*map(int, sizes))
        self.torch, self.device, self.name = torch, device, name
        self.model = peer_torch.network(name, w).to(device)
        self.parameters = peer_torch.count_parameters(self.model)
        self.trained = peer_torch.training(name, self.model)
        self.predicted = peer_torch.prediction(name, self.model)
        batches = [([peer_torch.tensor(x).to(device) for x in inputs], peer_torch.tensor(y).to(device))
                   for inputs, y in read_batches(name, w, path)]
        self.batches = itertools.cycle(batches)
        training = name not in PREDICTIONS
        self.model.train(training)
        for _ in range(WARM_UP):
            last = self.step(training)
        self.first = float(last)

    def step(self, training):
        x, y = next(self.batches)
        return self.trained(x, y).detach() if training else self.predicted(x, y).item()

    def turn(self, training, seconds):
        self.model.train(training)
        clock, result = Clock(self.torch, self.device), self.step(training)
        end = time.perf_counter() + seconds
        clock.mark()
        while len(clock.marks) <= MOST_STEPS and (len(clock.marks) < 4 or time.perf_counter() < end):
            result = self.step(training)
            clock.mark()
        took = clock.between()
        return f"{statistics.median(took):.6g} {len(took)} {float(result):.6g}"


def obey(torch, device, network, order, words):
    """Returns the network that is there now."""
    if order == "build" and len(words) == 10:
        network = None  # its memory first
        network = Network(torch, device, words[0], words[1], words[2:9], words[9])
        say("ready", network.parameters, f"{network.first:.6g}")
    elif order in ("train", "predict") and network and len(words) == 1:
        say(network.turn(order == "train", float(words[0])))
    else:
        sys.exit(f"peer.py: the orders are build, train and predict, not '{' '.join([order, *words])}'")
    return network


def main():
    if sys.argv[1:] not in ([], ["--cpu"]):
        sys.exit("peer.py: expected --cpu, or nothing; orders are read from the input")
    device = "cpu" if sys.argv[1:] else "cuda"
    try:
        import numpy  # noqa: F401
        import torch
    except ImportError as error:
        say("none", error)
        return
    if device == "cuda" and not torch.cuda.is_available():
        say("none PyTorch", torch.__version__, "sees no GPU")
        return
    say("ready torch", torch.__version__, "cuDNN", torch.backends.cudnn.version() or "none")
    network = None
    for line in sys.stdin:
        order, *words = line.split() or [""]
        network = obey(torch, device, network, order, words)


if __name__ == "__main__":
    main()
