#!/usr/bin/env python3
"""Packs src/ into the one header seqnn.h that users copy, and src/cuda/ into the other,
seqnn_cuda.cuh, which stands behind it where a GPU is wanted.

    amalgamate.py          writes the generated files
    amalgamate.py --lists  writes only src/base/double_names.h and the include list of
                           src/seqnn.h (what a build of the separate files needs)
    amalgamate.py --check  writes nothing; fails if a generated file is stale

Headers whose guard begins with SEQNN_ are public and come first; those whose guard
begins with SQ_ are private and open the implementation; then the .c files follow, room by
room. Nothing is listed here but the rooms: files are found.

A kernel (.inc) is compiled once for every instruction set and pasted at each of them, with
its comments only the first time.

The .cuh files of src/cuda/ include each other alone: what they use of the rest stands above
them. They are packed in the order of their includes, from those that src/seqnn_cuda.cuh
names.
"""

import os
import re
import sys
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"

# The rooms in the order of the arrows.
ROOMS = ["base", "math", "layers", "train", "text", "data", "words", "metrics", "plot"]

DOUBLE_NAMES = SRC / "base" / "double_names.h"
UMBRELLA = SRC / "seqnn.h"
CUDA = SRC / "cuda"
CUDA_UMBRELLA = SRC / "seqnn_cuda.cuh"

# Files that work once for a program, a model, an epoch or a part of a picture, and loop over
# nothing long. gcc optimises them for the debugger. (Not at all, -O0, would take less time
# still, but what follows would be compiled otherwise even after pop_options, and the checked
# open() of the C library refuses it.)
ONCE = """
    base/clock.c base/device.c base/error.c
    layers/kinds.c layers/model.c layers/use.c
    train/architecture.c train/checkpoint.c train/fit_resume.c train/fit_setup.c
    train/foreign_weights.c train/model_file.c train/progress.c train/summary.c
    train/weights_file.c words/word2vec_device.c
    plot/attention.c plot/bars.c plot/bars_draw.c plot/charts.c plot/confusion.c plot/diagram.c
    plot/eigenvalue_charts.c plot/embedding_chart.c plot/epoch_bands.c
    plot/frame.c plot/label_charts.c plot/layout.c plot/legend.c plot/markup.c plot/notes.c
    plot/palette.c plot/prediction_chart.c plot/progress_plot.c plot/stamp.c plot/terminal.c
    plot/terminal_bars.c plot/terminal_lines.c plot/terminal_live.c plot/terminal_page.c
    plot/terminal_ticks.c plot/titles.c plot/training_trace.c plot/value_histograms.c
""".split()
# Rooms and other files whose speed nobody waits for: they read, count and draw, or their
# loops are another file's kernels. gcc compiles them with -O1. Neither changes what a
# training step takes. What is in neither list is optimised as the user asks.
UNHURRIED = """
    base/batches.c base/dataset.c base/memory.c base/output.c
    math/linalg.c math/principal_components.c math/matmul.c math/simd.c math/tensor.c
    layers/dense.c layers/graph.c layers/gru.c layers/initializers.c layers/layer.c
    layers/lstm.c layers/merge.c layers/packing.c layers/recurrent_states.c
    layers/simple_rnn.c layers/source.c
    train/checksum.c train/chunks.c train/fit.c train/gradient_check.c train/loss.c
    train/optimizer.c train/train.c train/training.c
    text data metrics plot
""".split()
# ... but for these, which walk over every byte of a file.
HURRIED = ["data/csv.c", "data/numbers.c"]
LEVELS_APPLY = ("#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__) && \\\n"
                "    defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)")

# A kernel of at most so many lines, a few macros, is nowhere pasted with its comments.
SHORT = 12

# The stb headers are the user's: their includes stay.
LOCAL_INCLUDE = re.compile(r'\s*#\s*include\s+"(?!stb)([^"]+)"')
SYSTEM_INCLUDE = re.compile(r"\s*#\s*include\s+<([^>]+)>")
CONDITION_OPENS = re.compile(r"\s*#\s*if")
CONDITION_CLOSES = re.compile(r"\s*#\s*endif\b")
API_NAME = re.compile(r"\bSEQNN_API\b[^;{(]*?\b(seqnn_\w+)\s*[(;\[=]")


class BrokenRule(Exception):
    """A source file that breaks a rule of the house: the message says which."""


def room_files(pattern):
    """All files of the rooms that match, room by room, by name within a room."""
    return [path for room in ROOMS for path in sorted((SRC / room).glob(pattern))
            if path != DOUBLE_NAMES]


