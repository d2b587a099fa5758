#!/usr/bin/env python3
"""The lecture pages and the programs they speak of, kept together.

    python3 tools/lectures.py --check [--optimise="-O0"] [NN ...]   what does not agree
    python3 tools/lectures.py --write [NN ...]      outputs into the pages, from fresh runs
    python3 tools/lectures.py --pictures [NN ...]   pictures into lectures/pictures

Without numbers, all pages. tests/test_lectures.py makes the same checks and more.
"""

import argparse
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
from lecture import output, page, program  # noqa: E402


def pages(numbers=()):
    found = [page.Page(path) for path in sorted(page.LECTURES.glob("[0-9][0-9]_*.md"))]
    return [one for one in found if not numbers or one.number in numbers]


def names():
    """The sections in their order."""
    return [path.stem for path in sorted(page.LECTURES.glob("[0-9][0-9]_*.md"))]


def code_faults(one):
    """The ```c blocks that are neither an excerpt nor compile."""
    found, compiled = [], []
    example = one.example.read_text(encoding="utf-8") if one.example.exists() else ""
    for block in one.blocks:
        if block.language != "c":
            continue
        named = re.match(r"/\* ((?:src|examples)/\S+) \*/\n", block.text)
        source = page.ROOT / named[1] if named else None
        if source and not source.exists():
            found.append(f"line {block.line}: {named[1]} is not there")
        elif source:
            fault = page.excerpt_fault(block.text[named.end():],
                                       source.read_text(encoding="utf-8"))
            if fault:
                found.append(f"line {block.line}: {named[1]}: {fault}")
        elif "int main(" in block.text or page.excerpt_fault(block.text, example):
            compiled.append(block)
    if fault := program.snippets_fault(one, compiled):
        found.append(fault)
    return found


def form_faults(one):
    """What page and example lack of the form, without running anything."""
    if not one.example.exists():
        return [f"{one.example.name} is not there"]
    found = one.faults(names()) + page.example_faults(one.example) + code_faults(one)
    try:
        one.outputs()
    except ValueError as error:
        found.append(str(error))
    return found


def output_faults(one, optimise, folder):
    """What the program prints that the page does not say, and the pictures it does not draw."""
    try:
        expected = one.outputs()
    except ValueError as error:
        return [str(error)]
    target, said = program.program(one.example, optimise)
    if not target:
        return [said]
    found = []
    for run in expected:
        good, printed = program.run(target, folder, *run.arguments)
        if not good:
            found.append(f"{' '.join(run.arguments)}: it fails\n{printed}")
        found += output.faults(run.block.text, printed, run.rules)
    found += [f"{name} is not drawn" for name in one.pictures() if not (folder / name).exists()]
    return found


def check(one, optimise):
    found = form_faults(one)
    with tempfile.TemporaryDirectory(prefix="seqnn-") as folder:
        began = time.monotonic()
        found += output_faults(one, optimise, Path(folder))
        print(f"{one.path.stem}: {len(found)} faults, {time.monotonic() - began:.1f} s")
    for fault in found:
        print("  " + fault.rstrip().replace("\n", "\n  "))
    return not found


def write(one, optimise):
    """Replaces the outputs, from the last to the first so that places stay right."""
    target, said = program.program(one.example, optimise)
    if not target:
        sys.exit(said)
    text = one.text
    with tempfile.TemporaryDirectory(prefix="seqnn-") as folder:
        for run in reversed(one.outputs()):
            good, printed = program.run(target, folder, *run.arguments)
            if not good:
                sys.exit(f"{one.path.stem} {' '.join(run.arguments)} fails:\n{printed}")
            at = text.index("\n", run.block.begins) + 1
            text = text[:at] + printed + text[at + len(run.block.text):]
    one.path.write_text(text, encoding="utf-8")
    return True


def pictures(one, optimise):
    target, said = program.program(one.example, optimise)
    if not target:
        sys.exit(said)
    kept = page.LECTURES / "pictures"
    kept.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="seqnn-") as folder:
        good, printed = program.run(target, folder)
        if not good:
            sys.exit(printed)
        for name in one.pictures():
            shutil.copyfile(Path(folder) / name, kept / name)
            print(f"{name}: {(kept / name).stat().st_size / 1000:.0f} kB")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    action = parser.add_mutually_exclusive_group(required=True)
    for name in ("check", "write", "pictures"):
        action.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--optimise", default="-O3")
    parser.add_argument("numbers", nargs="*")
    given = parser.parse_args()
    do = check if given.check else write if given.write else pictures
    chosen = pages(given.numbers)
    if missing := set(given.numbers) - {one.number for one in chosen}:
        sys.exit(f"lectures: no page {', '.join(sorted(missing))}")
    sys.exit(0 if all([do(one, given.optimise) for one in chosen]) else 1)


if __name__ == "__main__":
    main()
