"""seqnn.h compiles without a warning for 64-bit ARM, and its NEON kernels, run by an
emulator, agree with plain C."""

from pathlib import Path

from tap import ROOT, WARNINGS, Report, call, have, scratch

COMPILER, EMULATOR = "aarch64-linux-gnu-gcc", "qemu-aarch64"


def main():
    report = Report()
    if not have(COMPILER) or not have(EMULATOR):
        report.skip("64-bit ARM", f"{COMPILER} or {EMULATOR} is not installed")
        report.end()
    with scratch() as folder:
        program = Path(folder) / "arm"
        for number in ("float", "double"):
            good, output = call([COMPILER, "-std=c99", "-O2", "-static", *WARNINGS, f"-I{ROOT}",
                                 *(["-DSEQNN_DOUBLE"] if number == "double" else []),
                                 ROOT / "tests/portability/arm.c", "-o", program, "-lm"])
            report.check(f"ARM, {number}: compiles", good, output)
            if good:
                report.check(f"ARM, {number}: NEON equals plain C", *call([EMULATOR, program]))
    report.end()


main()
