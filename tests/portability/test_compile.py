"""seqnn.h with its implementation compiles without a warning: every standard, compiler,
number type and switch (those that need a library as one, OpenMP), and optimised by gcc, floats
in C, doubles in C++. Where nothing is optimised the compiler's front end says all it has to
say, and all of clang's warnings come from there; test_link.py makes objects of that."""

import itertools
import resource
from pathlib import Path

from tap import DIALECTS, ROOT, WARNINGS, Report, call, have, parallel, scratch

LIBRARIES = "".join(f"#define SEQNN_{switch}\n" for switch in (
    "PLOT", "WORDS", "USE_ZLIB", "USE_EXPAT", "USE_SNOWBALL", "USE_WORDNET"))


def combinations():
    for (compiler, language, standard), number, libraries, openmp, level in itertools.product(
            DIALECTS, ("float", "double"), (True, False), (True, False), ("-fsyntax-only", "-O3")):
        # All switches on for floats, all off for doubles: enough for what takes long, the
        # optimised code, and for C11, which is hardly another language than C99.
        typical = libraries == openmp == (number == "float")
        rare = (level == "-O3") + (standard == "c11")
        # Libraries without OpenMP and the reverse have no line of their own: one compiler.
        if libraries != openmp and (compiler, standard) != ("gcc", "c99"):
            continue
        # Behind the front end the languages are one: gcc optimises the floats in C, the doubles
        # in C++.
        other = level == "-O3" and (compiler != "gcc" or
                                    (language == "c") != (number == "float"))
        if rare == 0 or (typical and rare == 1 and not other):
            yield compiler, language, standard, number, libraries, openmp, level


def compile_one(combination, folder, number_of_it):
    compiler, language, standard, number, libraries, openmp, level = combination
    source = folder / f"{number_of_it}.c"
    terminal = "#define SEQNN_TERMINAL\n" if openmp else ""
    source.write_text("#define SEQNN_IMPLEMENTATION\n" + (LIBRARIES if libraries else terminal)
                      + '#include "seqnn.h"\n')
    # _FORTIFY_SOURCE: the default of some distributions' compilers where they optimise.
    command = [compiler, "-x", language, f"-std={standard}", level, *WARNINGS, f"-I{ROOT}",
               *(["-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2"] if level == "-O3" else []),
               *(["-DSEQNN_DOUBLE"] if number == "double" else []),
               *(["-fopenmp"] if openmp else []), "-c", source, "-o", source.with_suffix(".o")]
    name = " ".join([compiler, standard, number, *(["libraries"] if libraries else []),
                     *(["openmp"] if openmp else []), level])
    return name, *call(command)


def main():
    report = Report()
    with scratch() as name:
        folder = Path(name)
        jobs = [(combination, folder, i) for i, combination in enumerate(combinations())
                if have(combination[0])]
        for result in parallel(lambda job: compile_one(*job), jobs):
            report.check(*result)
        for compiler in ("gcc", "clang"):
            if not have(compiler):
                report.skip(compiler, "is not installed")
        # A student's compile. Other work on the machine stretches even the CPU time: the
        # budget is of a quiet machine, so it is printed, not tested.
        source = folder / "student.c"
        source.write_text('#define SEQNN_IMPLEMENTATION\n#include "seqnn.h"\n')
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        good, output = call(["gcc", "-O3", "-march=native", "-fopenmp", f"-I{ROOT}", "-c",
                             source, "-o", source.with_suffix(".o")])
        seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        report.check("gcc -O3 -march=native -fopenmp", good, output)
        print(f"compile time of -O3 -march=native -fopenmp: {seconds:.1f} s of CPU (budget 6 s)")
    report.end()


main()
