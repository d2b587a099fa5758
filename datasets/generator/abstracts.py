"""arxiv/: abstracts with one to four subjects each, as arXiv's three dumps write them.

    arxiv_data.csv      titles, summaries (lines of at most 79 letters), terms (a list)
    arxiv_sample.jsonl  the first papers, an object a line
    oai/page-1.xml      the same, as a page of the OAI-PMH server

Each subject brings its own phrases; a phrase may also stray into a paper of another one,
and subjects come in company (eess.IV with cs.CV). It is a set for bags of words.
"""

import json
import textwrap

from generator.chance import Dice, csv_row, sentence_case

SUBJECTS = {
    "cs.CV": """image segmentation|object detection|video frames|depth maps|camera poses
        |face recognition|scene understanding|optical flow|visual features|point clouds""",
    "cs.CL": """machine translation|word embeddings|dialogue systems|question answering
        |syntactic parsing|named entities|summarization|speech transcripts|language models
        |annotated corpora""",
    "cs.LG": """gradient descent|representation learning|generalization bounds|dropout
        |recurrent networks|feature selection|transfer learning|training data
        |hyperparameters|ensembles""",
    "cs.RO": """robot arms|motion planning|grasping|legged locomotion|trajectory tracking
        |tactile sensors|mobile robots|collision avoidance|quadrotors|manipulation""",
    "cs.CR": """encryption|malware|intrusion detection|private keys|access control
        |side channels|secure protocols|authentication|adversaries|digital signatures""",
    "cs.DS": """approximation algorithms|sorting|hash tables|shortest paths|data streams
        |spanning trees|lower bounds|priority queues|dynamic programming|sketching""",
    "cs.IR": """search engines|recommender systems|ranking|user clicks|query expansion
        |document retrieval|relevance feedback|collaborative filtering|indexing|web pages""",
    "stat.ML": """posterior inference|Gaussian processes|kernel methods|variational bounds
        |Markov chains|sparse regression|causal effects|mixture models|sampling|priors""",
    "eess.IV": """tomography|denoising|magnetic resonance|image reconstruction|microscopy
        |compressed sensing|super-resolution|radiographs|lesions|ultrasound""",
    "math.CO": """bipartite graphs|permutations|chromatic numbers|matroids|partitions
        |extremal problems|lattice paths|hypergraphs|random graphs|generating functions""",
}
SUBJECTS = {name: [phrase.strip() for phrase in phrases.split("|")]
            for name, phrases in SUBJECTS.items()}
# The subjects that a first one brings along, and how often.
COMPANY = {
    "cs.CV": {"cs.LG": 0.35, "eess.IV": 0.2, "cs.RO": 0.1}, "cs.CL": {"cs.LG": 0.3, "cs.IR": 0.2},
    "cs.LG": {"stat.ML": 0.5}, "cs.RO": {"cs.CV": 0.3, "cs.LG": 0.2}, "cs.CR": {"cs.LG": 0.15},
    "cs.DS": {"math.CO": 0.35}, "cs.IR": {"cs.CL": 0.3, "cs.LG": 0.2},
    "stat.ML": {"cs.LG": 0.7}, "eess.IV": {"cs.CV": 0.7}, "math.CO": {"cs.DS": 0.25},
}
OFTEN = {"cs.CV": 9, "cs.CL": 7, "cs.LG": 6, "cs.RO": 4, "cs.CR": 4, "cs.DS": 3, "cs.IR": 3,
         "stat.ML": 3, "eess.IV": 3, "math.CO": 3}
EQUATIONS = [r"$O(n \log n)$", r"$\ell_2$", r"$p < 0.05$", r"$k = 10$", r"$\mathbb{R}^d$",
             r"$$\min_x f(x) + \lambda \|x\|_1$$", r"$n \to \infty$", r"$\alpha$"]
ADJECTIVES = "simple fast robust unified scalable general compact".split()
SENTENCES = [
    "we study {0} for {1}", "{0} may be hard in the presence of noise in {1}",
    "we propose a {a} approach to {0}",
    "our method combines {0} with {1}", "the key idea is to treat {0} as a form of {1}",
    "recent work on {0} assumes {e}",
    "experiments on {0} show a gain of {n}\\% over earlier work",
    "we prove that {0} can be handled in {e} steps", "this leads to a {a} treatment of {0}",
    "code for {0} is available", "a {a} baseline for {0} serves as comparison",
    "we discuss how {0} and {1} are related (see {e})", "results on {0} are encouraging",
]
TITLES = ["A {a} approach to {0}", "{0} for {1}", "On {0} and {1}", "Towards {a} {0}",
          "{0}: a {a} view", "Rethinking {0}, with an application to {1}", "{0} revisited"]
