#!/usr/bin/env python3
"""Prints one program of the tests of this folder, each in a namespace of its own: what they
all stand on, the whole of seqnn.h and every kernel, is compiled once and not with each.

    together.py [test_device.cpp ...]    these; without a name, all

The program runs the test by whose name it is called: test_device is a link to it.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEAD = """#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#define SEQNN_WORDS
#include "{seqnn}"
{system}
extern "C" {{
#include <setjmp.h>
#include <cmocka.h>
}}
#include "{here}/both_sides.h"
"""
MAIN = """
int main(int, char **names)
{{
    const char *name = strrchr(names[0], '/') ? strrchr(names[0], '/') + 1 : names[0];
{calls}
    fprintf(stderr, "%s is the name of no test\\n", name);
    return 2;
}}
"""


def together(tests):
    """The program's text. System headers come first, outside of every namespace; what tests
    share besides both_sides.h is in every one of them."""
    system = sorted({name for path in [*tests, *HERE.glob("*.h")]
                     for name in re.findall(r"^#include <([\w/.]+)>", path.read_text(), re.M)}
                    - {"cmocka.h", "setjmp.h"})
    guards = [re.search(r"^#ifndef (\w+)", path.read_text(), re.M).group(1)
              for path in sorted(HERE.glob("*.h"))
              if path.name not in ("on_card.h", "host_device.h", "both_sides.h")]
    again = "".join(f"#undef {guard}\n" for guard in guards)
    text = HEAD.format(seqnn=HERE.parent.parent / "seqnn.h", here=HERE,
                       system="\n".join(f"#include <{name}>" for name in system))
    text += "".join(f'\n{again}namespace {test.stem} {{\n#include "{test}"\n}}\n'
                    for test in tests)
    return text + MAIN.format(calls="\n".join(
        f'    if (strcmp(name, "{test.stem}") == 0)\n        return {test.stem}::main();'
        for test in tests))


def main(names):
    print(together([HERE / name for name in names] or sorted(HERE.glob("test_*.cpp"))), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
