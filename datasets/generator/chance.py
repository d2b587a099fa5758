"""Random choices that come out the same in every version of Python: of the random module
only random() is promised to stay as it is, so all else is made of it here."""

import random


class Dice:
    def __init__(self, seed):
        self.random = random.Random(seed).random

    def below(self, n):
        return int(self.random() * n)

    def between(self, first, last):
        """A whole number, both ends included."""
        return first + self.below(last - first + 1)

    def pick(self, values):
        return values[self.below(len(values))]

    def chance(self, probability):
        return self.random() < probability

    def pick_by(self, weights):
        """A key of a dictionary of weights."""
        at = self.random() * sum(weights.values())
        for key, weight in weights.items():
            at -= weight
            if at < 0:
                break
        return key

    def some(self, values, count):
        """count different ones, in random order."""
        left = list(values)
        return [left.pop(self.below(len(left))) for _ in range(count)]

    def shuffled(self, values):
        return self.some(values, len(values))

    def normal(self):
        """Mean 0, standard deviation 1: twelve uniform numbers, added."""
        return sum(self.random() for _ in range(12)) - 6


def sentence_case(text):
    return text[0].upper() + text[1:]


def csv_field(text):
    """Quoted where it must be (RFC 4180)."""
    if any(sign in text for sign in ',"\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def csv_row(fields, end="\n"):
    return ",".join(csv_field(field) for field in fields) + end