PEOPLE = "A. Marlow|B. Hadley|C. Preston|D. Chester|E. Carlton|F. Ashby|G. Milton".split("|")
PAPERS, SAMPLE = 360, 24


class Paper:
    def __init__(self, dice, number):
        self.dice = dice
        first = dice.pick_by(OFTEN)
        self.subjects = [first] + [other for other, often in COMPANY[first].items()
                                   if dice.chance(often)]
        self.id = f"{9901 + number // 60:04d}.{number % 60 + 1:05d}"
        self.authors = dice.some(PEOPLE, dice.between(1, 3))
        self.title = sentence_case(self.fill(dice.pick(TITLES), [first]))
        sentences = [self.fill(dice.pick(SENTENCES), [subject]) for subject in self.subjects]
        for _ in range(dice.between(2, 4)):
            sentences.append(self.fill(dice.pick(SENTENCES), self.subjects))
        text = ". ".join(sentence_case(s) for s in dice.shuffled(sentences)) + "."
        self.abstract = textwrap.fill(text, 79, break_long_words=False, break_on_hyphens=False)

    def phrase(self, subjects, other_than=None):
        stray = self.dice.chance(0.12)
        phrase = self.dice.pick(SUBJECTS[self.dice.pick(list(SUBJECTS) if stray else subjects)])
        return phrase if phrase != other_than else self.phrase(subjects, other_than)

    def fill(self, pattern, subjects):
        first = self.phrase(subjects)
        return pattern.format(first, self.phrase(subjects, first),
                              a=self.dice.pick(ADJECTIVES), e=self.dice.pick(EQUATIONS),
                              n=f"{self.dice.between(1, 9)}.{self.dice.below(10)}")

    def csv(self):
        terms = ", ".join(f"'{subject}'" for subject in self.subjects)
        return csv_row([self.title, self.abstract, f"[{terms}]"])

    def json(self):
        return json.dumps({
            "id": self.id, "pdf": f"https://arxiv.example/pdf/{self.id}", "authors": self.authors,
            "title": self.title, "categories": self.subjects, "comment": None,
            "summary": self.abstract}) + "\n"

    def xml(self):
        def escape(text):
            return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

        authors = "".join(f"<author><keyname>{name.split()[1]}</keyname>"
                          f"<forenames>{name.split()[0]}</forenames></author>"
                          for name in self.authors)
        return f"""<record>
<header>
 <identifier>oai:arXiv.example:{self.id}</identifier>
 <datestamp>2009-01-01</datestamp>
 <setSpec>cs</setSpec>
</header>
<metadata>
 <arXiv xmlns="http://arxiv.org/OAI/arXiv/">
 <id>{self.id}</id><created>2009-01-01</created><authors>{authors}</authors>\
<title>{escape(self.title)}</title><categories>{" ".join(self.subjects)}</categories>\
<abstract>  {escape(self.abstract)}
</abstract></arXiv>
</metadata>
</record>
"""


def page(papers):
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2009-01-02T00:00:00Z</responseDate>
<request verb="ListRecords" metadataPrefix="arXiv" set="cs">http://arxiv.example/oai2</request>
<ListRecords>
{"".join(paper.xml() for paper in papers)}<resumptionToken></resumptionToken>
</ListRecords>
</OAI-PMH>
"""


def write(folder, seed):
    dice = Dice(seed)
    papers = [Paper(dice, number) for number in range(PAPERS)]
    (folder / "oai").mkdir()
    for name, text in (
            ("arxiv_data.csv",
             csv_row(["titles", "summaries", "terms"]) + "".join(p.csv() for p in papers)),
            ("arxiv_sample.jsonl", "".join(p.json() for p in papers[:SAMPLE])),
            ("oai/page-1.xml", page(papers[:SAMPLE]))):
        (folder / name).write_bytes(text.encode("utf-8"))
