"""The percent format: a C file cut into cells, and the copy that says when each begins.

A real parser finds out where a cell begins, so that `//%%` in a string or a comment means
nothing, and one in a loop is refused."""

import re
import textwrap
from dataclasses import dataclass, field

import tree_sitter
import tree_sitter_c

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))
BOUNDARY = re.compile(r"//\s?%%(?P<kind>.*)$", re.S)
TITLE = re.compile(r"# (?P<number>\d+) · (?P<title>\S.*)")
# Comments, the last one of which may have no end, and what can look like one.
TOKENS = re.compile(rb'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|/\*', re.S)
AT_FILE_SCOPE = {"translation_unit", "preproc_if", "preproc_ifdef", "preproc_else",
                 "preproc_elif", "linkage_specification"}
# What a cell must not begin in, as a person calls it.
PLACES = {"for_statement": "in a loop", "while_statement": "in a loop",
          "do_statement": "in a loop", "if_statement": "in a branch",
          "else_clause": "in a branch", "switch_statement": "in a branch",
          "case_statement": "in a branch"}


class BrokenRule(Exception):
    pass


@dataclass
class Cell:
    kind: str  # "code" or "markdown"
    text: str
    number: int  # from 1
    begins: int  # with this byte of the file
    outputs: list = field(default_factory=list)  # str, or Picture of run.py


def children(node):
    """All nodes below, in the order of the text."""
    for child in node.children:
        yield child
        yield from children(child)


def function_around(node, where):
    """The function whose body's own statements node stands between; None at file scope."""
    above, at = [], node.parent
    while at:
        above.append(at)
        at = at.parent
    if all(n.type in AT_FILE_SCOPE for n in above):
        return None
    if (len(above) > 2 and above[0].type == "compound_statement"
            and above[1].type == "function_definition"
            and all(n.type in AT_FILE_SCOPE for n in above[2:])):
        return above[1]
    places = [PLACES[n.type] for n in above if n.type in PLACES]
    if above[0].type == "compound_statement":
        places.append("in an inner block")
    place = (places + ["where no statement can stand"])[0]
    raise BrokenRule(f"{where}: a cell begins {place}. It may begin between two functions, or "
                     "between two statements of a function's own body")


def name_of(function):
    declarator = function.child_by_field_name("declarator")
    while declarator and declarator.type != "identifier":
        declarator = declarator.child_by_field_name("declarator")
    return declarator.text.decode() if declarator else ""


def markdown_of(comments):
    """The text of the comments of a markdown cell, without stars and slashes."""
    parts = []
    for comment in comments:
        text = comment.text.decode()
        if text.startswith("//"):
            parts.append(re.sub(r"^// ?", "", text))
            continue
        first, *rest = text[2:-2].split("\n")
        if rest and all(re.match(r"\s*\*(\s|$)", line) for line in rest if line.strip()):
            rest = [re.sub(r"^\s*\* ?", "", line) for line in rest]
        parts.append(first.strip() + "\n" + textwrap.dedent("\n".join(rest)))
    return "\n".join(parts).strip()


