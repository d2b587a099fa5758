"""bbc/bbc-titles.tsv: headlines of five desks, class<TAB>title.

Most words occur in several classes, and their order says nothing: it is a set for bags of
words.
"""

import random

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


def write(folder, seed):
    rng = random.Random(seed)
    with open(folder / "bbc-titles.tsv", "w", encoding="utf-8", newline="\n") as out:
        for label, size in SIZES.items():
            for _ in range(size):
                out.write(f"{label}\t{title(rng, label)}\n")
