"""What a program prints, held against what its lecture page says it prints.

The page's sentence under an output gives the rules, `;` between them:

    *Held by a test:* words and whole numbers as they stand; other numbers to ±0.002, with an
    exponent to ±5 %; `accuracy` at least 0.85; `loss` at most 0.4; lines with `Epoch` by their
    words only; lines with `sample` not at all.
"""

import re
from dataclasses import dataclass, field

# A sign belongs to a number where no word or number ends before it.
NUMBER = re.compile(r"(?:(?<![\w.)])[+-])?(?<![A-Za-z_])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
# 1.2 s, 0s, 3ms/step, 400 words/s: no two runs agree on them.
TIME = re.compile(r"\s?(?:(?:ns|us|µs|ms|s|min)\b|\w+/s\b)")
SENTENCE = "*Held by a test:*"
PHRASES = r"lines with ((?:`[^`]+`(?:, | and | or )?)+)"


@dataclass
class Rules:
    tolerance: float = None
    exponent: float = 0.01  # of numbers written with an exponent, relative
    floors: list = field(default_factory=list)  # (phrase, "least" or "most", bound)
    words_only: list = field(default_factory=list)
    skipped: list = field(default_factory=list)


def rules(sentence):
    """The rules of a sentence; ValueError names what is not understood."""
    found = Rules()
    text = " ".join(sentence.removeprefix(SENTENCE).split()).rstrip(".")
    for part in (part.strip() for part in text.split(";")):
        if part == "words and whole numbers as they stand":
            continue
        if match := re.fullmatch(r"other numbers to ±(\d[\d.e-]*)"
                                 r"(?:, with an exponent to ±([\d.]+) %)?", part):
            found.tolerance = float(match[1])
            found.exponent = float(match[2] or 1) / 100
        elif match := re.fullmatch(r"`([^`]+)` at (least|most) (-?[\d.]+)", part):
            found.floors.append((match[1], match[2], float(match[3])))
        elif match := re.fullmatch(PHRASES + r" by their words only", part):
            found.words_only += re.findall(r"`([^`]+)`", match[1])
        elif match := re.fullmatch(PHRASES + r" not at all", part):
            found.skipped += re.findall(r"`([^`]+)`", match[1])
        else:
            raise ValueError(f"the sentence under the output says \"{part}\", which is no rule")
    return found


def pieces(line):
    """(words, numbers): the line with # for each number, and the numbers as text; a time is
    left out of both."""
    words, numbers, at = [], [], 0
    for match in NUMBER.finditer(line):
        words.append(line[at:match.start()])
        at = match.end()
        if time := TIME.match(line, at):
            at = time.end()
            words.append("~")
        else:
            words.append("#")
            numbers.append(match[0])
    words.append(line[at:])
    return " ".join("".join(words).split()), numbers


def number_fault(expected, printed, rules):
    """What is wrong with a number; nothing if they agree."""
    if "." not in expected and "e" not in expected.lower():
        return "" if expected == printed else f"{printed} is not {expected}"
    a, b = float(expected), float(printed)
    allowed = (abs(a) * rules.exponent if "e" in expected.lower() else rules.tolerance) + 1e-12
    return "" if abs(a - b) <= allowed else f"{printed} is not within {allowed:g} of {expected}"


def line_fault(expected, printed, rules, floors=True):
    """What is wrong with a line; nothing if it says what it should."""
    words, numbers = pieces(expected)
    printed_words, printed_numbers = pieces(printed)
    if words != printed_words:
        return "the words differ"
    if any(phrase in expected for phrase in rules.words_only):
        return ""
    bounded = set()
    for phrase, which, bound in rules.floors:
        if phrase not in printed:
            continue
        before = len(pieces(printed[:printed.index(phrase) + len(phrase)])[1])
        if before >= len(printed_numbers):
            return f"no number follows `{phrase}`"
        bounded.add(before)
        value = float(printed_numbers[before])
        if floors and (value < bound if which == "least" else value > bound):
            return f"`{phrase}` {value:g} is not at {which} {bound:g}"
    for i, (a, b) in enumerate(zip(numbers, printed_numbers)):
        if i not in bounded and (fault := number_fault(a, b, rules)):
            return fault
    return ""


def lines_of(text, rules):
    return [line for line in text.replace("\r", "\n").split("\n")
            if line.strip() and not any(phrase in line for phrase in rules.skipped)]


def faults(expected, printed, rules, floors=True):
    """The lines of expected that printed does not say, as sentences."""
    want, have = lines_of(expected, rules), lines_of(printed, rules)
    found = [f"expected: {a}\nprinted:  {b}\n          {fault}" for a, b in zip(want, have)
             if (fault := line_fault(a, b, rules, floors))]
    if len(want) != len(have):
        more = (want if len(want) > len(have) else have)[min(len(want), len(have))]
        found.append(f"{len(have)} lines were printed, {len(want)} expected; "
                     f"the first that has no partner: {more}")
    return found
