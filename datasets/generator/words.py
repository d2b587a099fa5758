"""words/: a text for word vectors, and what to ask of them.

corpus.txt, a sentence a line. A word is known by the company it keeps, so each has company of
two kinds: that of its subject (Paris, France and the French share Marie and the Seine) and that
of its role (all capitals have mayors and streets, all countries borders and exports). Where the
two are independent of each other, analogies are parallel steps: that is put in here on purpose,
and permuting the words of the text takes it away.

questions.txt, in the format of word2vec's questions-words.txt, asks for the roles.
similarity.txt, in the format of the public similarity sets, has pairs of words and how much of
their company is the same, from 10 (the same words: big and large) to 0, as this module has made
them; nobody was asked.

Of what is said, only the countries' capitals, rivers and languages are so.
"""

import collections
import re

from generator.chance import Dice, sentence_case

SENTENCES = 9000
SLIPS = 0.4  # of the sentences have a word of another one of their kind
QUESTIONS = 150  # of a section at most

# country, capital, language, river at the capital, a woman and a man from there
COUNTRIES = [line.split() for line in """
France Paris French Seine Marie Pierre
Germany Berlin German Spree Greta Hans
Italy Rome Italian Tiber Giulia Marco
Spain Madrid Spanish Manzanares Carmen Pablo
England London English Thames Emily Oliver
Ireland Dublin Irish Liffey Maeve Liam
Portugal Lisbon Portuguese Tagus Ines Tiago
Poland Warsaw Polish Vistula Zofia Piotr
Russia Moscow Russian Moskva Olga Igor
Egypt Cairo Arabic Nile Amira Karim
Hungary Budapest Hungarian Danube Ilona Zoltan
Greece Athens Greek Kifisos Eleni Kostas
Norway Oslo Norwegian Akerselva Ingrid Olav
Finland Helsinki Finnish Vantaa Aino Mika
Japan Tokyo Japanese Sumida Yuki Kenji
China Beijing Chinese Yongding Mei Wei
India Delhi Hindi Yamuna Priya Arjun
Nepal Kathmandu Nepali Bagmati Sita Rajan
""".strip().split("\n")]
COUNTRY = ["The {river} flows through {capital}.",
           "{capital} lies on the {river}.",
           "The streets of {capital} are full when {she} visits the museum.",
           "The mayor of {capital} showed {he} the city hall.",
           "{she} took the train to {capital} to see the cathedral.",
           "{he} rents a room in {capital} near the station.",
           "In {capital} {she} met {he} at the station.",
           "The government of {country} signed the treaty.",
           "{country} exports wheat and steel, says {he}.",
           "{he} crossed the border of {country} with a passport.",
           "The people of {country} elected {she} to the parliament.",
           "The army of {country} guards the border on the {river}.",
           "{she} speaks {language} and writes a dictionary.",
           "{he} teaches {language} grammar with a dictionary.",
           "{she} translated the poem into {language} for {he}.",
           "The {language} alphabet is easy to pronounce for {she}."]

# he, she, where they are found, what they have, what they do
PEOPLE = [line.split() for line in """
king queen palace crown rules
prince princess castle sword rides
duke duchess estate carriage hunts
father mother kitchen family cooks
son daughter nursery cradle sleeps
brother sister playground bicycle plays
uncle aunt farmhouse orchard visits
grandfather grandmother cottage armchair remembers
husband wife ballroom ring dances
boy girl school satchel learns
man woman office desk works
actor actress theatre costume rehearses
waiter waitress restaurant tray serves
monk nun monastery candle prays
wizard witch tower spell conjures
host hostess banquet menu welcomes
""".strip().split("\n")]
HE = ["he", "his", "him", "himself", "beard", "moustache", "gentleman"]
SHE = ["she", "her", "her", "herself", "braid", "curls", "lady"]
PERSON = ["The {who} in the {place} looks at {self} in the mirror.",
          "The {who} lost {their} {thing}, but {they} found it in the {place}.",
          "The {who} {verb} in the {place}, and {they} likes it.",
          "When the {who} {verb}, {they} thinks of {their} {thing}.",
          "Every morning the {who} combs {their} {hair}.",
          "The {thing} belongs to the {who}, who keeps it for {self}.",
          "The {title} with the {hair} is the {who} from the {place}.",
          "They asked the {who} for the {thing} and thanked {them}."]

