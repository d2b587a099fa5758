"""20news/20news-bydate-{train,test}/<group>/<number>: posts with headers, in Latin-1.

The order of the words says nothing here either.
"""

import random

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


def write(folder, seed):
    rng = random.Random(seed)
    for part, posts in (("train", 14), ("test", 6)):
        number = 50000 if part == "train" else 60000
        for group in GROUPS:
            (folder / f"20news-bydate-{part}" / group).mkdir(parents=True)
            for _ in range(posts):
                number += rng.randrange(1, 9)
                path = folder / f"20news-bydate-{part}" / group / str(number)
                path.write_bytes(post(rng, group).encode("latin-1"))
