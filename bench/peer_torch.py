"""Training steps of PyTorch: peer_torch.py WORKLOAD THREADS DATA_FILE (see stopwatch.py)

Written as a PyTorch user writes them, with the defaults of nn.RNN, nn.LSTM and Adam; no
recurrent dropout, which PyTorch does not have.
"""
import sys

import torch
from torch import nn

from stopwatch import serve
from workloads import WORKLOADS, read_batches


class LastOf(nn.Module):
    """the states of a recurrent layer, or the last one only"""

    def __init__(self, recurrent, sequences=False):
        super().__init__()
        self.recurrent, self.sequences = recurrent, sequences

    def forward(self, x):
        states, _ = self.recurrent(x)
        return states if self.sequences else states[:, -1]


def rnn(inputs, units):
    return LastOf(nn.RNN(inputs, units, batch_first=True))


def lstm(inputs, units, sequences=False):
    return LastOf(nn.LSTM(inputs, units, batch_first=True), sequences)


def network(name, w):
    if name == "numbers_lstm4":
        return nn.Sequential(lstm(1, 4), nn.Linear(4, 1))
    table = nn.Embedding(w.vocabulary, 100)
    if name == "bbc_rnn50":
        return nn.Sequential(table, rnn(100, 50), nn.Linear(50, w.classes))
    if name == "news_lstm64":
        return nn.Sequential(table, lstm(100, 64), nn.Dropout(0.2), nn.Linear(64, 32),
                             nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, w.classes))
    if name == "news_stack":
        return nn.Sequential(table, lstm(100, 32, sequences=True), lstm(32, 64),
                             nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, w.classes))
    if name == "news_dense":
        return nn.Sequential(table, nn.Flatten(), nn.Linear(w.time * 100, 32), nn.ReLU(),
                             nn.Linear(32, w.classes))
    sys.exit(f"peer_torch.py: no workload {name}")


def main():
    name, threads, path = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    workload = WORKLOADS[name]
    model = network(name, workload)
    weights = list(model.parameters())
    optimiser = torch.optim.Adam(weights, lr=1e-3)
    loss_of = nn.CrossEntropyLoss() if workload.vocabulary else nn.L1Loss()

    def step(x, y):
        optimiser.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        return loss.item()

    def tensors(x, y):
        x, y = torch.from_numpy(x.copy()), torch.from_numpy(y.copy())
        return (x.long(), y.long()) if workload.vocabulary else (x, y)

    serve(step, [tensors(x, y) for x, y in read_batches(workload, path)])


main()
