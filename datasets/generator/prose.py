"""charlm/stories.txt: small stories for a language model, letter by letter.

What stands many letters back decides what may come: a quotation mark that was opened is
closed, "he" or "she" goes with the name the story began with, what was lost is found again,
and a bracket ends before its sentence does.
"""

import textwrap

from generator.chance import Dice, sentence_case

WOMEN = "Anna Clara Edith Greta Martha Olga".split()
MEN = "Bruno Daniel Felix Henry Oscar Victor".split()
THINGS = "lantern key basket letter blanket whistle clock umbrella".split()
PLACES = ["the market", "the harbour", "the old mill", "the railway station", "the forest",
          "the bakery", "the river"]
WEATHER = ["It was raining", "The wind was cold", "It was a warm evening", "Snow had fallen",
           "The moon was bright", "The streets were empty"]
ANIMALS = "dog cat goat crow donkey".split()
STORIES = 230


class Story:
    def __init__(self, dice):
        self.dice = dice
        self.woman = dice.chance(0.5)
        self.name = dice.pick(WOMEN if self.woman else MEN)
        self.friend = dice.pick([name for name in WOMEN + MEN if name != self.name])
        self.thing, self.place = dice.pick(THINGS), dice.pick(PLACES)
        self.animal = dice.pick(ANIMALS)

    def fill(self, text):
        they, them, their = ("she", "her", "her") if self.woman else ("he", "him", "his")
        return text.format(name=self.name, friend=self.friend, thing=self.thing,
                           place=self.place, animal=self.animal, they=they, them=them,
                           their=their, weather=self.dice.pick(WEATHER),
                           other=self.dice.pick([p for p in PLACES if p != self.place]))

    def lines(self):
        pick = self.dice.pick
        yield pick(["{weather} when {name} came to {place}.",
                    "One morning {name} went to {place} with {their} {animal}.",
                    "{name} (who lived near {place}) had a {animal} and a {thing}."])
        yield pick(["{they} was looking for {their} {thing}, which {they} had lost at {other}.",
                    "on the way {they} lost {their} {thing}, but {they} did not see it.",
                    "{their} {thing} was gone (it had been in {their} bag the day before)."])
        for line in self.dice.some([
                '"have you seen my {thing}?" {they} asked {friend}.',
                '"I have lost my {thing}," {they} said, "and I need it at {other}."',
                "the {animal} waited, for it knew {them} well.",
                "{weather}, and {they} thought of {friend}.",
                'the {animal} (which was old) followed {them} to {other}.',
                '"perhaps it is at {other}," said {friend}, "where you left it."'],
                self.dice.between(2, 4)):
            yield line
        yield pick(["at last {they} found the {thing} under a bench.",
                    "in the evening the {animal} came back with the {thing}.",
                    'then {friend} laughed and said, "your {thing} is in your hand!"'])
        yield pick(['"thank you," said {name}, and {they} went home.',
                    "so {name} went home with {their} {animal}.",
                    "{name} never lost the {thing} again."])

    def text(self):
        parts = [self.fill(line) for line in self.lines()]
        parts = [part[0] + sentence_case(part[1:]) if part[0] == '"' else sentence_case(part)
                 for part in parts]
        return textwrap.fill(" ".join(parts), 72, break_on_hyphens=False)


def write(folder, seed):
    dice = Dice(seed)
    text = "\n\n".join(Story(dice).text() for _ in range(STORIES)) + "\n"
    (folder / "stories.txt").write_bytes(text.encode("ascii"))
