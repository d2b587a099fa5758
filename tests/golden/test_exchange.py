"""What test_exchange.c exports loads into PyTorch and Keras and gives their outputs; a
model file opens in Python's safetensors package.

Needs torch, keras (with a backend) and safetensors from PyPI, in $SEQNN_PYTHON,
build/venv/bin/python or python3:

    python3 -m venv build/venv
    build/venv/bin/pip install torch tensorflow-cpu keras safetensors
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "portability"))
from tap import ROOT, Report, call, scratch  # noqa: E402

BUILD = ROOT / os.environ.get("BUILD", "build")
LOOK_INTO = """
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1] + "/model.safetensors", "np") as file:
    layers = json.loads(file.metadata()["seqnn"])["layers"]
    assert [layer["kind"] for layer in layers] == ["sequences", "gru", "gru", "lstm", "dense", "dense"]
    mine = {name: file.get_tensor(name) for name in file.keys()}
with safe_open(sys.argv[1] + "/keras_stack.safetensors", "np") as file:
    for name, other in (("gru_2.W_h", "gru_1/gru_cell/recurrent_kernel"),
                        ("lstm_1.W_x", "lstm/lstm_cell/kernel"), ("dense_2.W", "dense_1/kernel")):
        assert (mine[name] == file.get_tensor(other)).all(), name
assert len(mine) == 14
"""


def python():
    """An interpreter that has both frameworks; None if there is none."""
    for name in (os.environ.get("SEQNN_PYTHON"), BUILD / "venv/bin/python",
                 ROOT / "build/venv/bin/python", sys.executable):
        if name and Path(name).exists() and call([name, "-c", "import safetensors"])[0] and call(
                [name, "-c", "import torch, keras"], env=dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3"))[0]:
            return name
    return None


def main():
    report = Report()
    names = ("our exports give the outputs of PyTorch and Keras", "a model file opens in Python")
    interpreter = python()
    program = BUILD / "tests/golden/test_exchange"
    if not interpreter:
        for name in names:
            report.skip(name, "no python with torch, keras and safetensors")
    elif not program.exists():
        report.check(names[0], False, f"{program} was not built")
    else:
        with scratch() as folder:
            good, output = call([program], cwd=ROOT, env=dict(os.environ, SEQNN_EXCHANGE_OUT=folder))
            report.check("the weights are exported", good, output)
            good, output = call([interpreter, ROOT / "tests/golden/exchange.py", "--check", folder])
            report.check(names[0], good, output)
            print("\n".join(line for line in output.split("\n") if line.endswith(" apart")))
            report.check(names[1], *call([interpreter, "-c", LOOK_INTO, folder]))
    report.end()


main()
