"""Records how Python reads lists of strings, for tests/test_arxiv.c.

    python tests/golden/python_lists.py > tests/golden/python_lists_record.h

A list that ast.literal_eval refuses, or that holds something else than strings without
NUL that are UTF-8, is recorded as NULL.
"""
import ast
import random
import warnings

from recording import literal

warnings.simplefilter("ignore")
ODD = [
    "['cs.CV', 'cs.LG']", "['cs.CV']", "[]", "[ ]", "[''", "['']", "['', '']", '["cs.CV", "cs.LG"]', """["it's"]""",
    """['say "x"']""", r"""['it\'s']""", r'''["say \"x\""]''', "['a',]", "['a', ]", "[,]", "['a',,'b']", "['a' 'b']",
    "['a'\n'b',\n 'c']", "['a', 'b'", "['a', 'b]", "'a', 'b'", "('a', 'b')", "('a')", "['a', 'b'] ", " ['a']", "\t['a']",
    "\n['a']", "['a']\n", "['a'];", "['a'] x", "['a']]", "[['a']]", "[1, 'a']", "['a', 1]", "[None]", "['a', None]",
    "[True]", "['a': 'b']", "{'a'}", "{'a': 'b'}", "a", "", " ", "[", "]", "['", '["', "['a", "['a'", "['a',", "['a", "[a]",
    "['a\nb']", "['a\\\nb']", "['a\\\r\nb']", r"['a\nb']", r"['\t\r\a\b\f\v\\']", r"['\x41\xe9\xff']", r"['\x4']", r"['\xg1']",
    r"['\u00e9\u4e2d']", r"['\u12']", r"['\U0001F600']", r"['\U00110000']", r"['\U0010FFFF']", r"['\ud800']", r"['\udc00x']",
    r"['\101\7\18\377\400\777']", r"['\0']", r"['\x00']", r"['\8\q\c']", r"['\é']", r"['\N{BULLET}']", r"['\N']", "['\\']",
    "['\\", "['\\x", "['\\u123", "['\\U1234567", "['é', '中', '\U0001F600']", "['''a''']", '["""a"""]', "[''  'b']", "['''']",
    "[u'a']", "[r'a']", "[b'a']", "[f'a']", "['a'] + ['b']", "[*'ab']", "['a' if 1 else 'b']", "['a'.b]", "['a',\t'b']",
    "['a',\f'b']", "['a',\v'b']", "['a',\xa0'b']", "['a' , 'b']", "['cs.CV','I.2.7; 68T50', 'math-ph']", '["a\', \'b"]',
    "['a\tb']", "['a\x0cb']", "['\x7f']", "['a'  # x\n]", "['a', \\\n'b']", "['a\rb']", "['a',\r'b']", "['a'\r\n,'b']",
    "['" + "x" * 300 + "']",
]


def value(text):
    try:
        items = ast.literal_eval(text)
        if type(items) is not list or not all(type(i) is str and "\0" not in i for i in items):
            return None
        return "".join(i + "\x1f" for i in items).encode().decode()
    except (SyntaxError, ValueError, TypeError, MemoryError):
        return None


print("/* Written by tests/golden/python_lists.py. */")
print("static const char *const python_lists[][2] = {")
random.seed(4)
cases = list(ODD)
for _ in range(150):  # Python's own way to write any string
    cases.append(repr(["".join(random.choice("ab'\"\\\n\t\r é中\x01\x7f\x85\xad\U0001F600")
                               for _ in range(random.randrange(7))) for _ in range(random.randrange(4))]))
for _ in range(250):  # and odd ones
    text = random.choice(ODD + cases[-150:])
    for _ in range(random.randrange(1, 3)):
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice(["", "'", '"', "\\", ",", "[", "]", " ", "x", "\n", "\\x4", "'a'"]) + text[at + random.randrange(2):]
    cases.append(text)
for text in dict.fromkeys(c for c in cases if "\0" not in c):
    answer = value(text)
    print(f"    {{{literal(text)}, {'NULL' if answer is None else literal(answer)}}},")
print("};")
