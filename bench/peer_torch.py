"""Steps of PyTorch: peer_torch.py WORKLOAD THREADS DATA_FILE (see stopwatch.py)

Written as a PyTorch user writes them, with the defaults of nn.RNN, nn.LSTM, nn.GRU and the
optimisers; no recurrent dropout, which PyTorch does not have.
"""
import sys

import torch
from torch import nn

from stopwatch import resident, serve
from workloads import PREDICTIONS, RMSPROP, WORKLOADS, read_batches


class LastOf(nn.Module):
    """the states of a recurrent layer, or the last one only"""

    def __init__(self, recurrent, sequences=False):
        super().__init__()
        self.recurrent, self.sequences = recurrent, sequences

    def forward(self, x):
        states, _ = self.recurrent(x)
        return states if self.sequences else states[:, -1]


class MaxOverTime(nn.Module):
    def forward(self, x):
        return x.max(1).values


class EncoderDecoder(nn.Module):
    """the decoder starts from the last state of the encoder's last layer"""

    def __init__(self, w):
        super().__init__()
        self.read = nn.Embedding(w.vocabulary, w.features)
        self.encoder = nn.LSTM(w.features, w.units, 3, batch_first=True, dropout=0.4)
        self.write = nn.Embedding(w.classes, w.features)
        self.decoder = nn.LSTM(w.features, w.units, batch_first=True)
        self.words = nn.Linear(w.units, w.classes)

    def forward(self, x, before):
        _, (h, c) = self.encoder(self.read(x))
        states, _ = self.decoder(self.write(before), (h[-1:].contiguous(), c[-1:].contiguous()))
        return self.words(states)


def recurrent(kind, inputs, units, sequences=False):
    return LastOf(kind(inputs, units, batch_first=True), sequences)


def network(name, w):
    if name == "numbers_lstm4":
        return nn.Sequential(recurrent(nn.LSTM, 1, w.units), nn.Linear(w.units, 1))
    if name == "char_lstm512x2":
        one_hot = nn.Embedding.from_pretrained(torch.eye(w.vocabulary), freeze=True)
        lstm = nn.LSTM(w.vocabulary, w.units, 2, batch_first=True)
        return nn.Sequential(one_hot, LastOf(lstm, True), nn.Linear(w.units, w.classes))
    if name == "seq2seq_300":
        return EncoderDecoder(w)
    table = nn.Embedding(w.vocabulary, w.features)
    if name == "bbc_rnn50":
        return nn.Sequential(table, recurrent(nn.RNN, w.features, w.units),
                             nn.Linear(w.units, w.classes))
    if name in ("news_lstm64", "infer_lstm64"):
        return nn.Sequential(table, recurrent(nn.LSTM, w.features, w.units), nn.Dropout(0.2),
                             nn.Linear(w.units, 32), nn.ReLU(), nn.Dropout(0.2),
                             nn.Linear(32, w.classes))
    if name == "news_stack":
        return nn.Sequential(table, recurrent(nn.LSTM, w.features, w.units // 2, True),
                             recurrent(nn.LSTM, w.units // 2, w.units), nn.Linear(w.units, 32),
                             nn.ReLU(), nn.Linear(32, w.classes))
    if name == "news_dense":
        return nn.Sequential(table, nn.Flatten(), nn.Linear(w.time * w.features, 32), nn.ReLU(),
                             nn.Linear(32, w.classes))
    if name == "arxiv_gru250":
        return nn.Sequential(table, recurrent(nn.GRU, w.features, w.units, True), MaxOverTime(),
                             nn.Linear(w.units, w.classes))
    if name.endswith("_units"):  # of bench/gpu
        kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[name.split("_")[0]]
        return nn.Sequential(table, recurrent(kind, w.features, w.units), nn.Linear(w.units, w.classes))
    sys.exit(f"peer_torch.py: no workload {name}")


def loss_function(name):
    if name == "numbers_lstm4":
        return nn.L1Loss()
    if name == "arxiv_gru250":
        return nn.BCEWithLogitsLoss()
    cross_entropy = nn.CrossEntropyLoss()  # of every step, where there are steps
    return lambda output, y: cross_entropy(output.flatten(0, -2), y.flatten())


def count_parameters(model):
    """Without the second bias that PyTorch gives to the cells of an RNN and an LSTM."""
    doubled = sum(weight.numel() for module in model.modules() if isinstance(module, (nn.RNN, nn.LSTM))
                  for key, weight in module.named_parameters() if key.startswith("bias_hh"))
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad) - doubled


def training(name, model):
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    kind = torch.optim.RMSprop if name in RMSPROP else torch.optim.Adam
    optimiser, loss_of = kind(weights, lr=1e-3), loss_function(name)

    def step(x, y):
        optimiser.zero_grad()
        loss = loss_of(model(*x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        return loss
    return step


def prediction(name, model):
    output = {"numbers_lstm4": lambda z: z, "arxiv_gru250": torch.sigmoid}.get(
        name, lambda z: torch.softmax(z, -1))

    @torch.inference_mode()
    def step(x, _):
        return output(model(*x)).flatten()[0]
    model.eval()
    return step


def tensor(array):
    array = torch.from_numpy(array)
    return array if array.is_floating_point() else array.long()


def main():
    name, threads, path = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    workload = WORKLOADS[name]
    batches = [([tensor(x) for x in inputs], tensor(y))
               for inputs, y in read_batches(name, workload, path)]
    before = resident()
    model = network(name, workload)
    step = prediction(name, model) if name in PREDICTIONS else training(name, model)
    serve(lambda x, y: step(x, y).item(), batches, count_parameters(model), before)


if __name__ == "__main__":
    main()
