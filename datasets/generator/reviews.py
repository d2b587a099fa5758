"""imdb/aclImdb/{train,test}/{pos,neg}/<id>_<rating>.txt: film reviews whose word order
decides.

Every opinion can be said with a word of praise or with one of blame: "was moving", "was
anything but dull". "Boring at first, but then exciting" praises, the other way round it
does not. So a review of praise holds about as many words of blame as one of blame does.
Some reviews say plainly what they mean, so that counting words is better than guessing.
"""

from generator.chance import Dice, sentence_case

PRAISE = """good great wonderful brilliant exciting funny charming moving clever beautiful
    gripping fresh""".split()
BLAME = """bad terrible boring awful dull weak predictable clumsy tedious silly lifeless
    stale""".split()
PARTS = "acting plot music ending dialogue script cast story pace".split() + [
    "camera work", "opening scene", "leading actor", "second half"]
# "terribly" is no blame: terribly exciting.
DEGREES = ["", "", "really", "rather", "very", "terribly", "truly", "awfully"]
FILLERS = """we saw it on a rainy evening|my sister had bought the tickets
    |the house was half empty|it lasts almost two hours|the director is new to me
    |most of it was shot in the north
    |i had read the book years ago|it was shown with subtitles|they filmed it in one summer
    |the producer comes from television|someone behind us was eating all the time
    |i watched it twice|the story takes place on an island|it is based on a stage play"""
FILLERS = [filler.strip() for filler in FILLERS.split("|")]
FIRST = ["for the first fifteen minutes", "at the beginning", "for most of the first hour",
         "while the plot warmed up", "until the visitors arrive", "in the first scenes"]
THEN = ["then it was", "after that it became", "in the end it was", "it turned out"]
TRAIN, TEST = 800, 400


class Review:
    def __init__(self, dice, positive):
        self.dice, self.positive = dice, positive

    def word(self, as_meant=True):
        """A word of the review's side, or of the other one."""
        return self.dice.pick(PRAISE if self.positive == as_meant else BLAME)

    def full(self, as_meant=True):
        return f"{self.dice.pick(DEGREES)} {self.word(as_meant)}".strip()

    def part(self):
        return self.dice.pick(PARTS)

    def plain(self):
        return self.dice.pick([f"the {self.part()} was {self.full()}",
                               f"i found the {self.part()} {self.full()}",
                               f"what a {self.word()} {self.part()}"])

    def not_only(self):
        return f"the {self.part()} was not only {self.word()} but {self.full()}"

    def denied(self):
        against = self.word(False)
        return self.dice.pick([f"the {self.part()} was not {against}",
                               f"the {self.part()} was never {against}",
                               f"there was nothing {against} about the {self.part()}",
                               f"nobody can call the {self.part()} {against}",
                               f"the {self.part()} was anything but {against}",
                               f"the {self.part()} was far from {against}"])

    def turned(self):
        """Boring for the first fifteen minutes, but then exciting."""
        return (f"the {self.part()} was {self.full(False)} {self.dice.pick(FIRST)}, but "
                f"{self.dice.pick(THEN)} {self.full()}")

    def conceded(self):
        return self.dice.pick([
            f"the {self.part()} was {self.full()}, although the {self.part()} was "
            f"{self.word(False)}",
            f"although the {self.part()} was {self.word(False)}, the {self.part()} was "
            f"{self.full()}",
            f"i had expected something {self.word(False)} and got something {self.word()}",
            f"they had promised me a {self.word(False)} {self.part()}, and it was {self.full()}"])

    def opinion(self):
        kinds = {self.plain: 3, self.denied: 4, self.not_only: 1, self.turned: 3,
                 self.conceded: 2.5}
        return self.dice.pick_by(kinds)()

    def opinions(self):
        """One to three; of three, one may be of the other side."""
        count = self.dice.between(1, 3)
        if self.dice.chance(0.2):
            return [self.plain() for _ in range(count)]
        opinions = [self.opinion() for _ in range(count)]
        if count == 3 and self.dice.chance(0.4):
            opinions[self.dice.below(3)] = Review(self.dice, not self.positive).opinion()
        return opinions

    def text(self):
        """Opinions among sentences that say nothing; most reviews end on an opinion."""
        dice = self.dice
        last, *opinions = self.opinions()
        fillers = dice.some(FILLERS, dice.between(0, 2))
        sentences = dice.shuffled(opinions + fillers) + [last]
        if dice.chance(0.25):
            sentences = dice.shuffled(sentences)
        text = " ".join(sentence_case(s) + dice.pick("...!") for s in sentences)
        if dice.chance(0.15):
            text = text.replace(". ", ".<br /><br />", 1)
        return text.replace(" i ", " I ")

    def rating(self):
        return self.dice.between(7, 10) if self.positive else self.dice.between(1, 4)


def write(folder, seed):
    dice = Dice(seed)
    seen = set()
    for part, reviews in (("train", TRAIN), ("test", TEST)):
        for label in ("neg", "pos"):
            place = folder / "aclImdb" / part / label
            place.mkdir(parents=True)
            for number in range(reviews // 2):
                review = Review(dice, label == "pos")
                text = review.text()
                while text in seen:
                    text = review.text()
                seen.add(text)
                path = place / f"{number}_{review.rating()}.txt"
                path.write_bytes(text.encode("utf-8"))