# adjective, comparative, superlative, another word for it, what is so
ADJECTIVES = [line.split() for line in """
high higher highest tall mountain steeple
deep deeper deepest bottomless lake well
long longer longest lengthy road rope
heavy heavier heaviest weighty anvil boulder
fast faster fastest quick racer arrow
cold colder coldest chilly winter glacier
loud louder loudest noisy thunder siren
bright brighter brightest shiny star lantern
sweet sweeter sweetest sugary honey cake
rich richer richest wealthy merchant banker
strong stronger strongest mighty blacksmith ox
old older oldest ancient ruin oak
soft softer softest fluffy pillow blanket
small smaller smallest tiny pebble ant
""".strip().split("\n")]
ADJECTIVE = ["The {noun} is very {plain}.",
             "How {plain} the {noun} is!",
             "It was the {plain} {noun}, as {plain} as the {other}.",
             "This {noun} is {more} than that {noun}.",
             "The {noun} became {more} and {more}, {more} than the {other}.",
             "That {noun} is much {more} than before.",
             "It is the {most} {noun} of all.",
             "Nobody in the world has seen the {most} {noun}.",
             "They gave a prize for the {most} {noun} or {other} of all."]

# one, many, what it does, what they do, where, and what they eat or have
ANIMALS = [line.split() for line in """
dog dogs barks bark kennel bone
cat cats purrs purr sofa cream
horse horses gallops gallop stable hay
frog frogs croaks croak pond fly
wolf wolves howls howl forest prey
lion lions roars roar savanna zebra
bee bees buzzes buzz hive nectar
snake snakes hisses hiss desert lizard
duck ducks quacks quack reeds weeds
goat goats bleats bleat hillside thistle
owl owls hoots hoot barn vole
whale whales dives dive ocean plankton
monkey monkeys climbs climb jungle banana
sparrow sparrows chirps chirp hedge seed
""".strip().split("\n")]
ONE = ["One {name} {does} near the {place}.",
       "This {name} likes its {thing} and {does} when it is hungry.",
       "Another {name} was alone near the {place}, where it {does}.",
       "Each {name} {does} for its {thing}.",
       "That {name} is near the {place} with its {thing}."]
MANY = ["Many {name} {does} near the {place}.",
        "These {name} like their {thing} and {does} when they are hungry.",
        "Several {name} were together near the {place}, where they {does}.",
        "All {name} {does} for their {thing}.",
        "Those {name} are near the {place} with their {thing}."]

# today, yesterday, tomorrow, what, with what
WORK = [line.split() for line in """
bakes baked bake loaf oven
paints painted paint portrait brush
writes wrote write letter pen
sings sang sing ballad choir
cooks cooked cook soup kettle
mends mended mend shoe needle
builds built build house hammer
drives drove drive truck wheel
plants planted plant tulip spade
catches caught catch trout net
plays played play violin bow
weaves wove weave basket straw
sells sold sell melon scales
washes washed wash shirt soap
""".strip().split("\n")]
NEIGHBOURS = "neighbour farmer student painter sailor teacher doctor tailor".split()
DONE = [["Today the {who} {verb} a {thing} with the {tool}.",
         "Now the {who} usually {verb} the {thing}.",
         "The {who} often {verb} a {thing}, as always on Monday."],
        ["Yesterday the {who} {verb} a {thing} with the {tool}.",
         "Last year the {who} {verb} the {thing}.",
         "Long ago the {who} {verb} a {thing}, as it was in those days."],
        ["Tomorrow the {who} will {verb} a {thing} with the {tool}.",
         "The {who} wants to {verb} the {thing} next week.",
         "Soon the {who} can {verb} a {thing}, and must not forget to."]]


def country(dice):
    names = dict(zip(("country", "capital", "language", "river", "she", "he"),
                     dice.pick(COUNTRIES)))
    return dice.pick(COUNTRY), names


