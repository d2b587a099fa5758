"""The lecture pages and their programs: the form that all have, code blocks that compile or
stand in the sources, and outputs that the programs print again, at -O3, with -march=native and
without optimisation; gradients that agree with finite differences in float and in double; and
that the comparison itself sees what is wrong."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "portability"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
from tap import Report, parallel, scratch  # noqa: E402

import lectures  # noqa: E402
from lecture import output, program  # noqa: E402
from lecture.page import EXAMPLES, LECTURES, broken_links, excerpt_fault  # noqa: E402

SHORT = 0.4  # seconds at -O3; longer runs are not repeated without optimisation, but --quick
FLOAT, DOUBLE = "-O3", "-O2 -DSEQNN_DOUBLE"

SENTENCE = ("*Held by a test:* words and whole numbers as they stand; other numbers to ±0.01, with "
            "an exponent to ±5 %; `accuracy` at least 0.8; lines with `Epoch` by their words "
            "only; lines with `drawn` not at all.")
SAID = """400 words in 3 classes
Epoch 1/2 - 0s 2ms/step - loss: 0.71
loss 0.125, gradient 1.50e-07, accuracy 0.90 in 3.2 s
drawn any which way
balance -0.25
"""
# What is changed in SAID, and whether that is a fault.
CHANGED = [("400", "401", True), ("0.125", "0.134", False), ("0.125", "0.137", True),
           ("1.50e-07", "1.55e-07", False), ("1.50e-07", "1.60e-07", True),
           ("0.90", "0.81", False), ("0.90", "0.79", True), ("3.2 s", "99 s", False),
           ("2ms", "70ms", False), ("0.71", "7.9", False), ("Epoch", "epoch", True),
           ("any", "some", False), ("-0.25", "0.25", True), ("classes", "kinds", True),
           ("balance -0.25\n", "", True), ("words", "words  ", False),
           ("0.125", "nan", True), ("400", "400.0", True)]


def comparison(report):
    rules = output.rules(SENTENCE)
    for old, new, wrong in CHANGED:
        found = output.faults(SAID, SAID.replace(old, new), rules)
        report.check(f"{old!r} printed as {new!r} is {'a fault' if wrong else 'as good'}",
                     bool(found) == wrong, found)
    for sentence in ("other numbers to 3", "`loss` near 1", "lines with Epoch not at all"):
        try:
            output.rules(f"{output.SENTENCE} {sentence}.")
            understood = True
        except ValueError:
            understood = False
        report.check(f"\"{sentence}\" is no rule", not understood)
    source = "a = 1;\n  b = 2;\n\nc = 3;\n"
    for text, stands in (("a = 1;\nb = 2;\nc = 3;\n", True), ("a = 1;\n...\nc = 3;\n", True),
                         ("a = 1;\nc = 3;\n", False), ("c = 3;\n...\na = 1;\n", False)):
        report.check(f"the excerpt {text!r} {'stands' if stands else 'does not stand'} there",
                     (excerpt_fault(text, source) == "") == stands)


def printed(report, page, optimise, folder):
    """The outputs of a page, printed again; seconds of the default run."""
    seconds = 0
    target, said = program.program(page.example, optimise)
    report.check(f"{page.path.stem} compiles {optimise}", target, said)
    for run in page.outputs() if target else []:
        began = time.monotonic()
        good, text = program.run(target, folder, *run.arguments)
        seconds = seconds or time.monotonic() - began
        found = output.faults(run.block.text, text, run.rules)
        name = " ".join([page.path.stem, *run.arguments])
        report.check(f"{name} prints what its page says, {optimise}", good and not found,
                     "\n".join(found) if good else text)
    return seconds


def quick(page, optimise, folder):
    target, said = program.program(page.example, optimise)
    return program.run(target, folder, "--quick") if target else (False, said)


def unoptimised(report, page, seconds, folder):
    """All outputs where the program is short, else what --quick prints with optimisation."""
    if seconds < SHORT:
        printed(report, page, "-O0", folder)
        return
    good, expected = quick(page, FLOAT, folder)
    slow, text = quick(page, "-O0", folder)
    found = output.faults(expected, text, page.outputs()[0].rules, floors=False)
    report.check(f"{page.path.stem} --quick prints the same without optimisation",
                 good and slow and not found, found or expected + text)


def gradients(report, page, optimise, folder):
    target, said = program.program(page.example, optimise)
    good, text = program.run(target, folder, "--grad-check") if target else (False, said)
    report.check(f"{page.path.stem} --grad-check, {optimise}", good and "agree" in text, text)


def whole(report, page, folder):
    """One page with its program."""
    faults = lectures.form_faults(page)
    report.check(f"{page.path.stem} has the form of the course", not faults, "\n".join(faults))
    if faults:
        return
    seconds = printed(report, page, FLOAT, folder)
    for name in page.pictures():
        report.check(f"{page.path.stem} draws {name}", (folder / name).exists())
    printed(report, page, "-O3 -march=native", folder)
    unoptimised(report, page, seconds, folder)
    if not any("--grad-check" in run.arguments for run in page.outputs()):
        gradients(report, page, FLOAT, folder)
    gradients(report, page, DOUBLE, folder)


def main():
    report = Report()
    comparison(report)
    chosen = lectures.pages()
    report.check("sections 01 to 20 have their page",
                 [page.number for page in chosen] == [f"{n:02}" for n in range(1, 21)],
                 [page.path.name for page in chosen])
    index = LECTURES / "README.md"
    report.check("the index links to every page, and to nothing that is not there",
                 not broken_links(index) and all(f"]({page.path.name})" in index.read_text()
                                                 for page in chosen), broken_links(index))
    shown = {name for page in chosen for name in page.pictures()}
    kept = {path.name for path in (LECTURES / "pictures").glob("*")}
    report.check("every picture that is kept is shown", kept <= shown, kept - shown)
    paged = {page.example.name for page in chosen}
    report.check("every example up to 20 has its page",
                 {path.name for path in EXAMPLES.glob("[01]*.c")} <= paged)
    levels = [FLOAT, "-O3 -march=native", "-O0", DOUBLE]
    for level, (made, said) in zip(levels, parallel(program.implementation, levels)):
        report.check(f"seqnn.h compiles {level}", made, said)
    with scratch() as name:
        for page in chosen:
            whole(report, page, Path(name))
    report.end()


main()
