#!/usr/bin/env python3
"""Weights between PyTorch or Keras files and safetensors, which seqnn_import_weights reads
and seqnn_export_weights writes.

    convert_weights.py model.pt weights.safetensors       a state_dict (.pt, .pth)
    convert_weights.py model.keras weights.safetensors    a whole model (.keras, .h5)
    convert_weights.py weights.safetensors model.pt
    convert_weights.py weights.safetensors new.keras --into model.keras

A Keras model cannot be made from weights alone: --into names one of the same layers; it
stays as it is. Tensors of Keras are named by layer and path of the variable:
"lstm/lstm_cell/kernel". A model.weights.h5 does not say them: convert the whole model.

On the way back tensors keep the names that seqnn_export_weights gave them. They are the
other side's if seqnn's layers were called as its layers are (option name), or if .names
of the export says so; else load_state_dict and --into do not find them.

Needs from PyPI: safetensors, and torch or keras (with its backend).
"""

import argparse
import sys
from pathlib import Path

TORCH = (".pt", ".pth")
KERAS = (".keras", ".h5")
SAFE = (".safetensors",)


def read_torch(path):
    import pickle
    import torch
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        sys.exit(f"{path}: is no state_dict; where the model is, "
                 "torch.save(model.state_dict(), ...) writes one")
    for key in ("state_dict", "model_state_dict"):
        if isinstance(state, dict) and isinstance(state.get(key), dict):
            state = state[key]
    if not isinstance(state, dict):
        sys.exit(f"{path}: holds a {type(state).__name__}, expected a state_dict")
    tensors = {name: value.detach() for name, value in state.items()
               if isinstance(value, torch.Tensor)}
    # NumPy has no bfloat16.
    return {name: (value.float() if value.dtype == torch.bfloat16 else value).numpy().copy()
            for name, value in tensors.items()}


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


def load_keras(path):
    import keras
    if path.name.endswith(".weights.h5"):
        sys.exit(f"{path}: holds weights without their layers; "
                 "model.save(\"model.keras\") writes both")
    try:
        return keras.saving.load_model(path, compile=False)
    except (ValueError, TypeError, OSError) as error:
        sys.exit(f"{path}: Keras cannot load it: {str(error).splitlines()[0]}")


def read_keras(path):
    model = load_keras(path)
    return {name: variable.numpy() for name, variable in keras_variables(model).items()}


def write_keras(path, tensors, template):
    model = load_keras(template)
    assign_keras(model, tensors)
    model.save(path)


def only(these, others):
    return ", ".join(sorted(these.keys() - others.keys())) or "nothing"


def assign_keras(model, tensors):
    """Gives every variable the tensor of its name."""
    variables = keras_variables(model)
    if variables.keys() != tensors.keys():
        sys.exit("the layers have other names (--help says where they come from): only the "
                 f"model has {only(variables, tensors)}; only the weights have "
                 f"{only(tensors, variables)}")
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
    for path in (options.source, options.into):
        if path and not path.is_file():
            parser.error(f"{path} is no file")
    try:
        count = convert(options, kinds)
    except ModuleNotFoundError as error:
        sys.exit(f"{error.name} is not installed: pip install safetensors, and torch or keras")
    print(f"{options.target}: {count} tensors")


def convert(options, kinds):
    """The number of tensors."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file, save_file
    if kinds[1] in SAFE:
        tensors = (read_torch if kinds[0] in TORCH else read_keras)(options.source)
        save_file(tensors, options.target)
        return len(tensors)
    try:
        tensors = load_file(options.source)
    except SafetensorError as error:
        sys.exit(f"{options.source}: {error}")
    if kinds[1] in TORCH:
        write_torch(options.target, tensors)
    else:
        write_keras(options.target, tensors, options.into)
    return len(tensors)


if __name__ == "__main__":
    main()
