"""The programs that people read compile against seqnn.h without a warning: every example,
and every ```c block of README.md and the lectures that holds a main function."""

import re
from pathlib import Path

from tap import ROOT, Report, call, parallel, scratch


def programs():
    """(name, folder its includes are relative to, text)"""
    for path in sorted((ROOT / "examples").glob("[0-9]*.c")):
        yield path.relative_to(ROOT).as_posix(), path.parent, path.read_text()
    for path in [ROOT / "README.md", *sorted((ROOT / "lectures").glob("*.md"))]:
        if path.exists():
            blocks = re.findall(r"^```c\n(.*?)^```", path.read_text(), re.M | re.S)
            for i, text in enumerate(blocks):
                if re.search(r"\bint main\(", text):
                    yield f"{path.relative_to(ROOT).as_posix()}, block {i + 1}", ROOT, text


def build(program, target):
    name, folder, text = program
    source = target.with_suffix(".c")
    source.write_text(f'#line 1 "{name}"\n{text}')
    libraries = ["-lz", "-lm"] if "SEQNN_USE_ZLIB" in text else ["-lm"]
    return name, *call(["gcc", "-O0", "-fopenmp", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                        "-iquote", folder, source, "-o", target, *libraries])


def main():
    report = Report()
    with scratch() as folder:
        jobs = [(program, Path(folder) / str(i)) for i, program in enumerate(programs())]
        for result in parallel(lambda job: build(*job), jobs):
            report.check(*result)
        if not jobs:
            report.skip("programs", "there is no example and no code in README.md")
    report.end()


main()
