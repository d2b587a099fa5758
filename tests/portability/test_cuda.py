"""seqnn.h with seqnn_cuda.cuh behind it compiles by nvcc without a warning, for every
generation of GPU that it is for, and links with a C program that keeps its implementation
out; the program trains, here and on machines without a GPU on the processor. Every call of
the CUDA runtime and of cuBLAS fails once, played by gpu_failures.c. Nothing of this is done
where nvcc is not installed."""

import os
import re
import shutil
from pathlib import Path

from tap import ROOT, Report, call, have, scratch

ARCHITECTURES = (75, 80, 90)  # and the newest that nvcc knows
# What the code asks of __CUDA_ARCH__ is whether it is 900 or more: it is compiled once for
# those below and once for the others, and then translated for each.
GENERATIONS = (75, 90)
SOURCE = """#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#define SEQNN_SAY_DEVICE
#define SEQNN_WORDS
#include "seqnn.h"
#include "seqnn_cuda.cuh"
"""


def architectures():
    _, listing = call(["nvcc", "--list-gpu-arch"])
    known = {int(number) for number in re.findall(r"compute_(\d+)\b", listing)}
    return sorted({number for number in ARCHITECTURES if number in known} | {max(known)})


def compile_for(folder, numbers):
    """gpu.o of all of them: the processor's half is compiled once. That it compiles is seen
    with little optimisation."""
    (folder / "gpu.cu").write_text(SOURCE)
    bounds = [*GENERATIONS, max(numbers) + 1]
    codes = [(low, [f"sm_{n}" for n in numbers if low <= n < high])
             for low, high in zip(bounds, bounds[1:])]
    return call(["nvcc", "-std=c++17", "-O1", "-Xcicc", "-O1", "-Xptxas", "-O0",
                 "-Xcompiler", "-O0,-Wall,-Wextra", "-Werror", "all-warnings", f"-I{ROOT}",
                 *(f"-gencode=arch=compute_{low},code=[{','.join(code)}]"
                   for low, code in codes if code),
                 "-c", folder / "gpu.cu", "-o", folder / "gpu.o"])


def two_units(folder, report):
    user = ROOT / "tests" / "portability" / "gpu_user.c"
    good, output = call(["gcc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                         "-DSEQNN_IMPLEMENTED", f"-I{ROOT}", "-c", user, "-o",
                         folder / "user.o"])
    if good:
        good, output = call(["nvcc", folder / "user.o", folder / "gpu.o", "-o",
                             folder / "program", "-lcublas", "-lm"])
    report.check("linked with a C program", good, output)
    if not good:
        return
    for device in (None, "cpu"):
        environment = dict(os.environ, **({"SEQNN_DEVICE": device} if device else {}))
        good, output = call([folder / "program"], env=environment)
        report.check(f"it trains, SEQNN_DEVICE={device or ''}",
                     good and (not device or output.endswith(" on CPU\n")), output)
        name = re.search(r" on (.*)\n$", output)
        report.check(f"and says where, once, SEQNN_DEVICE={device or ''}",
                     name and output.count("Device: ") == 1
                     and output.startswith(f"Device: {name.group(1)}"), output)
        print(output, end="")


def every_call_fails(folder, report):
    """The functions of gpu_failures.c are in the place of the shared runtime's."""
    program = folder / "failures"
    libraries = Path(shutil.which("nvcc")).resolve().parent.parent / "lib64"
    good, output = call(["nvcc", "-Xcompiler", "-Wall,-Wextra", "-DSEQNN_IMPLEMENTED", f"-I{ROOT}", "-cudart",
                         "shared", ROOT / "tests" / "portability" / "gpu_failures.c", folder / "gpu.o", "-o",
                         program, "-Xlinker", "-rpath", "-Xlinker", libraries, "-lcublas", "-lm"])
    if good:
        good, output = call([program])
    report.check("every call of CUDA that fails is a sentence, gives memory back, leaves the CPU", good, output)


def main():
    report = Report()
    if not have("nvcc"):
        report.skip("seqnn_cuda.cuh", "nvcc is not installed")
        report.end()
    with scratch() as name:
        folder, numbers = Path(name), architectures()
        good, output = compile_for(folder, numbers)
        for number in numbers:  # a warning or error names no architecture
            report.check(f"compiles for sm_{number} without a warning", good, output)
        if good:
            two_units(folder, report)
            every_call_fails(folder, report)
    report.end()


main()
