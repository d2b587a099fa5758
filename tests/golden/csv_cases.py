"""Records how Python's csv module reads odd tables, for tests/test_csv.c.

    python tests/golden/csv_cases.py > tests/golden/csv_record.h

Rows without a field (empty lines) are left out. A table whose last quotation mark is not
closed is recorded without rows: Python takes what is there, we refuse it.
"""
import csv
import io
import random
import sys

from recording import escaped

ODD = [
    'a,b,c\n1,2,3\n', 'a,b\r\n1,2\r\n', 'a,b', 'a', '', '\n', '\r\n\r\n', ',', ',,\n', '\n\na\n\n\nb\n\n',
    '"a","b"\n', '"a""b"\n', '""\n', '"",""\n', '""""\n', '""""""\n', '"a\nb",c\n', '"a\r\nb",c\r\n',
    '"\n\n\n"\n', '"a,b",c\n', 'a"b,c\n', 'a""b\n', 'a"b"c,d\n', '"a"b,c\n', '"a"b"c",d\n', '"a" ,b\n',
    ' "a",b\n', ' "a\nb"\n', '"a"" b"\n', '"a""",b\n', '"""a",b\n', '"a","b', '"a,b\nc\n', 'a,"b\n"c,"d\n',
    'a,"', '"', '"a""', '"a"', '"a"\r\n', '"a"\r\n\r\n"b"\r\n', 'a,b,\n', 'a,b,\r\n', ',a\n,b\n', 'a,"b"\n\n"c",d',
    'a;b\n', 'a\tb,c\n', '  a  ,  b  \n', ' \n', 'a,\n,\n', '\xe9,"\xe9\xff"\n', '"\xef\xbb\xbf",a\n',
    'a,b\n1\n1,2,3\n', '"a\n\n\nb","c\nd"\n', '"x"",""y"\n', "'a,b'\n", 'a\\,b\n', '"a\\"b"\n', '"a\\""b"\n',
    'Sentence #,Word,POS,Tag\r\nSentence: 1,Thousands,NNS,O\r\n,",",",",O\r\n,"""",``,O\r\n',
    'id,"p (mbar)"\n"01.01.2009 00:10:00",996.52\n', '"' + 'long "" ' * 50 + '"\n',
]


def rows(text):
    reader = csv.reader(io.StringIO(text, newline=''), strict=False)
    return [row for row in reader if row]


def record(text):
    open_mark = rows(text + '\nZ')[-1] != ['Z']
    if open_mark:
        return None
    return ''.join(''.join(field + '\x1f' for field in row) + '\x1e' for row in rows(text))


def wrapped(text):
    quoted = escaped(text.encode("latin-1"))
    lines = []
    while quoted or not lines:
        cut = min(len(quoted), 76)
        while cut < len(quoted) and '\\' in quoted[cut - 3:cut]:
            cut -= 1
        lines.append('"' + quoted[:cut] + '"')
        quoted = quoted[cut:]
    return '\n     '.join(lines)


generator = random.Random(4)
cases = list(ODD)
pieces = ['a', 'b', '"', '"', '""', ',', ',', '\n', '\r\n', ' ', '\xe9', 'longer than eight bytes']
while len(cases) < len(ODD) + 240:
    text = ''.join(generator.choice(pieces) for _ in range(generator.randint(1, 14)))
    if text not in cases:
        cases.append(text)

print(f"""/* Written by tests/golden/csv_cases.py with Python {sys.version.split()[0]}. */
#ifndef CSV_RECORD_H
#define CSV_RECORD_H

/* A table, and its rows as Python reads them: 037 behind each field, 036 behind each row;
 * NULL if a quotation mark is not closed. */
static const struct csv_case {{
    const char *table, *rows;
}} csv_cases[] = {{""")
for text in cases:
    expected = record(text)
    print(f"    {{{wrapped(text)},\n     {'NULL' if expected is None else wrapped(expected)}}},")
print("};\n\n#endif")
