"""The programs that people read pass the compiler's front end without a warning, as they
stand: every example (test_examples.py runs them), every ```c block of README.md and the
lectures that holds a main function, and the smallest program of the manual. The manual's and
README's first are also compiled and run, and print what is said."""

import re
from pathlib import Path

from tap import ROOT, Report, call, parallel, scratch

MANUAL = "src/seqnn.h, the smallest program"
README = "README.md, block 1"


def manual_program():
    """The smallest program of the manual, out of its comment."""
    manual = (ROOT / "src" / "seqnn.h").read_text()
    lines = manual.split("THE SMALLEST PROGRAM", 1)[1].split("\n")[2:]
    program = []
    for line in lines:
        if line != " *" and not line.startswith(" *     "):
            break
        program.append(line[7:])
    return "\n".join(program) + "\n"


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
    yield MANUAL, ROOT, manual_program()


def build(program, target):
    name, folder, text = program
    source = target.with_suffix(".c")
    source.write_text(f'#line 1 "{name}"\n{text}')
    libraries = ["-lz", "-lm"] if "SEQNN_USE_ZLIB" in text else ["-lm"]
    result = ["-O1", "-o", target, *libraries] if name in (MANUAL, README) else ["-fsyntax-only"]
    return name, *call(["gcc", "-fopenmp", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                        "-iquote", folder, source, *result])


def numbers(text):
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]


def manual_is_true(printed):
    """Four hidden units come close to the next number of the series."""
    said = re.fullmatch(r"after 63/70 comes (\S+), truly (\S+)\n", printed)
    return said and float(said[2]) == 0.914 and abs(float(said[1]) - 0.914) < 0.03


def readme_is_true(printed):
    """The epoch that README shows: the same words, and nearly the same loss and accuracy.
    Its seconds are those of an idle machine."""
    shown = re.search(r"^Epoch 1/10\n(.*)\n", (ROOT / "README.md").read_text(), re.M)
    ran = re.match(r"Epoch 1/10\n(.*)\nEpoch 2/10\n", printed)
    if not shown or not ran:
        return False
    wordings = [re.sub(r"\d+s|\d+(ms|us)/step|\d+\.\d+", "N", text[1]) for text in (shown, ran)]
    pairs = zip(numbers(shown[1])[-4:], numbers(ran[1])[-4:])
    return wordings[0] == wordings[1] and all(abs(a - b) < 0.05 for a, b in pairs)


def run(name, program, true):
    """README's program reads datasets/ and writes its plot where it is run."""
    folder = program.with_suffix(".run")
    folder.mkdir()
    (folder / "datasets").symlink_to(ROOT / "datasets")
    good, printed = call([program], cwd=folder, timeout=300)
    return f"{name}: runs and prints what is said", good and true(printed), printed


def main():
    report = Report()
    with scratch() as folder:
        jobs = [(program, Path(folder) / str(i)) for i, program in enumerate(programs())]
        built = []
        for result in parallel(lambda job: build(*job), jobs):
            report.check(*result)
            built.append(result)
        true = {MANUAL: manual_is_true, README: readme_is_true}
        for (program, target), (name, good, _) in zip(jobs, built):
            if name in true:
                report.check(*run(name, target, true.pop(name)) if good
                             else (f"{name}: runs", False, "it does not compile"))
        report.check("the manual and README hold a program", not true, ", ".join(true))
    report.end()


main()
