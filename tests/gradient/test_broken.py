#!/usr/bin/env python3
"""The gradient check catches a wrong backward pass.

The library is built once more in double precision with one sign changed in the backward
equations of one cell; the check of the cells must then fail. TAP on standard output.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CC = os.environ.get("CC", "gcc")
ROOMS = ["base", "math", "layers", "train", "text", "data", "words", "metrics", "plot"]

# File, what it says, what it is made to say.
MISTAKES = [
    ("lstm.c", "dz_f[j] = d_f * f[j]", "dz_f[j] = -d_f * f[j]"),
    ("lstm_kernels.inc", "const SQ_VECTOR d_i = SQ_V(mul)(dC_t, C_tilde)",
     "const SQ_VECTOR d_i = SQ_V(mul)(dC_t, f)"),
    ("gru.c", "dh[j] * (h_before[j] - h_tilde[j])", "dh[j] * (h_tilde[j] - h_before[j])"),
    ("recurrent.c", "sq_bias_gradient(in->rows,", "sq_bias_gradient(in->rows - 1,"),
]


def sources():
    return [path for room in ROOMS for path in sorted((ROOT / "src" / room).glob("*.c"))]


def check_with(folder, name, old, new):
    """Builds the check with the changed file and returns whether it still passes."""
    original = next((ROOT / "src").rglob(name))
    text = original.read_text()
    if text.count(old) < 1:
        raise SystemExit(f"{name} no longer says '{old}'")
    changed = Path(folder) / name
    changed.write_text(text.replace(old, new, 1))
    user = changed
    if changed.suffix == ".inc":  # its file beside it, so that this copy is the nearest
        user = changed.with_suffix(".c")
        user.write_text(original.with_suffix(".c").read_text())
    files = [str(user if path.name == user.name else path) for path in sources()]
    includes = [f"-I{folder}"] + [f"-I{ROOT}/src"] + [f"-I{ROOT}/src/{room}" for room in ROOMS]
    program = str(Path(folder) / "check")
    build = [CC, "-std=c99", "-O0", "-fopenmp", "-DSEQNN_DOUBLE", *includes,
             str(ROOT / "tests/gradient/cells.c"), *files, "-o", program, "-lcmocka", "-lm"]
    subprocess.run(build, check=True)
    run = subprocess.run([program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return run.returncode == 0


def main():
    print(f"1..{len(MISTAKES)}")
    failed = 0
    for number, (name, old, new) in enumerate(MISTAKES, 1):
        with tempfile.TemporaryDirectory() as folder:
            passed = check_with(folder, name, old, new)
        failed += passed
        print(f"{'not ok' if passed else 'ok'} {number} - {name}: '{new}' is caught")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
