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
}
LINE_BUDGET = 32000  # of what every program compiles, a kernel counted once
LONG_FILE = 600

CODE = {path: amalgamate.without_comments(path.read_text())
        for path in amalgamate.room_files("*.[hc]") + amalgamate.room_files("*.inc")}


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


def arrows(report):
    names = {path.name: path for path in CODE}
    wrong = []
    for path in CODE:
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
    everything = "\n".join([*CODE.values(), *users])
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
    for path, text in CODE.items():
        if text.count("\n") > LONG_FILE:
            print(f"{amalgamate.short(path)} has {text.count(chr(10))} lines: it asks to be split")


def main():
    report = Report()
    report.check("the packed header is fresh",
                 *call([sys.executable, ROOT / "tools" / "amalgamate.py", "--check"]))
    unique_names(report)
    arrows(report)
    nothing_unused(report)
    nothing_undone(report)
    sizes(report)
    report.end()


main()