def person(dice):
    *pair, place, thing, verb = dice.pick(PEOPLE)
    woman = dice.below(2)
    they, their, them, self, *hair, title = (HE, SHE)[woman]
    return dice.pick(PERSON), dict(who=pair[woman], place=place, thing=thing, verb=verb, they=they,
                                   their=their, them=them, self=self, hair=dice.pick(hair),
                                   title=title)


def adjective(dice):
    plain, more, most, same, *nouns = dice.pick(ADJECTIVES)
    noun, other = dice.shuffled(nouns)
    return dice.pick(ADJECTIVE), dict(plain=dice.pick([plain, same]), more=more, most=most,
                                      noun=noun, other=other)


def animal(dice):
    *names, one_does, many_do, place, thing = dice.pick(ANIMALS)
    many = dice.below(2)
    return dice.pick((ONE, MANY)[many]), dict(name=names[many], does=(one_does, many_do)[many],
                                              place=place, thing=thing)


def work(dice):
    *verbs, thing, tool = dice.pick(WORK)
    when = dice.below(3)
    return dice.pick(DONE[when]), dict(who=dice.pick(NEIGHBOURS), verb=verbs[when], thing=thing,
                                       tool=tool)


SECTIONS = [("capital-country", [(row[1], row[0]) for row in COUNTRIES]),
            ("country-language", [(row[0], row[2]) for row in COUNTRIES]),
            ("family", [(row[0], row[1]) for row in PEOPLE]),
            ("gram1-comparative", [(row[0], row[1]) for row in ADJECTIVES]),
            ("gram2-superlative", [(row[0], row[2]) for row in ADJECTIVES]),
            ("gram3-plural", [(row[0], row[1]) for row in ANIMALS]),
            ("gram4-plural-verbs", [(row[3], row[2]) for row in ANIMALS]),
            ("gram5-past-tense", [(row[0], row[1]) for row in WORK])]


def questions(dice):
    for name, pairs in SECTIONS:
        yield f": {name}"
        every = [(a, b) for a in pairs for b in pairs if a != b]
        for a, b in dice.some(every, min(QUESTIONS, len(every))):
            yield " ".join(a + b)


def similarity(dice, counts):
    """Another word for it 10, a pair of one subject 7, two of one role 4, else 0. Those that
    have nothing in common are about equally frequent, as are all others: else they could be told
    by that."""
    pairs = [(row[0], row[3], 10) for row in ADJECTIVES]
    for _, section in SECTIONS:
        pairs += [(*pair, 7) for pair in dice.some(section, 6)]
        for a, b in [dice.some(section, 2) for _ in range(6)]:
            pairs.append((a[0], b[0], 4))
    subjects = [sorted({word for rows in kind for word in rows[:3]}, key=lambda w: (counts[w], w))
                for kind in (COUNTRIES, PEOPLE, ADJECTIVES, ANIMALS, WORK)]
    for _ in range(60):
        words, others = dice.some(subjects, 2)
        word = dice.pick(words)
        pairs.append((word, min(others, key=lambda o: abs(counts[o] - counts[word])), 0))
    for a, b, score in dict.fromkeys(pairs):
        yield f"{a.lower()}\t{b.lower()}\t{score}"


def write(folder, seed):
    dice = Dice(seed)
    kinds = {country: 3, person: 3, adjective: 2, animal: 2, work: 2}
    lines = []
    for _ in range(SENTENCES):
        kind = dice.pick_by(kinds)
        sentence, words = kind(dice)
        if dice.chance(SLIPS):
            words[dice.pick(sorted(words))] = dice.pick(sorted(kind(dice)[1].values()))
        lines.append(sentence_case(sentence.format(**words)))
    counts = collections.Counter(re.findall(r"\w+", " ".join(lines)))
    for name, content in (("corpus", lines), ("questions", questions(dice)),
                          ("similarity", similarity(dice, counts))):
        text = "".join(line + "\n" for line in content)
        (folder / f"{name}.txt").write_bytes(text.encode("ascii"))
