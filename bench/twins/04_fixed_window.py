"""The fixed-window language model of example 04 in PyTorch, on the same characters.

    python3 bench/twins/04_fixed_window.py FILE [--windows 1,2,3,5,8] [--epochs 8] [--seeds 0-2]

FILE is tinyshakespeare.txt. Characters are numbered from 1, the most frequent first; the
last tenth is held out, and every window foresees the same characters of it. Vectors of 16
from U(-0.05, 0.05), 200 tanh units and a softmax, Glorot uniform weights, batches of 128,
Adam with a learning rate of 0.003: seqnn's defaults.
"""
import argparse
import math
import statistics
import time
from collections import Counter

import torch

WIDEST, FEATURES, UNITS, BATCH, RATE = 8, 16, 200, 128, 0.003


def numbers(path):
    text = open(path, encoding="utf-8").read()
    first = {}
    for place, letter in enumerate(text):
        first.setdefault(letter, place)
    count = Counter(text)
    order = sorted(count, key=lambda letter: (-count[letter], first[letter]))
    index = {letter: i + 1 for i, letter in enumerate(order)}
    # Example 04 leaves the last character out: nothing stands behind it.
    return torch.tensor([index[letter] for letter in text[:-1]]), len(order) + 1


def network(vocabulary, window):
    embedding = torch.nn.Embedding(vocabulary, FEATURES)
    torch.nn.init.uniform_(embedding.weight, -0.05, 0.05)
    hidden = torch.nn.Linear(window * FEATURES, UNITS)
    output = torch.nn.Linear(UNITS, vocabulary)
    for layer in (hidden, output):
        torch.nn.init.xavier_uniform_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    return torch.nn.Sequential(embedding, torch.nn.Flatten(), hidden, torch.nn.Tanh(), output)


def samples(text, window):
    return text.unfold(0, window, 1)[:-1], text[window:]


def perplexity(model, x, y):
    with torch.no_grad():
        total = sum(torch.nn.functional.cross_entropy(model(a), b, reduction="sum").item()
                    for a, b in zip(x.split(4096), y.split(4096)))
    return math.exp(total / len(y))


def run(text, vocabulary, window, epochs, seed):
    torch.manual_seed(seed)
    train = len(text) * 9 // 10
    x, y = samples(text[:train], window)
    held_out = samples(text[train + WIDEST - window:], window)
    model = network(vocabulary, window)
    adam = torch.optim.Adam(model.parameters(), RATE, eps=1e-7)
    begin = time.process_time()
    for _ in range(epochs):
        order = torch.randperm(len(y))
        for batch in order.split(BATCH):
            adam.zero_grad()
            torch.nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
            adam.step()
    seconds = (time.process_time() - begin) / epochs
    return perplexity(model, *held_out), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--windows", default="1,2,3,5,8")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seeds", default="0-2")
    options = parser.parse_args()
    torch.set_num_threads(1)
    text, vocabulary = numbers(options.file)
    low, high = (int(end) for end in options.seeds.split("-"))
    for window in map(int, options.windows.split(",")):
        found = [run(text, vocabulary, window, options.epochs, seed)
                 for seed in range(low, high + 1)]
        values, seconds = zip(*found)
        sd = statistics.stdev(values) if len(values) > 1 else 0
        print(f"window {window}: held out {statistics.mean(values):.3f} sd {sd:.3f} "
              f"{[round(v, 3) for v in values]}; {statistics.mean(seconds):.1f} CPU s/epoch",
              flush=True)


main()
