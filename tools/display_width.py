#!/usr/bin/env python3
"""Write src/plot/terminal_width_table.h: which characters take no column, or two.

    python3 tools/display_width.py

Two columns: East Asian Width (Unicode Standard Annex #11) W or F. None: marks that stand on
the character before (categories Mn and Me), the joiners, and the vowels and finals of a
Hangul syllable, which is as wide as its first letter. A range runs across code points that
no character has.
"""
import unicodedata
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "src/plot/terminal_width_table.h"


def takes_none(character):
    return (unicodedata.category(character) in ("Mn", "Me") or character in "\u200c\u200d"
            or "\u1160" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7fb")


def takes_two(character):
    return unicodedata.east_asian_width(character) in "WF" and not takes_none(character)


def ranges(belongs):
    found, inside = [], False
    for point in range(0x80, 0x110000):
        character = chr(point)
        if unicodedata.category(character) in ("Cn", "Cs"):
            continue
        if belongs(character) and inside:
            found[-1] = found[-1][0], point
        elif belongs(character):
            found.append((point, point))
        inside = belongs(character)
    return found


def table(name, belongs):
    rows, row = [], "   "
    for first, last in ranges(belongs):
        text = f" {{0x{first:X}, 0x{last:X}}},"
        if len(row) + len(text) > 89:
            rows.append(row)
            row = "   "
        row += text
    rows.append(row.rstrip(","))
    return "\n".join([f"static const int32_t {name}[][2] = {{", "    /* clang-format off */",
                      *rows, "    /* clang-format on */", "};", ""])


OUT.write_text(f"""/* plot/terminal_width_table.h - characters of no column, and of two (private)
 *
 * Written by tools/display_width.py from Unicode {unicodedata.unidata_version}: the first and
 * the last of each range. */
#ifndef SQ_TERMINAL_WIDTH_TABLE_H
#define SQ_TERMINAL_WIDTH_TABLE_H

#include "private.h"

#ifdef SEQNN_TERMINAL

{table("sq_no_column", takes_none)}
{table("sq_two_columns", takes_two)}
#endif
#endif
""")
