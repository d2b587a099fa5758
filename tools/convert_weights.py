#!/usr/bin/env python3
"""Weights between PyTorch or Keras files and safetensors, which seqnn_import_weights reads
and seqnn_export_weights writes.

    convert_weights.py model.pt weights.safetensors       a state_dict (.pt, .pth)
    convert_weights.py model.keras weights.safetensors    a whole model (.keras, .h5)
    convert_weights.py weights.safetensors model.pt
    convert_weights.py weights.safetensors new.keras --into model.keras

A Keras model cannot be made from weights alone: --into names one of the same layers; it
stays as it is. Tensors of Keras are named by layer and path of the variable:
"lstm/lstm_cell/kernel".

Needs from PyPI: safetensors, and torch or keras (with its backend).
"""

import argparse
import sys
from pathlib import Path

TORCH = (".pt", ".pth")
KERAS = (".keras", ".h5")
SAFE = (".safetensors",)


def read_torch(path):
    import torch
    state = torch.load(path, map_location="cpu", weights_only=True)
    for key in ("state_dict", "model_state_dict"):
        if isinstance(state.get(key), dict):
            state = state[key]
    return {name: value.detach().numpy().copy() for name, value in state.items()
            if isinstance(value, torch.Tensor)}


def write_torch(path, tensors):
    import torch
    torch.save({name: torch.from_numpy(value) for name, value in tensors.items()}, path)


def keras_variables(model):
    """The variables of a Keras model by name: "<layer>/forward_lstm/lstm_cell/kernel". A
    path may begin with the model's name, and one that was loaded may lack the layer's."""
    variables = {}
    for layer in model.layers:
        for variable in layer.weights:
            parts = variable.path.split("/")
            parts = parts[parts.index(layer.name):] if layer.name in parts else [layer.name, *parts]
            if variables.setdefault("/".join(parts), variable) is not variable:
                sys.exit(f"two variables are called {'/'.join(parts)}")
    return variables


def read_keras(path):
    import keras
    model = keras.saving.load_model(path, compile=False)
    return {name: variable.numpy() for name, variable in keras_variables(model).items()}


def write_keras(path, tensors, template):
    import keras
    model = keras.saving.load_model(template, compile=False)
    assign_keras(model, tensors)
    model.save(path)


def assign_keras(model, tensors):
    """Gives every variable the tensor of its name."""
    variables = keras_variables(model)
    if missing := sorted(variables.keys() ^ tensors.keys()):
        sys.exit("only one side has " + ", ".join(missing))
    for name, variable in variables.items():
        if tuple(variable.shape) != tensors[name].shape:
            sys.exit(f"{name} is {tensors[name].shape}, the model's is {tuple(variable.shape)}")
        variable.assign(tensors[name])


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--into", type=Path, help="a Keras model of the same layers")
    options = parser.parse_args(arguments)
    kinds = options.source.suffix, options.target.suffix
    if (kinds[0] in SAFE) == (kinds[1] in SAFE) or not set(kinds) <= {*TORCH, *KERAS, *SAFE}:
        parser.error("one of both files is .safetensors, the other .pt, .pth, .keras or .h5")
    if kinds[1] in KERAS and not options.into:
        parser.error("--into MODEL.keras is needed: weights alone make no Keras model")

    from safetensors.numpy import load_file, save_file
    if kinds[1] in SAFE:
        tensors = (read_torch if kinds[0] in TORCH else read_keras)(options.source)
        save_file(tensors, options.target)
    elif kinds[1] in TORCH:
        tensors = load_file(options.source)
        write_torch(options.target, tensors)
    else:
        tensors = load_file(options.source)
        write_keras(options.target, tensors, options.into)
    print(f"{options.target}: {len(tensors)} tensors")


if __name__ == "__main__":
    main()
