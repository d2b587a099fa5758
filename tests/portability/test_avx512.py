"""The kernels for AVX-512, which few machines have, against plain C: the tests of the
product, the functions, the cells and the optimizers once more, with every instruction of
that set done by SIMDe (emulated_avx512.h). Word vectors too, which take a minute, with
--all."""

import os
import re
import sys
from pathlib import Path

from tap import ROOT, Report, call, parallel, scratch

TESTS = ["test_math", "test_cells", "test_distinct", "test_train", "test_update"] + (
    ["test_word2vec"] * ("--all" in sys.argv))
LIBRARIES = ["-lcmocka", "-lz", "-lexpat", "-lwordnet", "-lstemmer", "-lm"]
EMULATED = ["-O1", "-mavx2", "-mfma", "-include", ROOT / "tests/portability/emulated_avx512.h"]
INCLUDES = [f"-I{ROOT / folder}" for folder in ("src", "tests", "tests/golden")] + [
    f"-I{folder}" for folder in (ROOT / "src").iterdir() if folder.is_dir()]
COMPILE = [os.environ.get("CC") or "gcc", "-std=gnu99", "-g1", "-fopenmp", "-DSEQNN_WORDS", *INCLUDES]


def has_kernels(source):
    text = source.read_text()
    return '"simd.h"' in text or '"sweep_kernels.h"' in text


def main():
    report = Report()
    here = Path("/proc/cpuinfo")
    flags = here.read_text().split() if here.exists() else []
    if not Path("/usr/include/simde/x86/avx512.h").exists() or not {"avx2", "fma"} <= set(flags):
        report.skip("AVX-512", "libsimde-dev is not installed, or the processor has no AVX2")
        report.end()
    library = ROOT / os.environ.get("BUILD", "build") / "float" / "libseqnn.a"
    with scratch() as folder:
        sources = [path for path in sorted((ROOT / "src").glob("*/*.c")) if has_kernels(path)
                   and (path.parent.name != "words" or "--all" in sys.argv)]
        objects = [Path(folder) / f"{source.stem}.o" for source in sources]

        def compile_one(pair):
            return call([*COMPILE, *EMULATED, "-c", pair[0], "-o", pair[1]])

        for source, (good, output) in zip(sources, parallel(compile_one, list(zip(sources, objects)))):
            report.check(f"AVX-512 emulated: {source.name} compiles", good, output)

        # Without this the tests below could all run on another set.
        asked = Path(folder) / "asked.c"
        asked.write_text('#include "simd.h"\nint main(void) { return sq_isa() != SQ_ISA_AVX512; }\n')
        good, output = call([*COMPILE, *EMULATED, asked, *objects, library, *LIBRARIES, "-o", asked.with_suffix("")])
        if good:
            good, output = call([asked.with_suffix("")], env={**os.environ, "SEQNN_ISA": "avx512"})
        report.check("AVX-512 emulated: the set is found and chosen", good, output)

        for name in TESTS:
            # What the objects define, the library is not asked for.
            program = Path(folder) / name
            source = ROOT / "tests" / f"{name}.c"
            flags = re.findall(r"^/\* flags: (.*) \*/$", source.read_text(), re.M)
            good, output = call([*COMPILE, "-O1", source, *objects, library, *" ".join(flags).split(),
                                 *LIBRARIES, "-o", program])
            if good:
                good, output = call([program], cwd=ROOT, env={**os.environ, "SEQNN_ISA": "avx512"})
            report.check(f"AVX-512 emulated: {name}", good, output[-2500:])
    report.end()


main()
