"""Compiles examples against one compiled seqnn.h for each set of flags, and runs them."""

import fcntl
import os
import re
import shlex
import subprocess

from .page import EXAMPLES, ROOT

BUILD = ROOT / "build" / "lectures"
SWITCHES = "SEQNN_PLOT SEQNN_TERMINAL SEQNN_WORDS SEQNN_USE_ZLIB".split()
IMPLEMENTATION = "".join(f"#define {name}\n" for name in
                         ["SEQNN_IMPLEMENTATION", *SWITCHES]) + '#include "seqnn.h"\n'
# The bundled sets, wherever the caller keeps others.
ENVIRONMENT = dict({name: value for name, value in os.environ.items() if name != "SEQNN_DATA"},
                   OMP_WAIT_POLICY="passive")


def execute(command, **options):
    """(it succeeded, what it printed)"""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **{"stdin": subprocess.DEVNULL, **options})
    return done.returncode == 0, done.stdout.decode("utf-8", "replace")


def flags_of(optimise):
    return ["gcc", *shlex.split(optimise), "-fopenmp", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def folder_of(optimise):
    folder = BUILD / (re.sub(r"[^A-Za-z0-9]", "", optimise) or "none")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def implementation(optimise):
    """(the object of seqnn.h, what the compiler said); made once, whoever asks first."""
    folder = folder_of(optimise)
    made, header = folder / "seqnn.o", ROOT / "seqnn.h"
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if made.exists() and made.stat().st_mtime > header.stat().st_mtime:
            return made, ""
        source, fresh = folder / "seqnn.c", folder / "seqnn.new.o"
        source.write_text(IMPLEMENTATION)
        good, said = execute([*flags_of(optimise), "-I", ROOT, "-c", source, "-o", fresh])
        if not good:
            return None, said
        fresh.rename(made)
        return made, said


def program(source, optimise):
    """(the compiled example, what the compiler said)"""
    made, said = implementation(optimise)
    if not made:
        return None, said
    target = folder_of(optimise) / source.stem
    good, said = execute([*flags_of(optimise), "-Wshadow", "-Wconversion", "-DSEQNN_IMPLEMENTED",
                          source, made, "-o", target, "-lz", "-lm"])
    return (target if good else None), said


def run(target, folder, *arguments, data=True):
    """(it succeeded, what it printed); folder, where its pictures go, is left out of that."""
    where = ["--data", "datasets"] if data else []
    good, said = execute([target, *arguments, *where, "--out", folder], cwd=ROOT, env=ENVIRONMENT)
    return good, said.replace(f"{folder}/", "")


def snippets_fault(page, blocks):
    """What the compiler says of blocks that are statements, or whole programs; nothing if they
    compile."""
    for block in blocks:
        whole = re.search(r"\bint main\(", block.text)
        body = (block.text if whole else '#include "seqnn.h"\nvoid snippet(void);\n'
                f'void snippet(void)\n{{\n#line {block.line + 1} "{page.path.name}"\n{block.text}}}\n')
        source = folder_of("snippets") / f"{page.path.stem}_{block.line}.c"
        source.write_text("".join(f"#define {name}\n" for name in SWITCHES) + "#include <stdio.h>\n"
                          + body.replace("#define SEQNN_PLOT\n", ""))
        good, said = execute(["gcc", "-std=gnu99", "-fsyntax-only", "-Wall", "-Wno-unused-variable",
                              "-Wno-unused-but-set-variable", "-Werror", "-DSEQNN_IMPLEMENTED",
                              "-I", ROOT, "-iquote", EXAMPLES, source])
        if not good:
            return said
    return ""
