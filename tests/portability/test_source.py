"""Rules of the house that a compiler does not see: the packed header is fresh, file-level
names are unique, arrows between the rooms point down, nothing is left undone or unused."""

import re
import sys
from collections import Counter, defaultdict

from tap import ROOT, Report, call

sys.path.insert(0, str(ROOT / "tools"))
import amalgamate  # noqa: E402

# Which rooms each room may include.
ARROWS = {
    "base": {"base"},
    "math": {"base", "math"},
    "layers": {"base", "math", "layers"},
    "train": {"base", "math", "layers", "train", "text", "data"},
    "text": {"base", "math", "text"},
    "data": {"base", "math", "text", "data"},
    "words": {"base", "math", "text", "data", "words"},
    "metrics": {"base", "math", "metrics"},
    "plot": {"base", "math", "plot"},
    "cuda": {"cuda"},  # what it stands on is above it
}
LINE_BUDGET = 33000  # of what every program compiles, a kernel counted once
CUDA_LINE_BUDGET = 7000  # of seqnn_cuda.cuh
LONG_FILE = 600

CODE = {path: amalgamate.without_comments(path.read_text())
        for path in amalgamate.room_files("*.[hc]") + amalgamate.room_files("*.inc")}
CUDA = {path: amalgamate.without_comments(path.read_text()) for path in amalgamate.cuda_files()}
TYPE = re.compile(r"\b(?:struct|enum|union)\s+(\w+)[^;{}()]*\{")


def file_level_names(text):
    """The functions, variables and macros that a .c file keeps to itself."""
    names = set(re.findall(r"^static\b[^;{(=]*?\b(\w+)\s*(?:\(|=|;|\[)", text, re.M))
    names -= {"__attribute__", "SQ_UNUSED"}
    return names | set(re.findall(r"^\s*#\s*define\s+(\w+)", text, re.M))


def unique_names(report):
    owners = defaultdict(list)
    # A macro that some file undefines again is meant to have several meanings.
    temporary = set(re.findall(r"^\s*#\s*undef\s+(\w+)", "\n".join(CODE.values()), re.M))
    for path, text in CODE.items():
        if path.suffix != ".inc":
            for name in file_level_names(text) - temporary:
                owners[name].append(amalgamate.short(path))
    shared = {name: files for name, files in owners.items() if len(files) > 1}
    report.check("file-level names are unique", not shared,
                 "\n".join(f"{name}: {', '.join(files)}" for name, files in shared.items()))
    strange = [f"{name}: {files[0]}" for name, files in owners.items()
               if not re.match(r"sq_|SQ_|SEQNN_|STB", name)]
    report.check("file-level names begin with sq_ or SQ_", not strange, "\n".join(strange))


def cuda_names(text):
    """The functions and types that a .cuh file defines."""
    return set(re.findall(r"^(?:SQ_BOTH |template <[^>]*>\s)*static\b[^;{(=]*?\b(\w+)\([^;{]*?\)"
                          r"(?:\s*->[^;{]*)?\s*\{", text, re.M)) | set(TYPE.findall(text))


def cuda_is_apart(report):
    """seqnn_cuda.cuh stands behind all of seqnn.h: no name may be there twice, but what
    seqnn.h calls, which it declares as sq_cuda_...(...). Its functions and kernels are for
    something; its device is used by the others, or by a test."""
    ours = {name: path for path, text in CUDA.items() for name in cuda_names(text)}
    rest = "\n".join(CODE.values())
    theirs = (set(TYPE.findall(rest)) | set(re.findall(r"^\}\s*(\w+);", rest, re.M))
              | set(re.findall(r"^typedef\b[^;{]*?\b(\w+);", rest, re.M))
              | set(re.findall(r"^(?:static|SQ_LOCAL|SQ_BOTH)\b[^;{(=]*?\b(\w+)\s*\(", rest, re.M)))
    called = set(re.findall(r"^static\b[^;{(=]*?\b(sq_cuda_\w+)\([^;{]*\);", rest, re.M))
    twice = sorted(name for name in ours if name in theirs - called)
    report.check("the names of src/cuda are in no other part", not twice, "\n".join(twice))

    tests = "\n".join(path.read_text() for path in (ROOT / "tests" / "cuda").glob("test_*.cpp"))
    device = {name for path, text in CUDA.items() if path.name == "device.cuh"
              for name in re.findall(r"^static\b[^;{(=]*?\b(sq_\w+)\(", text, re.M)}
    others = "\n".join(text for path, text in CUDA.items() if not path.name.startswith("device"))
    users = Counter(re.findall(r"\b\w+\b", "\n".join([others, rest, tests])))
    everywhere = Counter(re.findall(r"\b\w+\b", "\n".join([*CUDA.values(), rest, tests])))
    dead = [name for name in ours if name not in device and everywhere[name] < 2]
    dead += [name for name in device if not users[name]]
    report.check("every function and kernel of src/cuda has a user", not dead,
                 "\n".join(sorted(dead)))
    packed = amalgamate.Sources().cuda_order()
    outside = [path.name for path in CUDA if path not in packed]
    report.check("src/seqnn_cuda.cuh reaches every file of src/cuda", not outside, outside)


