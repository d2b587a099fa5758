"""ner-gmb/ner_dataset.csv: sentences with a named-entity tag for every word, laid out as
the GMB extract is: CRLF, the sentence's number on its first row alone, Windows-1252.

Every name is a person's, a place's and a company's. For the last of a sentence it is
mostly the first noun that says which, many words before: "The brewery that the judge from
the village had praised on Monday is called Marlow." Nouns of the other kinds stand
between. Elsewhere the word before tells: "the judge Marlow", "Mr. Marlow", "in Marlow".
"""

from generator.chance import Dice, csv_row, sentence_case

NAMES = """Marlow Hadley Preston Chester Carlton Bradford Ashby Milton Kingsley Weston Harlow
    Sutton Clayton Camden Böhm Orléans""".split()
KINDS = {
    "per": "singer judge novelist widow pilot".split(),
    "geo": "village harbour island suburb valley".split(),
    "org": "brewery airline bank newspaper refinery".split(),
}
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday".split()
MONTHS = "January March April June September November".split()
PEOPLES = "French Norwegian Turkish Brazilian Canadian Korean".split()
ADJECTIVES = "old small famous quiet rich new".split()
DONE = "praised visited painted criticized forgotten described sued welcomed".split()
DID = "praised visited criticized described sued welcomed".split()
OFTEN = {"on": 5, "in": 2, "last": 3}
SENTENCES = 900


def words(text, pos, tag="O"):
    return [(word, pos, tag) for word in text.split()]


class Writer:
    def __init__(self, dice):
        self.dice = dice

    def time(self):
        preposition = self.dice.pick_by(OFTEN)
        if preposition == "on":
            return [("on", "IN", "O"), (self.dice.pick(DAYS), "NNP", "B-tim")]
        if preposition == "in":
            return [("in", "IN", "O"), (self.dice.pick(MONTHS), "NNP", "B-tim"),
                    (str(self.dice.between(1951, 2009)), "CD", "I-tim")]
        return [("last", "JJ", "O"), (self.dice.pick(["week", "year", "month"]), "NN", "O")]

    def noun_phrase(self, kind):
        """`the old French brewery`"""
        phrase = words(self.dice.pick(["the", "the", "the", "this"]), "DT")
        if self.dice.chance(0.25):
            phrase += words(self.dice.pick(ADJECTIVES), "JJ")
        if self.dice.chance(0.12):
            phrase += words(self.dice.pick(PEOPLES), "JJ", "B-gpe")
        return phrase + words(self.dice.pick(KINDS[kind]), "NN")

    def any_phrase(self):
        """A noun phrase of whatever kind: with its name (`the judge Marlow`), or several."""
        kind = self.dice.pick(list(KINDS))
        phrase = self.noun_phrase(kind)
        if self.dice.chance(0.55):
            return phrase + self.name("B-" + kind)
        if self.dice.chance(0.8):
            return phrase
        noun = phrase[-1][0]
        several = noun[:-1] + "ies" if noun.endswith("ry") else noun + "s"
        return (words(self.dice.pick(["the", "some", "two"]), "DT") + phrase[1:-1]
                + words(several, "NNS"))

    def beside(self):
        """`near the town`: one noun more that is not meant."""
        return words(self.dice.pick(["near", "with", "from", "behind", "like"]),
                     "IN") + self.any_phrase()

    def aside(self):
        """`that the judge near the town had praised on Monday`"""
        phrase = words("that", "WDT") + self.any_phrase()
        if self.dice.chance(0.5):
            phrase += self.beside()
        phrase += words("had", "VBD") + words(self.dice.pick(DONE), "VBN")
        return phrase + (self.time() if self.dice.chance(0.3) else [])

    def subject(self, kind):
        """`the brewery, first called Preston, that the judge had praised`"""
        phrase = self.noun_phrase(kind)
        if self.dice.chance(0.5):
            phrase += ([(",", ",", "O")] + words("first", "RB") + words("called", "VBN")
                       + self.name("B-" + kind) + [(",", ",", "O")])
        if self.dice.chance(0.4):
            phrase += self.beside()
        if self.dice.chance(0.75):
            phrase += self.aside()
        return phrase

    def name(self, tag):
        return [(self.dice.pick(NAMES), "NNP", tag)]

    def called(self):
        """The first noun says what the name at the end is."""
        kind = self.dice.pick(list(KINDS))
        verb = self.dice.pick(["is", "was", "is still", "was once"]).split()
        return (self.subject(kind) + words(verb[0], "VBZ" if verb[0] == "is" else "VBD")
                + words(" ".join(verb[1:]), "RB") + words("called", "VBN")
                + self.name("B-" + kind) + (self.other(kind) if self.dice.chance(0.5) else []))

    def other(self, kind):
        return [(",", ",", "O")] + words("not", "RB") + self.name("B-" + kind)

    def remembered(self):
        kind = self.dice.pick(list(KINDS))
        return (self.subject(kind) + words("did", "VBD") + words("not", "RB")
                + words("change", "VB") + [(",", ",", "O")] + words("and", "CC")
                + words(self.dice.pick(["everybody", "nobody", "somebody"]), "NN")
                + words("spoke", "VBD") + words("of", "IN") + self.name("B-" + kind)
                + (self.time() if self.dice.chance(0.3) else []))

    def place(self):
        return (words(self.dice.pick(["in", "outside"]), "IN") + self.name("B-geo")
                + [(",", ",", "O")] + self.any_phrase() + words(self.dice.pick(DID), "VBD")
                + self.any_phrase() + self.time())

    def person(self):
        quoted = [('"', "``", "O")] + self.noun_phrase("org") + [('"', "''", "O")]
        return ([(self.dice.pick(["Mr.", "Ms."]), "NNP", "B-per")] + self.name("I-per")
                + words(self.dice.pick(DID), "VBD")
                + (quoted if self.dice.chance(0.3) else self.any_phrase()) + self.time())

    def sentence(self):
        made = self.dice.pick_by({self.called: 4, self.remembered: 3, self.place: 1.5,
                                  self.person: 1.5})()
        first, pos, tag = made[0]
        return [(sentence_case(first), pos, tag)] + made[1:] + [(".", ".", "O")]


def write(folder, seed):
    writer = Writer(Dice(seed))
    rows = [["Sentence #", "Word", "POS", "Tag"]]
    for number in range(1, SENTENCES + 1):
        start = f"Sentence: {number}"
        for word, pos, tag in writer.sentence():
            rows.append([start, word, pos, tag])
            start = ""
    text = "".join(csv_row(row, "\r\n") for row in rows)
    (folder / "ner_dataset.csv").write_bytes(text.encode("cp1252"))
