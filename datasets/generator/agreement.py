"""agreement/agreement.tsv: which number will the next verb have? (after Linzen, Dupoux and
Goldberg 2016)

A line is the number of the verb to come and the sentence up to it: `plural<TAB>the keys
near the old cabinet`. Its subject is not the noun before it but the one whose clause is
still open: in "the keys that the guard near the doors" the guard is about to act, and once
he "saw", it is the keys' turn again. All other nouns are distractors.
"""

from generator.chance import Dice

NOUNS = """key cabinet door letter author guard pilot teacher farmer singer garden bridge
    tower boat wheel lamp painting window doctor judge visitor driver village student""".split()
ADJECTIVES = "old young tall small famous quiet new busy heavy lost".split()
DETERMINERS = "the the the my her his our their".split()
PREPOSITIONS = "near behind beside above below with from to".split() + ["in front of"]
# In the past tense, which does not give the number of its subject away.
VERBS = "saw met followed painted remembered helped found moved".split()
SAYING = "said thought knew hoped wrote heard".split()
ADVERBS = "often always never really still".split()
OPENINGS = ["yesterday", "in the morning", "last year", "after the storms", "on most days",
            "for three weeks", "before the meetings", "in the cities", "at the station"]
SENTENCES = 3600


class Sentence:
    """Words, and the places where a verb comes next, each with its subject's number."""

    def __init__(self, dice):
        self.dice, self.words, self.verbs = dice, [], []

    def add(self, text):
        self.words += text.split()

    def noun_phrase(self, depth, same=None):
        """Adds one with its modifiers, and returns whether it is plural."""
        dice = self.dice
        plural = dice.chance(0.5)
        self.add(dice.pick(DETERMINERS))
        if dice.chance(0.25):
            self.add(dice.pick(ADJECTIVES))
        self.add(dice.pick(NOUNS) + "s" * plural)
        while depth > 0 and dice.chance(0.55):
            self.modifier(depth - 1)
        return plural

    def modifier(self, depth):
        """`near the cabinet`, `that the guards saw`, `that followed my key`."""
        kind = self.dice.random()
        if kind < 0.45:
            self.add(self.dice.pick(PREPOSITIONS))
            self.noun_phrase(0)
        elif kind < 0.85:
            self.add("that")
            self.verb(self.noun_phrase(depth), VERBS)
        else:
            self.add("that " + self.dice.pick(VERBS))
            self.noun_phrase(0)

    def verb(self, plural, verbs):
        if self.dice.chance(0.15):
            self.add(self.dice.pick(ADVERBS))
        self.verbs.append((len(self.words), plural))
        self.add(self.dice.pick(verbs))

    def clause(self):
        if self.dice.chance(0.3):
            self.add(self.dice.pick(OPENINGS))
        if self.dice.chance(0.3):
            self.verb(self.noun_phrase(2), SAYING)
            self.add("that")
        self.verb(self.noun_phrase(2), VERBS)


def question(dice):
    sentence = Sentence(dice)
    sentence.clause()
    end, plural = dice.pick(sentence.verbs)
    return " ".join(sentence.words[:end]), plural


def write(folder, seed):
    dice = Dice(seed)
    seen = set()
    with open(folder / "agreement.tsv", "w", encoding="utf-8", newline="\n") as out:
        while len(seen) < SENTENCES:
            text, plural = question(dice)
            wanted = len(seen) % 2 == 1
            if plural == wanted and text not in seen and 3 < len(text.split()) < 28:
                seen.add(text)
                out.write(f"{'plural' if plural else 'singular'}\t{text}\n")
