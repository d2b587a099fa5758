#!/usr/bin/env python3
"""Writes examples as notebooks: compiles and runs each, and puts what it printed and drew
under the cell that it was in.

    python3 tools/notebooks.py [--out DIR] [--examples DIR] [--arguments "..."] [NUMBER ...]

NUMBERS are those of examples, 12 for 12_news_titles.c; without any, all are written: into
--out (build/notebooks) as NN_name.ipynb and NN_name.html, with an index.html of what lies
there. --arguments go to the programs, after `--data datasets`. CC and EXAMPLE_FLAGS from the
environment compile them; NOTEBOOK_MINUTES (10) is how long one may say nothing.
examples/README.md tells the format.
"""

import argparse
import base64
import os
import shlex
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import packages  # noqa: E402

if __name__ == "__main__":
    try:
        packages.enter(ROOT / "build" / "venv-notebooks", ROOT / "tools/notebook/requirements.txt")
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"notebooks: packages from PyPI are needed: {error}")

import nbformat  # noqa: E402
from nbformat import v4  # noqa: E402

from notebook import page  # noqa: E402
from notebook.cells import BrokenRule, Example  # noqa: E402
from notebook.run import compiled, run  # noqa: E402

LANGUAGE = {"name": "c", "file_extension": ".c", "mimetype": "text/x-csrc",
            "codemirror_mode": "text/x-csrc", "pygments_lexer": "c"}


def output(shown):
    if isinstance(shown, str):
        return v4.new_output("stream", name="stdout", text=shown)
    width, height = shown.size()
    return v4.new_output(
        "display_data", {"image/png": base64.b64encode(shown.data).decode()},
        metadata={"image/png": {"width": width, "height": height, "alt": shown.alt()}})


def notebook(example):
    """The .ipynb. Its code cells, one after the other, are the program."""
    cells = []
    for cell in example.cells:
        name = f"cell-{cell.number}"
        if cell.kind == "markdown":
            cells.append(v4.new_markdown_cell(cell.text, id=name))
        else:
            count = sum(c.cell_type == "code" for c in cells) + 1
            cells.append(v4.new_code_cell(cell.text, id=name, execution_count=count,
                                          outputs=[output(o) for o in cell.outputs]))
    made = v4.new_notebook(cells=cells, metadata={"language_info": LANGUAGE})
    nbformat.validate(made)
    return made


def write(chosen, course, arguments):
    """Compiles several at once, but runs one after the other: they print times. What one of
    them lacks does not stop the others; a list of what was wrong."""
    wrong = []

    def attempt(action, *values):
        try:
            return action(*values)
        except BrokenRule as broken:
            wrong.append(str(broken))
        return None

    def read(source):
        example = Example(source)
        course.check(example)
        return example

    examples = [example for source in chosen if (example := attempt(read, source))]
    with TemporaryDirectory(prefix="seqnn-") as scratch:
        pool = ThreadPoolExecutor(os.cpu_count())
        try:
            programs = [pool.submit(compiled, example, Path(scratch)) for example in examples]
            for example, program in zip(examples, programs):
                print(f"notebooks: {example.path.name}", flush=True)
                attempt(write_one, example, program, course, arguments)
        finally:
            pool.shutdown(cancel_futures=True)
            course.finish()
    return wrong


def write_one(example, program, course, arguments):
    run(example, program.result(), ["--data", "datasets", *arguments])
    course.write_page(example.path.stem, notebook(example))


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "notebooks")
    parser.add_argument("--examples", type=Path, default=ROOT / "examples")
    parser.add_argument("--arguments", default="")
    parser.add_argument("numbers", nargs="*")
    options = parser.parse_args(arguments)
    folder = options.examples.resolve()
    if folder.is_relative_to(Path.cwd()):  # as a person would name it
        folder = folder.relative_to(Path.cwd())
    sources = sorted(folder.glob("[0-9]*_*.c"))
    numbers = {number.zfill(2) for number in options.numbers}  # 7 is 07
    chosen = [source for source in sources
              if not numbers or source.name.split("_")[0] in numbers]
    unknown = numbers - {source.name.split("_")[0] for source in sources}
    if unknown or not chosen:
        sys.exit(f"notebooks: {options.examples} has no example {' '.join(sorted(unknown))}")
    options.out.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # no program is left behind
    try:
        wrong = write(chosen, page.Course(options.out, sources, chosen),
                      shlex.split(options.arguments))
    except KeyboardInterrupt:
        sys.exit("notebooks: stopped")
    if wrong:
        sys.exit("\n".join(f"notebooks: {each}" for each in wrong))
    print(f"notebooks: see {options.out / 'index.html'}")


if __name__ == "__main__":
    main(sys.argv[1:])