class Example:
    """An example: .cells, and .marked, the same program with its markers."""

    def __init__(self, path):
        self.path = path
        self.source = path.read_bytes()
        self.check_text()
        tree = PARSER.parse(self.source)  # nodes live no longer than their tree
        self.nodes = list(children(tree.root_node))
        self.comments = [n for n in self.nodes if n.type == "comment"]
        bounds = list(self.boundaries())
        if not bounds or self.source[:bounds[0][0].start_byte].strip():
            raise BrokenRule(f"{path}:1: an example begins with a line //%% or //%% [markdown]")
        self.cells, self.edits, split = [], [], set()
        ends = [comment.start_byte for comment, *_ in bounds[1:]] + [len(self.source)]
        for (comment, kind, function), end in zip(bounds, ends):
            if not self.source[comment.end_byte:end].strip():
                continue
            cell = self.cell(kind, comment, end)
            self.cells.append(cell)
            if function and kind == "code":
                self.edit(comment.start_byte, f"notebook_cell({cell.number});",
                          comment.end_byte)
                split.add(function)
        for function in (n for n in self.nodes if n.type == "function_definition"):
            inside = function.child_by_field_name("body").start_byte + 1
            if name_of(function) == "main":
                opening = max(c.number for c in self.cells if c.begins < inside)
                self.edit(inside, f" notebook_cell({opening});")
            elif function in split:
                self.edit(inside, " int notebook_caller __attribute__((cleanup(notebook_return)))"
                                  " = notebook_cell(0);")
        self.check_title()
        self.marked = self.source
        for start, end, text in sorted(self.edits, reverse=True):
            self.marked = self.marked[:start] + text.encode() + self.marked[end:]

    def check_text(self):
        """UTF-8, and every comment closed."""
        try:
            self.source.decode()
        except UnicodeDecodeError as error:
            raise BrokenRule(f"{self.place(error.start)}: this is not UTF-8") from None
        for token in TOKENS.finditer(self.source):
            # One that swallowed cells up to the end of the next comment counts as well.
            if token[0] == b"/*" or (token[0].startswith(b"/*") and re.search(
                    rb"^[ \t]*//\s?%%.*/\*", token[0], re.M | re.S)):
                raise BrokenRule(f"{self.place(token.start())}: this comment is not closed")

    def check_title(self):
        first = self.cells[0] if self.cells else Cell("code", "", 1, 0)
        number = self.path.name.split("_")[0]
        title = TITLE.match(first.text)
        if first.kind != "markdown" or not title or title["number"] != number:
            raise BrokenRule(f"{self.place(first.begins)}: the first cell begins with a heading, "
                             f"'# {number} · Title'")

    def place(self, byte):
        line = self.source.count(b"\n", 0, byte) + 1
        return f"{self.path}:{line}"

    def line_of(self, number, words):
        """The line on which words stand in a cell; its first line if they cannot be found."""
        cell = self.cells[number - 1]
        wanted = next((line for line in words.split("\n") if line.strip()), "").strip().encode()
        at = self.source.find(wanted, cell.begins)
        return self.place(cell.begins if at < 0 else at)

    def edit(self, start, text, end=None):
        """No edit adds a line, so a compiler's message names the line of the example."""
        self.edits.append((start, start if end is None else end, text))

    def where(self, comment):
        return self.place(comment.start_byte)

    def line(self, cell):
        return self.source[:cell.begins].count(b"\n") + 1

    def boundaries(self):
        """(comment, kind of cell, function that it stands in) for every line //%%."""
        for comment in self.comments:
            match = BOUNDARY.match(comment.text.decode())
            if not match:
                continue
            kind = match["kind"].strip()
            before = self.source[:comment.start_byte].rpartition(b"\n")[2]
            if before.strip():
                raise BrokenRule(f"{self.where(comment)}: //%% must have a line of its own")
            if kind not in ("", "[markdown]"):
                raise BrokenRule(f"{self.where(comment)}: //%% or //%% [markdown] was expected, "
                                 f"not '{comment.text.decode().strip()}'")
            yield (comment, kind.strip("[]") or "code",
                   function_around(comment, self.where(comment)))

    def cell(self, kind, comment, end):
        text = self.source[comment.end_byte:end]
        if kind == "code":
            text = re.sub(r"[ \t]+$", "", text.decode(), flags=re.M).strip("\n")
        else:
            within = [c for c in self.comments if comment.end_byte <= c.start_byte < end]
            for c in within:
                text = text.replace(c.text, b"", 1)
            if text.strip():
                raise BrokenRule(f"{self.where(comment)}: a markdown cell holds comments alone; "
                                 "the code after them needs a line //%% before it")
            text = markdown_of(within)
        return Cell(kind, text, len(self.cells) + 1, comment.start_byte)
