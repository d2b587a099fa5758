"""The matrix product beside the libraries that NumPy (OpenBLAS) and PyTorch (MKL) bring.

bench_matmul.c opens them itself, so that all take turns within one process. OpenBLAS
chooses its kernels for the processor; OPENBLAS_CORETYPE=SkylakeX forces those for AVX-512."""
import os
import subprocess
from pathlib import Path

import steps
from sides import BUILD, HERE, ROOT, note

LOOK = """
import importlib.util as u, pathlib as p
for package, kind, pattern in (("numpy", "openblas", "../numpy.libs/*openblas64*.so"),
                               ("torch", "mkl", "lib/libtorch_cpu.so")):
    found = u.find_spec(package)
    for library in p.Path(found.origin).parent.glob(pattern) if found else ():
        print(f"{library}:{kind}")
"""


def libraries():
    """PATH:KIND of those that the peers' python has"""
    python, _ = steps.peers()
    if not python:
        return []
    try:
        found = subprocess.run([python, "-c", LOOK], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        note(f"no libraries beside ours: {error}")
        return []
    return found.stdout.split()


def run():
    BUILD.mkdir(parents=True, exist_ok=True)
    program = BUILD / "bench_matmul"
    rooms = [ROOT / "src" / room for room in ("", "base", "math")]
    files = [path for room in rooms[1:] for path in Path(room).glob("*.c")]
    subprocess.run([os.environ.get("CC", "cc"), "-O3", "-fopenmp", *(f"-I{room}" for room in rooms),
                    HERE / "bench_matmul.c", *files, "-o", program, "-lm", "-ldl"], check=True)
    subprocess.run([program, *libraries()], check=True, cwd=ROOT,
                   env={"OMP_WAIT_POLICY": "passive", **os.environ})
