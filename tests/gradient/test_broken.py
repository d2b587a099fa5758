#!/usr/bin/env python3
"""The gradient check catches a wrong backward pass.

One sign is changed in the backward equations of one cell, and the file that holds them is
linked before the library in double precision; the check of the cells must then fail. TAP on
standard output.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CC = os.environ.get("CC", "gcc")
BUILD = os.environ.get("BUILD", "build")
INCLUDES = [f"-I{ROOT}/src", *(f"-I{room}" for room in sorted((ROOT / "src").glob("*/")))]
LIBRARY = f"{BUILD}/double/libseqnn.a"

# File, what it says, what it is made to say; of a header, the file that is to read it.
MISTAKES = [
    ("cell_units.h", "dgates[units] = d_f * f", "dgates[units] = -d_f * f", "lstm.c"),
    ("lstm_kernels.inc", "const SQ_VECTOR d_i = SQ_V(mul)(dC_t, C_tilde)",
     "const SQ_VECTOR d_i = SQ_V(mul)(dC_t, f)"),
    ("cell_units.h", "dh * (h_before - h_tilde)", "dh * (h_tilde - h_before)", "gru.c"),
    ("recurrent_input.c", "sq_bias_gradient(rows,", "sq_bias_gradient(rows - 1,"),
]


def check_with(folder, name, old, new, reader=None):
    """Builds the check with the changed file and returns whether it still passes."""
    original = next((ROOT / "src").rglob(name))
    text = original.read_text()
    if text.count(old) < 1:
        raise SystemExit(f"{name} no longer says '{old}'")
    changed = Path(folder) / name
    changed.write_text(text.replace(old, new, 1))
    user, first = changed, []
    if reader:  # the header's guard keeps the original out
        user, first = next((ROOT / "src").rglob(reader)), ["-include", changed]
    elif changed.suffix == ".inc":  # its file beside it, so that this copy is the nearest
        user = changed.with_suffix(".c")
        user.write_text(original.with_suffix(".c").read_text())
    program = str(Path(folder) / "check")
    # The rest comes from the library; a name that stood twice would not link.
    build = [CC, "-std=c99", "-O1", "-fopenmp", "-DSEQNN_DOUBLE", f"-I{folder}", *INCLUDES,
             *first, ROOT / "tests/gradient/cells.c", user, ROOT / LIBRARY, "-o", program, "-lcmocka",
             "-lz", "-lexpat", "-lwordnet", "-lstemmer", "-lm"]
    subprocess.run(build, check=True)
    run = subprocess.run([program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return run.returncode == 0


def main():
    # What make hands down to a recipe is not for this make.
    clean = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL")}
    subprocess.run(["make", "-s", f"BUILD={BUILD}", LIBRARY], cwd=ROOT, env=clean, check=True)
    print(f"1..{len(MISTAKES)}")
    failed = 0
    for number, (name, old, new, *reader) in enumerate(MISTAKES, 1):
        with tempfile.TemporaryDirectory() as folder:
            passed = check_with(folder, name, old, new, *reader)
        failed += passed
        print(f"{'not ok' if passed else 'ok'} {number} - {name}: '{new}' is caught")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
