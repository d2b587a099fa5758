#!/usr/bin/env python3
"""Write src/text/lower_case_table.h: Unicode's simple lower-case mapping as ranges.

    python3 tools/lower_case.py

Python's str.lower() of one character is the simple mapping but for U+0130, which it maps
to two characters.
"""
import unicodedata
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "src/text/lower_case_table.h"

lower = {c: ord(chr(c).lower()) for c in range(0x110000) if len(chr(c).lower()) == 1}
lower[0x130] = ord("i")
upper = [c for c in sorted(lower) if lower[c] != c]

ranges = []
while upper:
    first, delta = upper[0], lower[upper[0]] - upper[0]
    taken = {}
    for step in 1, 2:
        taken[step] = 1
        while (taken[step] < len(upper) and upper[taken[step]] == first + step * taken[step]
               and lower[upper[taken[step]]] - upper[taken[step]] == delta):
            taken[step] += 1
    step = max(taken, key=taken.get)
    ranges.append("{0x%04X, 0x%04X, %d, %d}" % (first, upper[taken[step] - 1], step, delta))
    upper = upper[taken[step]:]

rows, row = [], "   "
for text in ranges:
    if len(row) + len(text) > 88:
        rows.append(row)
        row = "   "
    row += f" {text},"
rows.append(row.rstrip(","))
OUT.write_text(f"""/* text/lower_case_table.h - Unicode's simple lower-case mapping (private)
 *
 * Written by tools/lower_case.py from Unicode {unicodedata.unidata_version}. */
#ifndef SQ_LOWER_CASE_TABLE_H
#define SQ_LOWER_CASE_TABLE_H

#include "private.h"

/* first, first + step, ... last become themselves + delta. */
typedef struct sq_case_range {{
    int32_t first, last, step, delta;
}} sq_case_range;

static const sq_case_range sq_case_ranges[] = {{
    /* clang-format off */
{chr(10).join(rows)}
    /* clang-format on */
}};

#endif
""")
