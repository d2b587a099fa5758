#!/usr/bin/env python3
"""Write the bundled data sets: datasets/bbc, datasets/20news, datasets/wordvec.

    python3 datasets/generate.py

They stand for the public sets in the same formats, but every text is put together at
random from the word lists below; nobody wrote them. Same seed, same bytes. Only Python's
standard library.
"""
import random
import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEED = 2004

# Titles: words of one class, words that two classes share, words of all.
TITLES = {
    "business": """shares bank profits merger investors lender dividend retailer bonds
        exports earnings takeover insurer currency airline factory creditors refinery
        pensions brokers grocer loans oil steel freight dollar""",
    "entertainment": """film actress album director singer festival sequel comedy drama
        orchestra novel chart premiere theatre soap screenplay band gallery award
        soundtrack cartoon poet ballet casting musical encore""",
    "politics": """minister parliament voters ballot opposition chancellor manifesto
        referendum council coalition senator lords asylum poll campaign backbenchers
        mayor immigration whips peers treaty ombudsman cabinet hecklers petition devolution""",
    "sport": """striker coach defender final goal champion injury tournament captain
        wicket sprinter relegation medal referee knockout squad racket transfer stadium
        marathon innings midfield penalty bronze rowers umpire""",
    "tech": """software broadband virus gadget browser handset hackers download spam
        chip console laptop wireless bloggers server camera robots piracy passwords
        satellite keyboard inbox patch pixels firmware web""",
}
SHARED = {
    ("business", "tech"): "makers sales firms phone market rival online patent".split(),
    ("business", "politics"): "tax budget economy spending jobs strike rates pay".split(),
    ("business", "sport"): "club owner sponsor bid ticket bonus".split(),
    ("entertainment", "tech"): "games video music fans screen radio".split(),
    ("entertainment", "sport"): "star crowd debut hero legend tour".split(),
    ("politics", "sport"): "leader team race victory defeat ban".split(),
    ("politics", "tech"): "privacy law security data identity rules".split(),
    ("business", "entertainment"): "studio deal label ads brand".split(),
    ("entertainment", "politics"): "critics speech scandal honour queen".split(),
    ("sport", "tech"): "test record speed match trial".split(),
}
PLACES = "north south coastal island valley northern river highland border city".split()
MOODS = "new big surprise early late record quiet major small bitter".split()
VERBS = """faces wins rejects backs plans warns boosts cuts hits seeks delays defends
    welcomes fears drops joins leaves reveals launches blames""".split()
ENDS = ["after talks", "in march", "for a year", "as doubts grow", "despite the warning",
        "over the future", "in a week", "again", "before the summer", "at last"]
SIZES = {"business": 343, "entertainment": 260, "politics": 281, "sport": 345, "tech": 271}


def title(rng, label):
    own = TITLES[label].split()
    both = [w for pair, words in SHARED.items() if label in pair for w in words]

    def noun():
        # a few words stray into titles of other classes
        r = rng.random()
        if r < 0.50:
            return rng.choice(own)
        if r < 0.95:
            return rng.choice(both)
        return rng.choice(TITLES[rng.choice(list(TITLES))].split())

    words = [rng.choice(PLACES)] if rng.random() < 0.3 else []
    words += [noun(), rng.choice(VERBS)]
    if rng.random() < 0.5:
        words.append(rng.choice(MOODS))
    words.append(noun())
    if rng.random() < 0.45:
        words += [rng.choice(["to", "of", "in", "on", "with"]), noun()]
    if rng.random() < 0.35:
        words.append(rng.choice(ENDS))
    text = " ".join(words)
    if rng.random() < 0.08:
        text = text.replace(words[0], f"'{words[0]}'", 1)
    if rng.random() < 0.03:
        text += f" by £{rng.randrange(2, 90)}m"
    return text[0].upper() + text[1:]


def write_titles(rng):
    folder = HERE / "bbc"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with open(folder / "bbc-titles.tsv", "w", encoding="utf-8", newline="\n") as out:
        for label, size in SIZES.items():
            for _ in range(size):
                out.write(f"{label}\t{title(rng, label)}\n")


