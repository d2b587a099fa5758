#!/usr/bin/env python3
"""Record tests/golden/preprocessing.tsv: lower case and abstracts from Python, stems from
Snowball's own Python package, lemmas from NLTK, vectors and characters from Keras.

    python3 tests/golden/preprocessing.py

Needs keras, snowballstemmer==2.2.0 (the version of Debian's libstemmer), nltk, and
/usr/share/wordnet (Debian's wordnet-base), the dictionary that NLTK then reads, too.
Fields are separated by tabs; \\t, \\n, \\r and \\\\ are escaped.
"""
import os
import re
import shutil
import tempfile
import warnings
from pathlib import Path

folder = Path(tempfile.mkdtemp())
os.environ["NLTK_DATA"] = str(folder)
warnings.simplefilter("ignore")

import snowballstemmer
from keras.src.legacy.preprocessing.text import Tokenizer
from nltk.corpus.reader.wordnet import WordNetCorpusReader
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from recording import Lines

out = Lines(Path(__file__).resolve().parent / "preprocessing.tsv", "preprocessing.py")
record = out.record


# ---- lower case: every character that has one, with a letter behind it, since a sigma at
# the end of a word is another; and words of several scripts

cased = [chr(c) for c in range(0x110000) if chr(c).lower() != chr(c) and c != 0x130]
for begin in range(0, len(cased), 100):
    text = "".join(c + "x" for c in cased[begin:begin + 100])
    record("lower", text, text.lower())
for text in ("ÅNGSTRÖM and Kelvin: Å K Ω", "ΟΔΥΣΣΕΙΑ ΑΘΗΝΑ", "МОСКВА ЁЖ Їжак", "ŁÓDŹ ČESKÝ ĲSSELMEER",
             "ȺȾ ⱥⱦ ẞ ß ﬁ ǅ ǈ", "日本語 ABC עברית", "ᲐᲑ Ꭰ Ꙁ Ⓐ Ａ 𐐀 𞤀"):
    record("lower", text, text.lower())

# ---- stems

STEM = """consistency knightly running runs ran happily happiness generously relational
conditional rationalize operator feudalism hopefulness formality electrical skies dying
lying news early only inning exceed succeed sky idly gently ugly proceed networks recurrent
neural gradients vanishing exploding propagation through time embeddings classification
translated sentences summarisation attention sequence sequences predicting predicted caresses
ponies ties cats feed agreed plastered motoring sing conflated troubled sized hopping falling
fizzed failing filing probate rate controll roll yes yield says argued arguing communism
don't o'neil's x y é naïve café 3rd a""".split()
for language, words in (("english", STEM), ("porter", STEM[:40]), ("german",
                        "aufeinander häuser katzen läufst größe übungen sprachen".split())):
    stemmer = snowballstemmer.stemmer(language)
    for word in words:
        record("stem", language, word, stemmer.stemWord(word))

# ---- lemmas: NLTK takes the shortest form, morphy the first; where they differ is a table
# of the test, not of this record

dictionary = folder / "corpora/wordnet"
shutil.copytree("/usr/share/wordnet", dictionary)
(dictionary / "lexnames").write_text("".join(f"{i:02d}\tname\t1\n" for i in range(45)))
WordNetCorpusReader.map_wn = lambda self, *rest: {}
wordnet = WordNetCorpusReader(str(dictionary), None)


def lemma(word, part):
    if part:
        forms = wordnet._morphy(word, part)
        return min(forms, key=len) if forms else word
    for part in "nvar":
        found = lemma(word, part)
        if found != word and (part == "v" or len(found) > 2):
            return found
    return word


LEMMAS = """geese goose running ran runs better best good worse worst was is are were been being has
had does did done networks children mice analyses hypotheses criteria phenomena matrices
vertices indices corpora media women leaves lives classes boxes churches buses gas bus lens
series species studies studied studying applied applies layers learned learning trained
training embeddings generalizes vanishing gradients exploding sequences longer longest larger
largest deeper faster quickly further least left found made given taken written spoken
known shown built chosen proposed proposes optimal states mothers-in-law state-of-the-art
handful spoonful the of and unknownword wxyz number layer order letter this his its us as
thing need king string speed interest forest paper happier happily bigger later earlier
lay'd o'clock""".split()
NOT_HERE = {"us", "as"}
for word in LEMMAS:
    for part in ("", "n", "v", "a", "r"):
        if word not in NOT_HERE:
            record("lemma", part, word, lemma(word, part))