def arrows(report):
    names = {path.name: path for path in [*CODE, *CUDA]}
    wrong = []
    for path in [*CODE, *CUDA]:
        for include in amalgamate.local_includes(path):
            target = names.get(include)
            if target and target.parent.name not in ARROWS[path.parent.name]:
                wrong.append(f"{amalgamate.short(path)} includes {amalgamate.short(target)}")
    report.check("arrows between the rooms point down", not wrong, "\n".join(wrong))


def nothing_unused(report):
    """A private function that neither src/ nor a test calls is dead: the compiler is told
    not to warn, since a switch may turn its only user off."""
    users = [path.read_text() for folder in ("tests", "bench") for path in
             (ROOT / folder).rglob("*.c")]
    users += [path.read_text() for path in (ROOT / "tests" / "cuda").glob("*.cpp")]
    everything = "\n".join([*CODE.values(), *CUDA.values(), *users])
    declared = Counter(re.findall(r"\bSQ_LOCAL\b[^;{(=]*?\b(sq_\w+)\s*\(", everything))
    mentioned = Counter(re.findall(r"\bsq_\w+", everything))
    dead = sorted(name for name, times in declared.items() if mentioned[name] <= times)
    report.check("every private function has a user", not dead, "\n".join(dead))


def nothing_undone(report):
    word = "TO" + "DO|FIX" + "ME|XX" + "X"
    _, output = call(["git", "-C", ROOT, "grep", "-nIE", rf"\b({word})\b", "--", "src", "tests",
                      "examples", "tools", "bench", "datasets/*.py", "datasets/*.sh",
                      "lectures/*.md", "Makefile", "README.md", ".ci"])
    report.check("nothing is marked as left to do", not output.strip(), output)


def copies():
    """The lines by which the header is longer because a kernel stands in it several times."""
    used = [name for path in CODE for name in amalgamate.local_includes(path)
            if name.endswith(".inc")]
    return sum((used.count(path.name) - 1) * sum(map(bool, amalgamate.stripped(path)))
               for path in amalgamate.room_files("*.inc") if path.name in used)


def sizes(report):
    header = ROOT / "seqnn.h"
    lines = (header.read_text().count("\n") if header.exists() else 0) - copies()
    optional = sum(path.read_text().count("\n") for path in CODE
                   if re.search(r"^#ifdef SEQNN_(PLOT|TERMINAL|WORDS)$", path.read_text(), re.M))
    report.check(f"seqnn.h keeps its line budget of {LINE_BUDGET} without what is opt-in",
                 0 < lines - optional <= LINE_BUDGET, lines - optional)
    print(f"seqnn.h has {lines} lines, each kernel counted once, {optional} of them behind SEQNN_PLOT, SEQNN_TERMINAL and SEQNN_WORDS")
    cuda = ROOT / "seqnn_cuda.cuh"
    lines = cuda.read_text().count("\n") if cuda.exists() else 0
    report.check(f"seqnn_cuda.cuh keeps its line budget of {CUDA_LINE_BUDGET}",
                 0 < lines <= CUDA_LINE_BUDGET, lines)
    for path, text in [*CODE.items(), *CUDA.items()]:
        if text.count("\n") > LONG_FILE:
            print(f"{amalgamate.short(path)} has {text.count(chr(10))} lines: it asks to be split")


def kernels_are_listed(report):
    """bench/results/gpu.md says of every kernel whether it ever ran."""
    sys.path.insert(0, str(ROOT / "tests" / "cuda"))
    import check
    listed, there = set(check.noted()), {name for name, _ in check.kernels()}
    report.check("bench/results/gpu.md lists the kernels (tests/cuda/check.py --table)",
                 listed == there, sorted(listed ^ there))
    ran = check.names_that_ran("# ran sq_each<sq_unit<sq_lstm_step> >\n# ran sq_sweep_forward<4, sq_four>\n")
    report.check("what ran is named as it is listed", ran == {"sq_lstm_step", "sq_sweep_forward"} and ran <= there,
                 ran)


def main():
    report = Report()
    report.check("the packed headers are fresh",
                 *call([sys.executable, ROOT / "tools" / "amalgamate.py", "--check"]))
    unique_names(report)
    cuda_is_apart(report)
    arrows(report)
    nothing_unused(report)
    nothing_undone(report)
    kernels_are_listed(report)
    sizes(report)
    report.end()


main()
