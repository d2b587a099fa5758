"""seqnn.h in several translation units: what links, what must not, and which names get
out."""

import itertools
import re
from pathlib import Path

from tap import DIALECTS, ROOT, WARNINGS, Report, call, driver, have, parallel, scratch

USER = ROOT / "tests" / "portability" / "user.c"
IMPLEMENTATION = '#define SEQNN_IMPLEMENTATION\n#include "seqnn.h"\n'
WHOLE = ("-fopenmp", "-DSEQNN_PLOT", "-DSEQNN_WORDS")
TWICE = '#include "seqnn.h"\n' + IMPLEMENTATION + IMPLEMENTATION
PRIVATE = "#define SEQNN_STATIC\n#define SEQNN_IMPLEMENTATION\n" + USER.read_text()
BESIDE = PRIVATE.replace("int main(void)", "int beside(void);\nint beside(void)")


class Workshop:
    """Compiles into one folder, every object once."""

    def __init__(self, folder, report):
        self.folder, self.report = folder, report
        self.objects = {}

    def compile_all(self, jobs):
        """(text, dialect, flags) of each job to an object, on all cores."""
        def build(numbered):
            number, (text, (compiler, language, standard), flags) = numbered
            source = self.folder / f"{number}.c"
            source.write_text(text)
            target = source.with_suffix(".o")
            return target, *call([compiler, "-x", language, f"-std={standard}", "-O0",
                                  *WARNINGS, f"-I{ROOT}", *flags, "-c", source, "-o", target])

        numbered = list(enumerate(jobs, len(self.objects)))
        for job, (target, good, output) in zip(jobs, parallel(build, numbered)):
            if not good:
                self.report.check(f"compiling for {job[1]} {job[2]}", False, output)
            self.objects[job] = target

    def compile(self, text, dialect, *flags):
        job = (text, dialect, flags)
        if job not in self.objects:
            self.compile_all([job])
        return self.objects[job]

    def link(self, dialect, *objects_and_flags):
        """Returns (it linked, and the program says all is well; what was printed)."""
        program = self.folder / "program"
        program.unlink(missing_ok=True)
        good, output = call([driver(dialect[0], dialect[1]), *objects_and_flags, "-o", program,
                             "-lm"])
        return call([program]) if good else (False, output)


def two_units(shop, report, dialects):
    user = USER.read_text()
    for ours, theirs in itertools.product(dialects, dialects):
        if ours[0] != theirs[0]:
            continue
        # A C++ program is linked by the C++ driver, whichever half is C++.
        linker = ours if ours[1] == "c++" else theirs
        for number in ([], ["-DSEQNN_DOUBLE"]):
            good, output = shop.link(linker, shop.compile(IMPLEMENTATION, ours, *number),
                                     shop.compile(user, theirs, *number))
            name = "double" if number else "float"
            report.check(f"{ours[0]}: implementation in {ours[2]}, user in {theirs[2]}, {name}",
                         good, output)


def mixed_numbers(shop, report, dialects):
    user = USER.read_text()
    for dialect in dialects:
        for library, program in ((["-DSEQNN_DOUBLE"], []), ([], ["-DSEQNN_DOUBLE"])):
            good, output = shop.link(dialect, shop.compile(IMPLEMENTATION, dialect, *library),
                                     shop.compile(user, dialect, *program))
            refused = not good and "undefined reference" in output and "seqnn_error" in output
            report.check(f"{dialect[0]} {dialect[2]}: a {'double' if program else 'float'} user "
                         f"of a {'double' if library else 'float'} implementation is refused",
                         refused, output or "it linked")


def arrangements(shop, report, dialects):
    """Ways in which one file may include the header."""
    user = USER.read_text()
    ours = dialects[0]
    report.check("declarations first, the implementation twice",
                 *shop.link(ours, shop.compile(TWICE, ours), shop.compile(user, ours)))
    report.check("with OpenMP", *shop.link(ours, shop.compile(IMPLEMENTATION, ours, *WHOLE),
                                           shop.compile(user, ours, "-fopenmp"), "-fopenmp"))
    for dialect in dialects:
        report.check(f"{dialect[0]} {dialect[2]}: two private copies (SEQNN_STATIC)",
                     *shop.link(dialect, shop.compile(PRIVATE, dialect),
                                shop.compile(BESIDE, dialect)))


def names(shop, report, dialect):
    """Nothing leaks: link names begin with seqnn_, macros of the API with SEQNN_."""
    for number in ([], ["-DSEQNN_DOUBLE"]):
        _, output = call(["nm", "-g", "--defined-only",
                          shop.compile(IMPLEMENTATION, dialect, *WHOLE, *number)])
        symbols = [line.split()[-1] for line in output.split("\n") if line]
        leaked = [symbol for symbol in symbols if not symbol.startswith("seqnn_")
                  or symbol.endswith("_f64") != bool(number)]
        report.check(f"link names of the {'double' if number else 'float'} implementation",
                     symbols and not leaked, leaked)
    _, output = call(["nm", "-g", "--defined-only", shop.compile(BESIDE, dialect)])
    report.check("SEQNN_STATIC leaves no link name but the user's",
                 [line.split()[-1] for line in output.splitlines()] == ["beside"], output)

    def macros(text):
        source = shop.folder / "macros.c"
        source.write_text(text)
        _, listing = call(["gcc", "-std=c99", f"-I{ROOT}", "-DSEQNN_PLOT", "-DSEQNN_WORDS", "-E",
                            "-dM", source])
        return set(re.findall(r"^#define (\w+)", listing, re.M))

    system = "".join(f"#include <{name}>\n" for name in
                     set(re.findall(r"^\s*#\s*include <([^>]+)>",
                                    (ROOT / "seqnn.h").read_text().split("Stop here")[0], re.M)))
    leaked = {name for name in macros('#include "seqnn.h"\n') - macros(system)
              if not name.startswith("SEQNN_")}
    report.check("macros of the API", not leaked, sorted(leaked))


def main():
    report = Report()
    dialects = [dialect for dialect in DIALECTS if have(driver(dialect[0], dialect[1]))]
    with scratch() as folder:
        shop = Workshop(Path(folder), report)
        ends = [dialect for dialect in dialects if dialect[2] != "c11"]
        ours = [dialect for dialect in ends if dialect[0] == "gcc"]
        shop.compile_all([(text, dialect, flags) for dialects, jobs in (
            (ends, ((IMPLEMENTATION, ()), (IMPLEMENTATION, ("-DSEQNN_DOUBLE",)))),
            (ours[:1], ((IMPLEMENTATION, WHOLE), (IMPLEMENTATION, (*WHOLE, "-DSEQNN_DOUBLE")),
                        (TWICE, ()))),
            (ours, ((PRIVATE, ()), (BESIDE, ()))))
            for dialect in dialects for text, flags in jobs])
        two_units(shop, report, ends)
        mixed_numbers(shop, report, ends)
        # What the preprocessor arranges is the same for both compilers.
        arrangements(shop, report, ours)
        names(shop, report, ("gcc", "c", "c99"))
    report.end()


main()
