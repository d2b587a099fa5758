"""A lecture page: its headings, blocks, links and outputs."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from .output import SENTENCE, rules

ROOT = Path(__file__).resolve().parent.parent.parent
LECTURES, EXAMPLES = ROOT / "lectures", ROOT / "examples"
HEADINGS = ["The derivation", "The code", "The output", "What to look for",
            "The misconception", "Exercises", "Further reading"]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"make run EX=(\d\d)(?: ARGS=\"([^\"]*)\")?")
COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*', re.S)
MOST_CODE = 150


@dataclass
class Block:
    language: str
    text: str
    begins: int  # with this character of the page
    line: int


@dataclass
class Output:
    arguments: list
    block: Block
    rules: object


def broken_links(path):
    """Files that a page links to and that are not there."""
    prose = FENCE.sub("", path.read_text(encoding="utf-8"))
    return [target for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose)
            if not re.match(r"https?:", target) and not (path.parent / target).exists()]


class Page:
    def __init__(self, path):
        self.path = path
        self.number = path.stem[:2]
        self.example = EXAMPLES / f"{path.stem}.c"
        self.text = path.read_text(encoding="utf-8")
        self.blocks = [Block(match[1], match[2], match.start(),
                             self.text.count("\n", 0, match.start()) + 1)
                       for match in FENCE.finditer(self.text)]
        self.prose = FENCE.sub("", self.text)

    def outputs(self):
        """The commands of the page with what they print; ValueError if one lacks its output or
        its sentence."""
        found = []
        for command, block in zip(self.blocks, self.blocks[1:]):
            match = COMMAND.fullmatch(command.text.strip())
            if command.language != "sh" or not match or block.language != "text":
                continue
            if match[1] != self.number:
                raise ValueError(f"line {command.line}: the command runs another example")
            rest = self.text[block.begins + 7:]
            after = rest[rest.index("\n```\n") + 5:].lstrip()
            if not after.startswith(SENTENCE):
                raise ValueError(f"line {block.line}: no sentence \"{SENTENCE} ...\" follows")
            rule = rules(after.split("\n\n")[0])
            if rule.tolerance is None:
                raise ValueError(f"line {block.line}: no tolerance (other numbers to ±0.01)")
            found.append(Output(shlex.split(match[2] or ""), block, rule))
        if not found or found[0].arguments:
            raise ValueError("the default run and its output are not on the page")
        return found

    def faults(self, names):
        """What the page lacks of the form that all have; names are the course's, in order."""
        found = []
        if not re.match(rf"# {self.number} · \S", self.text):
            found.append(f"it does not begin with \"# {self.number} · Title\"")
        headings = re.findall(r"^## (.*)$", self.prose, re.M)
        if headings != HEADINGS:
            found.append(f"its headings are {headings}, not {HEADINGS}")
        if not re.search(r"^!\[[^\]]{10,}\]\(pictures/", self.prose.split("\n## ")[0], re.M):
            found.append("no picture (with words for who cannot see it) stands before the derivation")
        exercises = re.search(r"^## Exercises$(.*?)^## ", self.prose, re.M | re.S)
        count = len(re.findall(r"^\d\. ", exercises[1], re.M)) if exercises else 0
        if not 3 <= count <= 5:
            found.append(f"it has {count} exercises, not three to five")
        found += [f"it links to {target}, which is not there" for target in broken_links(self.path)]
        for at in (names.index(self.path.stem) + step for step in (-1, 1)):
            if 0 <= at < len(names) and f"]({names[at]}.md)" not in self.prose:
                found.append(f"it does not link to {names[at]}.md, before or after it")
        return found

    def pictures(self):
        """Names of the pictures the page shows."""
        return re.findall(r"!\[[^\]]*\]\(pictures/([^)\s]+)\)", self.prose)


def code_lines(source):
    """How many lines of a C text have code on them."""
    bare = COMMENT.sub(lambda match: match[0] if match[0].startswith('"') else
                       "\n" * match[0].count("\n"), source)
    return sum(bool(line.strip()) for line in bare.split("\n"))


def example_faults(path):
    """What an example of the course lacks of the form that all have."""
    text, name = path.read_text(encoding="utf-8"), path.stem
    first = re.match(r"//%% \[markdown\]\n/\*\n(.*?)\*/", text, re.S)
    if not first:
        return ["it does not begin with a cell of text"]
    found = []
    command = f"    cc -O3 -march=native -fopenmp examples/{name}.c -o {name[:2]} -lm && ./{name[:2]}"
    if not first[1].startswith(f"# {name[:2]} · "):
        found.append(f"its first line is not \"# {name[:2]} · Title\"")
    if command not in re.sub(r" \\\n +", " ", first[1]).split("\n"):  # it may be broken in two
        found.append(f"its first cell lacks the line \"{command}\"")
    for word in ("print", "draw"):
        if not re.search(rf"\b{word}s?\b", first[1]):
            found.append(f"its first cell does not say what it {word}s")
    if (lines := code_lines(text)) >= MOST_CODE:
        found.append(f"it has {lines} lines of code, expected fewer than {MOST_CODE}")
    if private := re.search(r"\bsq_\w+", text):
        found.append(f"it uses {private[0]}, which is private")
    return found


def excerpt_fault(text, source):
    """Whether the lines of an excerpt stand in source, one after the other but where a line
    `...` skips some; a sentence if not."""
    have = [line.strip() for line in source.split("\n") if line.strip()]
    at = 0
    for part in re.split(r"^\s*(?:\.\.\.|/\* \.\.\. \*/|// \.\.\.)\s*$", text, flags=re.M):
        want = [line.strip() for line in part.split("\n") if line.strip()]
        while have[at:at + len(want)] != want:
            at += 1
            if at >= len(have):
                return f"these lines do not stand there: {want[0]} ..." if want else ""
        at += len(want)
    return ""