def cuda_files():
    return sorted(CUDA.glob("*.cuh"))


def is_header(path):
    return path.suffix in (".h", ".cuh")


def short(path):
    return path.relative_to(SRC).as_posix()


def guard_of(path):
    """The include guard of a header: the name after its first #ifndef."""
    match = re.search(r"^#ifndef\s+(\w+)\s*\n#define\s+\1\b", path.read_text(), re.M)
    if not match:
        raise BrokenRule(f"{short(path)}: no include guard")
    return match.group(1)


def is_public(path):
    guard = guard_of(path)
    if not guard.startswith(("SEQNN_", "SQ_")):
        raise BrokenRule(f"{short(path)}: the guard {guard} begins neither with SEQNN_ nor SQ_")
    return guard.startswith("SEQNN_")


def without_comments(text):
    """text with comments (and nothing else) blanked; line numbers stay."""
    token = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)

    def blank(match):
        found = match.group(0)
        return re.sub(r"[^\n]", " ", found) if found[0] == "/" else found

    return token.sub(blank, text)


def stripped(path):
    """The lines of a file without its comments."""
    return [line.rstrip() for line in without_comments(path.read_text()).split("\n")]


def level(path):
    """What gcc is told to compile a file with, whatever the user asks for, or None."""
    if short(path) in ONCE:
        return "Og"
    if path.suffix == ".c" and short(path) not in HURRIED and (
            short(path) in UNHURRIED or path.parent.name in UNHURRIED):
        return "O1"
    return None


def is_short(path):
    return sum(map(bool, stripped(path))) <= SHORT


def local_includes(path):
    return [match.group(1) for line in without_comments(path.read_text()).split("\n")
            if (match := LOCAL_INCLUDE.match(line))]


def leading_includes(path):
    """The local includes that stand before any code and any condition."""
    names = []
    lines = without_comments(path.read_text()).split("\n")
    for line in strip_guard(path, lines) if is_header(path) else lines:
        if match := LOCAL_INCLUDE.match(line):
            names.append(match.group(1))
        elif line.strip() and not SYSTEM_INCLUDE.match(line) and not CONDITION_OPENS.match(line):
            break
    return names


class Sources:
    """The files of src/, found and put in order."""

    def __init__(self):
        self.by_name = {}
        for path in room_files("*.[hc]") + room_files("*.inc") + cuda_files():
            if path.name in self.by_name:
                raise BrokenRule(f"{short(path)}: the file name is used twice in src/")
            self.by_name[path.name] = path
        self.headers = room_files("*.h")
        self.public = [path for path in self.headers if is_public(path)]
        self.in_place = self.find_in_place()

    def find_in_place(self):
        """The headers that continue another one: included only in the midst of code, they
        lean on what stands above and are pasted there, once."""
        leading, inner = set(), set()
        for path in self.by_name.values():
            first = leading_includes(path)
            leading.update(first)
            if path.suffix == ".h":
                inner.update(name for name in local_includes(path) if name not in first)
        return {self.by_name[name] for name in inner - leading
                if name in self.by_name and name.endswith(".h")}

    def resolve(self, name, user):
        if name not in self.by_name:
            raise BrokenRule(f'{short(user)}: #include "{name}" names no file of src/')
        if name.endswith(".cuh") != (user.suffix == ".cuh"):
            raise BrokenRule(f'{short(user)}: #include "{name}": .cuh files include each other, '
                             "and nothing else of src/ includes them")
        return self.by_name[name]

    def umbrella_order(self):
        """The public headers as src/seqnn.h lists them; new ones at the end of their
        room, vanished ones left out."""
        listed = [self.by_name[name] for name in local_includes(UMBRELLA)
                  if name in self.by_name]
        listed = [path for path in listed if path in self.public]
        listed += [path for path in self.public if path not in listed]
        return sorted(listed, key=lambda path: ROOMS.index(path.parent.name))

    def includes_first(self, paths, visited):
        """paths, each after the headers it includes, each once."""
        order = []

        def visit(path, trail):
            if path in trail:
                circle = " -> ".join(short(step) for step in trail + [path])
                raise BrokenRule(f"the headers include each other in a circle: {circle}")
            if path in visited:
                return
            for name in local_includes(path):
                if name != DOUBLE_NAMES.name:
                    included = self.resolve(name, path)
                    if is_header(included) and included not in self.in_place:
                        visit(included, trail + [path])
            visited.add(path)
            order.append(path)

        for path in paths:
            visit(path, [])
        return order

    def public_order(self):
        order = self.includes_first(self.umbrella_order(), set())
        for path in order:
            if path not in self.public:
                raise BrokenRule(f"{short(path)} is private, but a public header includes it")
        return order

    def private_order(self):
        private = [path for path in self.headers
                   if path not in self.public and path not in self.in_place]
        return self.includes_first(private, set(self.public))

    def cuda_order(self):
        roots = [self.resolve(name, CUDA_UMBRELLA) for name in local_includes(CUDA_UMBRELLA)]
        return self.includes_first(roots, set())

    def implementation_order(self, headers):
        """The .c files: in each room as its headers are ordered, lstm_kernels.c beside
        lstm.c."""
        stems = [path.stem for path in headers]

        def position(path):
            owners = [stem for stem in stems
                      if path.stem == stem or path.stem.startswith(stem + "_")]
            owner = max(owners, key=len, default=None)
            return (ROOMS.index(path.parent.name),
                    stems.index(owner) if owner else len(stems), path.stem)

        return sorted(room_files("*.c"), key=position)


