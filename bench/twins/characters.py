"""The character language model of example 11 in PyTorch: one-hot, RNN(128, tanh), linear,
trained on the first nine tenths of a text in 16 streams of 50 steps (the state goes on,
the gradient stops), judged by its perplexity on the last tenth, read in a row.

    python3 bench/twins/characters.py FILE [--seeds 0-2] [--epochs 10]
"""
import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch  # noqa: E402  (after the thread limit)
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

UNITS, STREAMS, STEPS = 128, 16, 50


class LanguageModel(nn.Module):
    """Weights begin as seqnn's and Keras' do: Glorot, an orthogonal W_h, zero biases."""

    def __init__(self, vocabulary):
        super().__init__()
        self.vocabulary = vocabulary
        self.rnn = nn.RNN(vocabulary, UNITS, batch_first=True)
        self.dense = nn.Linear(UNITS, vocabulary)
        nn.init.xavier_uniform_(self.rnn.weight_ih_l0)
        nn.init.orthogonal_(self.rnn.weight_hh_l0)
        nn.init.xavier_uniform_(self.dense.weight)
        for bias in (self.rnn.bias_ih_l0, self.rnn.bias_hh_l0, self.dense.bias):
            nn.init.zeros_(bias)
        self.rnn.bias_hh_l0.requires_grad = False  # one bias

    def forward(self, x, h):
        states, h = self.rnn(functional.one_hot(x, self.vocabulary).float(), h)
        return self.dense(states), h


def streams(numbers, count):
    """x and y [count, steps of a stream]: row i goes on through the text"""
    batches = (len(numbers) - 1) // count // STEPS
    length = batches * STEPS
    rows = [numbers[i * length:(i + 1) * length + 1] for i in range(count)]
    return torch.stack([r[:-1] for r in rows]), torch.stack([r[1:] for r in rows])


def read(model, x, y, on_batch):
    """loss of each piece of 50 steps; the state is handed on, its gradient is not"""
    h, losses = None, []
    for begin in range(0, x.shape[1], STEPS):
        scores, h = model(x[:, begin:begin + STEPS], h)
        h = h.detach()
        loss = functional.cross_entropy(scores.flatten(0, 1), y[:, begin:begin + STEPS].flatten())
        on_batch(loss)
        losses.append(loss.item())
    return sum(losses) / len(losses)


def train(seed, numbers, vocabulary, epochs):
    torch.manual_seed(seed)
    cut = int(len(numbers) * 0.9)
    model = LanguageModel(vocabulary)
    trained = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.Adam(trained, lr=0.003)
    text, held_out = streams(numbers[:cut], STREAMS), streams(numbers[cut:], 1)

    def update(loss):
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 5)
        adam.step()

    start = time.process_time()
    for _ in range(epochs):
        loss = read(model, *text, update)
    seconds = (time.process_time() - start) / epochs
    with torch.no_grad():
        judged = read(model, *held_out, lambda loss: None)
    perplexity = torch.tensor(judged).exp().item()
    print(f"seed {seed}: training loss {loss:.3f}, held-out perplexity {perplexity:.3f}, "
          f"{seconds:.1f} CPU s/epoch", flush=True)
    return perplexity


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seeds", default="0-2")
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()
    text = options.file.read_text("utf-8")
    number = {c: i for i, c in enumerate(sorted(set(text)), start=1)}  # 0 is the padding
    numbers = torch.tensor([number[c] for c in text])
    torch.set_num_threads(1)
    print(f"# torch {torch.__version__}, 1 thread; {len(text)} characters, "
          f"{len(number)} different ones")
    first, last = options.seeds.split("-")
    found = torch.tensor([train(seed, numbers, len(number) + 1, options.epochs)
                          for seed in range(int(first), int(last) + 1)])
    print(f"held-out perplexity: mean {found.mean():.3f}, sd {found.std():.3f}")


main()
