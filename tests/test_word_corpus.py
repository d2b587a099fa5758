"""datasets/make_word_corpus.py on small sets: what stays of a text, the order of the lines, packed
and unpacked sets alike, the counts it prints, and what it says of sets that are not there."""

import gzip
import hashlib
import io
import sys
import tarfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "portability"))
from tap import ROOT, Report, call, scratch  # noqa: E402

SCRIPT = ROOT / "datasets" / "make_word_corpus.py"
BOOK = "\nBOOK 1\n\nThe sun's rays,--\nand 'the' Moon.\n\n\n  \nend"
PAPERS = ('titles,summaries,terms\n"A ""Title"", quoted","Caf\u00e9_au lait\nand x^2 na\u00efve",[\'cs.CV\']\n'
          "Second,It\u2019s \u2014 short,[]\n")
REVIEWS = {"test/neg/0_1.txt": "Last <b> one", "train/pos/10_9.txt": "Ten",
           "train/pos/9_9.txt": "Good.<br /><br />Very<BR/>good!", "train/neg/0_2.txt": "bad",
           "train/unsup/0_0.txt": "not taken", "test/pos/3_8.txt": " \n.\n"}
CORPUS = """book 1
the sun's rays and 'the' moon
end
a title quoted caf\u00e9 au lait and x 2 na\u00efve
second it's short
good very good
ten
bad
last b one
"""


def make_sets(data, packed):
    texts = {"charlm/mahabharata-books01-12.txt": BOOK, "arxiv/arxiv_data.csv": PAPERS}
    for name, text in texts.items():
        (data / name).parent.mkdir(parents=True)
        if packed:
            (data / (name + ".gz")).write_bytes(gzip.compress(text.encode()))
        else:
            (data / name).write_bytes(text.encode())
    (data / "imdb").mkdir()
    if packed:
        with tarfile.open(data / "imdb/aclImdb.tar.gz", "w:gz") as archive:
            for name, text in REVIEWS.items():
                info = tarfile.TarInfo("aclImdb/" + name)
                info.size = len(text.encode())
                archive.addfile(info, io.BytesIO(text.encode()))
    else:
        for name, text in REVIEWS.items():
            (data / "imdb/aclImdb" / name).parent.mkdir(parents=True, exist_ok=True)
            (data / "imdb/aclImdb" / name).write_text(text, encoding="utf-8")


def main():
    report = Report()
    expected = CORPUS.encode()
    for packed in (False, True):
        how = "packed" if packed else "unpacked"
        with scratch() as folder:
            data, into = Path(folder) / "data", Path(folder) / "deep/corpus.txt"
            make_sets(data, packed)
            made, output = call([sys.executable, SCRIPT, data, "--into", into])
            report.check(f"{how} sets become a corpus", made and into.read_bytes() == expected,
                         output + (into.read_text() if into.exists() else ""))
            report.check(f"{how}: parts, sum and checksum are told",
                         "Mahabharata          9 words       3 lines" in output
                         and "all                 30 words       9 lines" in output
                         and "distinct words 28, of 5 occurrences or more 0" in output
                         and hashlib.sha256(expected).hexdigest() in output, output)
    with scratch() as folder:
        data, into = Path(folder) / "data", Path(folder) / "corpus.txt"
        made, output = call([sys.executable, SCRIPT, data, "--into", into])
        report.check("a set that is not there is named",
                     not made and "mahabharata-books01-12.txt" in output
                     and "Traceback" not in output and not into.exists(), output)
        make_sets(data, True)
        (data / "imdb/aclImdb.tar.gz").unlink()
        made, output = call([sys.executable, SCRIPT, data, "--into", into])
        report.check("reviews that are not there are named, no half corpus stays",
                     not made and "IMDB" in output and list(into.parent.glob("corpus*")) == [], output)
    report.end()


main()
