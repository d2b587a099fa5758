"""news-summary/news_summary.csv: articles (ctext), their summaries (text) and headlines.

Laid out as the inshorts set is: author,date,headlines,read_more,text,ctext, quotes and line
breaks inside fields, Windows-1252, an article missing here and there. What happened comes
first in the article and again in the summary; then follow what people said and what has
little to do with it.
"""

import datetime

from generator.chance import Dice, csv_row, sentence_case

DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
AUTHORS = "Ada Marlow|Ben Hadley|Cleo Preston|Dora Chester|Emil Carlton".split("|")
TOWNS = "Weston|Harlow|Sutton|Clayton|Camden|Ashby|Milton|Kingsley".split("|")
PEOPLE = "Nora Böhm|Peter Lang|Ines Duarte|Omar Said|Lena Petit|Ravi Nair|Ewa Nowak".split("|")
THINGS = ["bridge", "library", "railway station", "hospital", "football ground", "museum"]
FIRMS = ["the shipyard", "the brewery", "the airline", "a maker of lamps", "the oldest bank"]
ANIMALS = ["owls", "otters", "wild horses", "bees", "storks"]

# (headline, what the summary says, further facts of the summary)
STORIES = [
    ("{town} opens new {thing} after {years} years",
     "The town of {town} opened its new {thing} on {day}, {years} years "
     "after the old one burnt down.",
     ["It cost £{money} million, twice as much as planned.",
      "{person}, who led the work, called it \"a gift to our children\"."]),
    ("Floods close {thing} in {town}, {number} people leave homes",
     "Floods closed the {thing} in {town} on {day}, and {number} people had to "
     "leave their homes.",
     ["The river rose by {years} feet in one night.",
      "\"We have never seen such rain\", said {person}, the mayor."]),
    ("{Firm} to cut {number} jobs in {town}",
     "{Firm} said on {day} that it would cut {number} jobs in {town} before the end "
     "of the year.",
     ["It had lost £{money} million since last summer.",
      "{person} of the union said the plan was \"a shock to every family\"."]),
    ("{person} wins {town} marathon, gives £{number} prize away",
     "{person} won the {town} marathon on {day} and gave the prize of £{number} "
     "to the {thing}.",
     ["It was the first victory after {years} starts.",
      "\"I only wanted to see the finish\", the winner said."]),
    ("Rare {animals} return to {town} after {years} years",
     "Rare {animals} have returned to the woods near {town} after {years} years, it was "
     "found on {day}.",
     ["A team led by {person} counted {number} of them.",
      "\"They like the quiet around the old {thing}\", a member of the team said."]),
    ("Thieves steal {number} lamps from {town} {thing}",
     "Thieves stole {number} lamps from the {thing} in {town} in the night to {day}.",
     ["They came through a window and left a note that read \"sorry\".",
      "{person}, who keeps the keys, put the damage at £{money} million."]),
]
ASIDES = [
    "Nobody at the {thing} wanted to comment on it this week.",
    "The council of {town} meets again next month.",
    "{other} had warned of this in a letter two years ago.",
    "Visitors from other towns were surprised at the news.",
    "A café beside the {thing} served free tea all day.",
    "Last year the town had other worries, among them the price of bread.",
    "The weather is expected to stay mild.",
    "\"We will see what comes of it\", said {other}.",
    "Schools in {town} stayed open.",
    "A film about it is being planned, according to {other}.",
]
ARTICLES = 150


def article(dice):
    firm, day = dice.pick(FIRMS), datetime.date(2017, 1, 1) + datetime.timedelta(dice.below(210))
    person, other = dice.some(PEOPLE, 2)
    facts = {"town": dice.pick(TOWNS), "thing": dice.pick(THINGS), "firm": firm,
             "Firm": sentence_case(firm), "animals": dice.pick(ANIMALS), "person": person,
             "other": other, "years": dice.between(3, 40), "money": dice.between(2, 90),
             "number": dice.between(12, 900), "day": DAYS[day.weekday()]}
    headline, lead, more = (part if isinstance(part, list) else part.format(**facts)
                            for part in dice.pick(STORIES))
    more = [line.format(**facts) for line in more]
    asides = [line.format(**facts) for line in dice.some(ASIDES, dice.between(3, 6))]
    summary = " ".join([lead] + (more if dice.chance(0.7) else more[:1]))
    body = dice.shuffled(more + asides)
    text = lead + "".join(dice.pick([" ", " ", "\n", "\n\n"]) + line for line in body)
    if dice.chance(0.3):
        text = text.replace("'", "’").replace(' "', " “").replace('"', "”")
    if dice.chance(0.03):
        text = ""
    date = f"{day.day:02d} {MONTHS[day.month - 1]} {day.year},{DAYS[day.weekday()]}"
    address = "http://news.example/" + "-".join(headline.lower().replace(",", "").split()) + " "
    return [dice.pick(AUTHORS), date, headline + " " * dice.chance(0.1), address, summary, text]


def write(folder, seed):
    dice = Dice(seed)
    rows = [["author", "date", "headlines", "read_more", "text", "ctext"]]
    headlines = set()
    while len(rows) <= ARTICLES:
        row = article(dice)
        if row[2] not in headlines:
            headlines.add(row[2])
            rows.append(row)
    (folder / "news_summary.csv").write_bytes("".join(map(csv_row, rows)).encode("cp1252"))