def leading_comment(text):
    match = re.match(r"\s*(/\*.*?\*/)", text, re.S)
    return match.group(1) if match else ""


def title(path):
    """The first line of a header's first comment: `room/file.h - what it is`."""
    first = leading_comment(path.read_text())[2:].strip().split("\n")[0]
    first = first.replace("*/", "").strip()
    if not first.startswith(short(path) + " - "):
        raise BrokenRule(f"{short(path)}: the first comment must begin with "
                    f"'{short(path)} - what it is'")
    return first


def strip_guard(path, lines):
    guard = guard_of(path)
    start = next(i for i, line in enumerate(lines)
                 if re.match(r"#ifndef\s+" + guard + r"\b", line))
    end = max(i for i, line in enumerate(lines) if CONDITION_CLOSES.match(line))
    return lines[:start] + lines[start + 2:end] + lines[end + 1:]


class Writer:
    """One half of the packed header: pasted files, with the system includes that no
    condition surrounds drawn to its top."""

    def __init__(self, sources, hoisted_before=()):
        self.sources = sources
        self.known = set(hoisted_before)
        self.hoisted = []
        self.body = []
        self.continued = set()
        self.kernels = set()

    def paste(self, path, depth=0):
        """Returns the lines of a file as they stand in the packed header."""
        lines = path.read_text().rstrip("\n").split("\n")
        if is_header(path) and path != DOUBLE_NAMES:
            lines = strip_guard(path, lines)
        code = without_comments("\n".join(lines)).split("\n")
        out = []
        for line, bare in zip(lines, code):
            local, system = LOCAL_INCLUDE.match(bare), SYSTEM_INCLUDE.match(bare)
            if local:
                name = local.group(1)
                if name == DOUBLE_NAMES.name:
                    out += self.paste(DOUBLE_NAMES, depth)
                    continue
                included = self.sources.resolve(name, path)
                if included.suffix == ".inc":
                    out += self.kernel(included, depth)
                elif included in self.sources.in_place and included not in self.continued:
                    self.continued.add(included)
                    out += self.paste(included, depth)
                continue
            if system and depth == 0 and path.suffix != ".inc":
                if system.group(1) not in self.known:
                    self.known.add(system.group(1))
                    self.hoisted.append(system.group(1))
                continue
            if CONDITION_OPENS.match(bare):
                depth += 1
            elif CONDITION_CLOSES.match(bare):
                depth -= 1
            out.append(line)
        return out

    def kernel(self, path, depth):
        """The lines of a kernel: in full the first time, then without comments."""
        again = path in self.kernels
        self.kernels.add(path)
        lines = self.paste(path, depth)
        if again or is_short(path):
            lines = [line.rstrip() for line in without_comments("\n".join(lines)).split("\n")
                     if line.strip()]
        return lines

    def add(self, path):
        lines = self.paste(path)
        name = short(path)
        self.body += ["", f"/* {'-' * (82 - len(name))} {name} */"]
        if lines and lines[0] != "":
            self.body.append("")
        self.body += lines

    def text(self):
        includes = [f"#include <{name}>" for name in sorted(self.hoisted)]
        return squeeze("\n".join(includes + self.body))


def squeeze(text):
    """No more than one empty line in a row."""
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def licence():
    return "\n".join(f" * {line}".rstrip()
                     for line in (ROOT / "LICENSE").read_text().strip().split("\n"))