# Posts: the words of a group, and those of its family (the part before the first dot).
GROUPS = {
    "alt.atheism": "belief proof morality argument faith skeptic dogma reason atheist claim",
    "comp.graphics": "polygon render texture pixel shading animation image palette vertex viewer",
    "comp.os.ms-windows.misc": "desktop icon swapfile fonts shell winfile printer setup toolbar ini",
    "comp.sys.ibm.pc.hardware": "motherboard controller bios jumper floppy irq slot cache isa adapter",
    "comp.sys.mac.hardware": "powerbook nubus duo centris simm adb appletalk quadra upgrade keyboard",
    "comp.windows.x": "widget server client motif xterm resource pixmap callback toolkit display",
    "misc.forsale": "shipping offer sale condition asking obo package manual price mint",
    "rec.autos": "engine clutch sedan brakes dealer mileage oil tires warranty convertible",
    "rec.motorcycles": "bike helmet rider countersteer throttle leather ride gloves chain pillion",
    "rec.sport.baseball": "pitcher inning batter shortstop bullpen homer umpire catcher outfield swing",
    "rec.sport.hockey": "goalie puck rink playoffs period forward penalty assist slapshot ice",
    "sci.crypt": "cipher key escrow encryption chip plaintext secret wiretap algorithm privacy",
    "sci.electronics": "voltage resistor circuit capacitor amplifier battery diode relay current solder",
    "sci.med": "patient disease dose symptoms doctor infection therapy diet vitamin blood",
    "sci.space": "orbit shuttle launch lunar payload probe rocket telescope mission crew",
    "soc.religion.christian": "church scripture prayer sin grace resurrection gospel parish creed faith",
    "talk.politics.guns": "firearm holster militia weapon permit rifle ammunition ban carry amendment",
    "talk.politics.mideast": "border treaty village refugees army settlement ceasefire region envoy exile",
    "talk.politics.misc": "tax senate reform welfare clinic drugs budget liberty vote president",
    "talk.religion.misc": "cult prophecy ritual messiah sect belief doctrine temple sermon claim",
}
FAMILIES = {
    "alt": "god religion argument people evidence", "soc": "god religion people truth life",
    "comp": "file version program system driver memory software machine disk problem",
    "misc": "new used email call price", "rec": "season year team best driver road player game",
    "sci": "research theory data systems cost technology study power",
    "talk": "government people law rights country public god evidence",
}
COMMON = """know think want good time way thing anyone someone question answer read write
    post article reply wrong right better maybe really much point work used told seen
    called found old last next first look help thanks""".split()
GLUE = """the a of to and in is it for that on with this have be not are but if or from as
    can you i at was my they there what""".split()
NAMES = "pat lee robin sam alex kim terry jo morgan chris dana max".split()
HOSTS = "north.example.edu lab.example.org mail.example.com dept.example.edu".split()


def sentence(rng, group):
    own, family = GROUPS[group].split(), FAMILIES[group.split(".")[0]].split()
    words = []
    for _ in range(rng.randrange(6, 15)):
        r = rng.random()
        words.append(rng.choice(GLUE if r < 0.5 else COMMON if r < 0.72 else
                                family if r < 0.84 else own if r < 0.94 else
                                GROUPS[rng.choice(list(GROUPS))].split()))
    return " ".join(words).capitalize() + rng.choice("...?!")


def post(rng, group):
    name, host = rng.choice(NAMES), rng.choice(HOSTS)
    body = []
    if rng.random() < 0.5:
        body += [f"{rng.choice(NAMES)}@{rng.choice(HOSTS)} writes:",
                 "> " + sentence(rng, group), "> " + sentence(rng, group), ""]
    for _ in range(rng.randrange(2, 5)):
        body += [" ".join(sentence(rng, group) for _ in range(rng.randrange(1, 4))), ""]
    body += ["-- ", name.capitalize()]
    if rng.random() < 0.02:
        body[-1] += ", Café Zürich"
    header = [f"From: {name}@{host}", f"Subject: {sentence(rng, group)[:40]}",
              f"Organization: {host.split('.')[0]} of nowhere", f"Lines: {len(body)}", ""]
    return "\n".join(header + body) + "\n"


def write_posts(rng):
    folder = HERE / "20news"
    shutil.rmtree(folder, ignore_errors=True)
    for part, posts in (("train", 14), ("test", 6)):
        number = 50000 if part == "train" else 60000
        for group in GROUPS:
            (folder / f"20news-bydate-{part}" / group).mkdir(parents=True)
            for _ in range(posts):
                number += rng.randrange(1, 9)
                path = folder / f"20news-bydate-{part}" / group / str(number)
                path.write_bytes(post(rng, group).encode("latin-1"))


def write_vectors(rng):
    """Words of one group point into similar directions, groups of one family into
    related ones; a tenth of the words has no vector."""
    def direction(scale):
        return [rng.gauss(0, scale) for _ in range(100)]

    rows = {}
    for word in GLUE + COMMON:
        rows[word] = direction(0.4)
    families = {family: direction(0.25) for family in FAMILIES}
    for group, words in GROUPS.items():
        family = families[group.split(".")[0]]
        centre = [f + c for f, c in zip(family, direction(0.25))]
        for word in words.split():
            rows.setdefault(word, [c + n for c, n in zip(centre, direction(0.25))])
    for family, words in FAMILIES.items():
        for word in words.split():
            rows.setdefault(word, [c + n for c, n in zip(families[family], direction(0.25))])
    for words in TITLES.values():
        centre = direction(0.3)
        for word in words.split():
            rows.setdefault(word, [c + n for c, n in zip(centre, direction(0.3))])
    folder = HERE / "wordvec"
    folder.mkdir(exist_ok=True)
    with open(folder / "vectors.100d.txt", "w", encoding="utf-8", newline="\n") as out:
        for word, row in rows.items():
            if word in GLUE or rng.random() < 0.9:
                out.write(word + "".join(f" {x:.4f}" for x in row) + "\n")


def main():
    write_titles(random.Random(SEED))
    write_posts(random.Random(SEED + 1))
    write_vectors(random.Random(SEED + 2))


main()
