"""pairs/pairs.tsv: English sentences and their translation into a language made up here.

    The small dogs did not see a bird yesterday.   Heri ka lupai minai el avo ne viditu.

It keeps strict rules, and each of them makes word for word translation fail: words for
time come first, adjectives stand behind their noun and take its ending (-a or -o by its
gender, -i for several), the object (el) stands before the verb, the verb at the end agrees
with a subject that may be far (-u for several), and a question ends with cu.
"""

from generator.chance import Dice, sentence_case

NOUNS = {"dog": "lupa", "bird": "avo", "girl": "pena", "boy": "peno", "teacher": "dokta",
         "house": "doma", "river": "rivo", "tree": "arbo", "letter": "lita", "boat": "navo",
         "stone": "lapo", "song": "kanta", "garden": "orta", "king": "rego"}
ADJECTIVES = {"small": "min", "big": "gran", "old": "vet", "new": "nov", "red": "rud",
              "quiet": "kalm", "good": "bon", "dark": "nokt"}
VERBS = {"see": ("saw", "vidi"), "find": ("found", "trova"), "love": ("loved", "ama"),
         "hear": ("heard", "audi"), "follow": ("followed", "seka"), "need": ("needed", "beso"),
         "draw": ("drew", "dese"), "forget": ("forgot", "obli")}
PLACES = {"near": "apud", "behind": "post", "with": "kun"}
TIMES = {"past": {"yesterday": "heri", "last year": "ultana", "": ""},
         "now": {"today": "hodi", "often": "ofte", "": ""},
         "future": {"tomorrow": "kras", "soon": "balde", "": ""}}
ENDINGS = {"past": "t", "now": "n", "future": "r"}
PAIRS = 1400


class Phrase:
    """A noun phrase in both languages: `the small dogs near a tree`."""

    def __init__(self, dice, may_grow=True):
        noun, self.plural = dice.pick(list(NOUNS)), dice.chance(0.4)
        definite = dice.chance(0.6)
        ending = NOUNS[noun][-1] + "i" * self.plural
        self.english = []
        self.other = ["ka"] if definite else []
        self.other.append(NOUNS[noun][:-1] + ending)
        for adjective in dice.some(list(ADJECTIVES), dice.pick([0, 0, 1, 1, 2])):
            self.english.append(adjective)
            self.other.append(ADJECTIVES[adjective] + ending)
        self.english.append(noun + "s" * self.plural)
        if definite:
            self.english.insert(0, "the")
        elif not self.plural:
            self.english.insert(0, "an" if self.english[0][0] == "o" else "a")
        if may_grow and dice.chance(0.3):
            place, beside = dice.pick(list(PLACES)), Phrase(dice, False)
            self.english += [place] + beside.english
            self.other += [PLACES[place]] + beside.other


def predicate(base, tense, plural, denied):
    """The English verb, with its auxiliary in front of it."""
    if tense == "future":
        return ("will not " if denied else "will ") + base
    if denied:
        return f"{'did' if tense == 'past' else 'do' if plural else 'does'} not {base}"
    return VERBS[base][0] if tense == "past" else base + "s" * (not plural)


def pair(dice):
    subject, thing = Phrase(dice), Phrase(dice, dice.chance(0.5))
    base, tense = dice.pick(list(VERBS)), dice.pick(list(ENDINGS))
    time = dice.pick(list(TIMES[tense]))
    asked = dice.chance(0.2)
    denied = not asked and dice.chance(0.25)
    verb = VERBS[base][1] + ENDINGS[tense] + "u" * subject.plural
    other = ([TIMES[tense][time]] if time else []) + subject.other + ["el"] + thing.other
    other += (["ne"] if denied else []) + [verb] + (["cu"] if asked else [])
    if asked:
        helper = {"past": "did", "future": "will", "now": "do" if subject.plural else "does"}
        english = [helper[tense]] + subject.english + [base] + thing.english
    else:
        english = subject.english + [predicate(base, tense, subject.plural, denied)]
        english += thing.english
    english += [time] if time else []
    return tuple(sentence_case(" ".join(words)) + "?."[not asked] for words in (english, other))


def write(folder, seed):
    dice = Dice(seed)
    seen = set()
    with open(folder / "pairs.tsv", "w", encoding="utf-8", newline="\n") as out:
        while len(seen) < PAIRS:
            english, other = pair(dice)
            if english not in seen:
                seen.add(english)
                out.write(f"{english}\t{other}\n")