# ---- abstracts

PUNCTUATION = (r"!-/:-@\[-`{-~\u00a1\u00a7\u00ab\u00b6\u00b7\u00bb\u00bf"
               r"\u2010-\u2027\u2030-\u205e")
LETTERS = rf"[^\s{PUNCTUATION}]"
TOKEN = re.compile(
    r"(?P<equation>\$\$(?:\\.|[^\\])*?\$\$|\$(?!\$)(?:\\.|[^\\$])*\$)|\$\$|\\[\\$]|"
    rf"(?P<word>{LETTERS}+(?:(?:['\u2019](?={LETTERS})|(?<=[0-9])[.,](?=[0-9])){LETTERS}+)*)|.",
    re.S)
STEMMER = snowballstemmer.stemmer("english")


def abstract(text, form="", keep=False, shortest=3):
    words = []
    for token in TOKEN.finditer(text.lower()):
        if token["equation"]:
            words.append(re.sub(r"\s", "", token[0]) if keep else "eqn")
        elif token["word"]:
            word = re.sub(f"[{PUNCTUATION}]", "", token[0])
            word = lemma(word, "") if form == "lemmas" else word
            if word not in ENGLISH_STOP_WORDS:
                word = STEMMER.stemWord(word) if form == "stems" else word
                if len(word) >= shortest:
                    words.append(word)
    return " ".join(words)


ABSTRACTS = (
    "We describe a new algorithm, the $(k, \\ell)$-pebble game with colors, and use it to obtain "
    "a characterization of the family of $(k,\\ell)$-sparse graphs.",
    "The loss is $$L = \\sum_t \\log p(x_t)$$ where $p$ was learned; it costs \\$5, not \\$10.",
    "State-of-the-art results on Penn Treebank's 42,068 sentences (3.14% better).\nWe don't "
    "use pre-trained word2vec; see e.g. [1], http://x.org/a_b.",
    "One $ without a partner, and \\\\$x$ behind a line break", "$$ alone $y$ here", "$", "$$", "$$$", "$$$$",
    "$$a$b$$c$", "$a\\$b$ c", "$open \\", "$$open \\$$ shut$$", "ends with a backslash \\", "",
    "“Quoted” – words… it’s Euler’s naïve Poincaré", "a.b 1.2 1,2,3 4. .5 6'7 '8' it''s 'n'",
    "gradients vanish: $\\frac{\\partial h_t}{\\partial h_k}$\u2003decays as $O(\\gamma^{t-k})$",
    "ΑΒΓ $\\ΑΒ \u3000 x$ ÉCOLE")
for text in ABSTRACTS:
    for form, keep in (("", 0), ("", 1), ("lemmas", 0), ("stems", 0)):
        record("abstract", form, keep, text, abstract(text, form, keep))
    record("abstract", "short", 0, text, abstract(text, shortest=1))

# ---- Keras: n-hot vectors, and characters

TEXTS = ["the cat sat on the mat", "the dog the cat and a dog", "", "a a a a b", "unseen words of the cat",
         "To be, or not to be: that is the question"]
for oov, num_words in (("", 0), ("", 6), ("<unk>", 8)):
    tokenizer = Tokenizer(num_words=num_words or None, oov_token=oov or None)
    tokenizer.fit_on_texts(TEXTS)
    for mode in ("binary", "count", "freq", "tfidf")[:3 if oov else 4]:
        for row, text in zip(tokenizer.texts_to_matrix(TEXTS, mode=mode), TEXTS):
            record("matrix", oov, num_words, mode, text, " ".join(f"{v:.9g}" for v in row))
for lower in 0, 1:
    tokenizer = Tokenizer(char_level=True, lower=bool(lower))
    tokenizer.fit_on_texts(["Hello, hello!\n", "Ünï Code"])
    for text in ("Hello, hello!\n", "Ünï Code", "hex ÉÜ", ""):
        record("characters", lower, text, " ".join(map(str, tokenizer.texts_to_sequences([text])[0])))

shutil.rmtree(folder)
out.write()