def packed(sources):
    public, private = sources.public_order(), sources.private_order()
    manual = leading_comment(UMBRELLA.read_text())
    contents, room = [], None
    for path in public:
        if path.parent.name != room:
            room = path.parent.name
            contents.append(" *")
        contents.append(f" *   {title(path)}")

    declarations = Writer(sources)
    for path in public:
        declarations.add(path)
    implementation = Writer(sources, declarations.known)
    for path in private:
        implementation.add(path)
    files = sources.implementation_order(public + private)
    for optimise, run in groupby(files, level):
        if optimise:
            implementation.body += ["", "#ifdef SQ_LEVELS", "#pragma GCC push_options",
                                    f'#pragma GCC optimize("{optimise}")', "#endif"]
        for path in run:
            implementation.add(path)
        if optimise:
            implementation.body += ["#ifdef SQ_LEVELS", "#pragma GCC pop_options", "#endif"]

    return squeeze(f"""{manual}
/* Generated from src/ by `make amalgamate`: change the files there, not this one. */
#ifndef SEQNN_H
#define SEQNN_H

/* Contents (search for the name; what is private follows the banner further down)
{chr(10).join(contents)}
 */

{declarations.text()}
#endif /* SEQNN_H */

/* ========================================================================================
 *
 *   Stop here if you only want the API. Everything below is how it is done.
 *
 * ===================================================================================== */

#if defined(SEQNN_IMPLEMENTATION) && !defined(SEQNN_IMPLEMENTED)
#define SEQNN_IMPLEMENTED
#define SQ_SINGLE_FILE

/* Parts that need not be fast are compiled in less time. */
{LEVELS_APPLY}
#define SQ_LEVELS
#endif

{implementation.text()}
#endif /* SEQNN_IMPLEMENTATION */

/*
{licence()}
 */
""")


def packed_cuda(sources):
    writer = Writer(sources)
    for path in sources.cuda_order():
        writer.add(path)
    return squeeze(f"""{leading_comment(CUDA_UMBRELLA.read_text())}
/* Generated from src/cuda/ by `make amalgamate`: change the files there, not this one. */
#ifndef SEQNN_CUDA_CUH
#define SEQNN_CUDA_CUH

#if !defined(SQ_SINGLE_FILE) || !defined(SEQNN_CUDA)
#error "Write #define SEQNN_IMPLEMENTATION, #define SEQNN_CUDA and #include \\"seqnn.h\\" first."
#endif
#ifndef __CUDACC__
#error "seqnn_cuda.cuh is for nvcc: put it into a file gpu.cu, as it says above."
#endif
#if defined(__CUDACC_VER_MAJOR__) && __CUDACC_VER_MAJOR__ < 12
#error "seqnn_cuda.cuh needs CUDA 12 or later; nvcc --version says which this is."
#endif

{writer.text()}
#endif

/*
{licence()}
 */
""")


def double_names(sources):
    names = []
    for path in sources.umbrella_order():
        for name in API_NAME.findall(without_comments(path.read_text())):
            if name not in names:
                names.append(name)
    lines = [f"#define {name} {name}_f64" for name in names]
    return "\n".join(["/* The link names of a double build, written by `make amalgamate`. */"]
                     + lines) + "\n"


def umbrella(sources):
    """src/seqnn.h with the include list that stands for the headers found."""
    text = UMBRELLA.read_text()
    lines, room = [], None
    for path in sources.umbrella_order():
        if room not in (None, path.parent.name):
            lines.append("")
        room = path.parent.name
        lines.append(f'#include "{path.name}"')
    head, guard = re.match(r"(.*?)(#ifndef SEQNN_H\n#define SEQNN_H\n)", text, re.S).groups()
    return head + guard + "\n" + "\n".join(lines) + "\n\n#endif\n"


def replace(path, text):
    """Writes text in one step, and only if it is new, so that nothing is rebuilt for
    nothing and no reader sees half a file."""
    if path.exists() and path.read_text() == text:
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text)
    os.replace(beside, path)


def main(arguments):
    if arguments not in ([], ["--lists"], ["--check"]):
        sys.exit(__doc__)
    try:
        sources = Sources()
        results = {DOUBLE_NAMES: double_names(sources), UMBRELLA: umbrella(sources)}
        if arguments != ["--check"]:
            for path, text in results.items():
                replace(path, text)
        if arguments != ["--lists"]:
            results[ROOT / "seqnn.h"] = packed(sources)
            results[ROOT / "seqnn_cuda.cuh"] = packed_cuda(sources)
    except BrokenRule as broken:
        sys.exit(f"amalgamate: {broken}")
    if arguments == ["--check"]:
        stale = [path for path, text in results.items()
                 if not path.exists() or path.read_text() != text]
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale: run make amalgamate")
        sys.exit(1 if stale else 0)
    for path, text in results.items():
        replace(path, text)


if __name__ == "__main__":
    main(sys.argv[1:])
