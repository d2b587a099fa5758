"""Every option of a layer, an encoding and a tokenizer is one that model files keep: a new
field of an options struct is in the table of its kind, or is named here."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "portability"))
from tap import ROOT, Report  # noqa: E402

# Options that reach the file in another way.
ELSEWHERE = {
    "frozen": "written parameter by parameter",
    "vectors": "they are the weights",
    "bidirectional": "two layers and their merge",
}
# header, struct, the file with its table, what a field looks like there
STRUCTS = [(header, struct, f"src/layers/{source}", r"(?:options\.|_options, ){}\b")
           for header, struct, source in (
               ("layers/activation.h", "seqnn_activation_options", "activation.c"),
               ("layers/dense.h", "seqnn_dense_options", "dense.c"),
               ("layers/dropout.h", "seqnn_dropout_options", "dropout.c"),
               ("layers/embedding.h", "seqnn_embedding_options", "embedding.c"),
               ("layers/merge.h", "seqnn_merge_options", "merge.c"),
               ("layers/model.h", "seqnn_source_options", "source.c"),
               ("layers/one_hot.h", "seqnn_one_hot_options", "one_hot.c"),
               ("layers/pooling.h", "seqnn_pooling_options", "pooling.c"),
               ("layers/recurrent.h", "seqnn_recurrent_options", "recurrent.c"))]
STRUCTS += [
    ("text/encode.h", "seqnn_encode_options", "src/train/model_file.c", r"\b{}\b"),
    ("text/tokenizer.h", "seqnn_tokenizer_options", "src/text/tokenizer_bytes.c", r'"{}"'),
]
TOKENIZERS = {"num_words", "oov_token", "filters", "keep_case"}  # an encoding's are its tokenizer's


def fields(header, struct):
    text = re.sub(r"/\*.*?\*/", " ", (ROOT / "src" / header).read_text(), flags=re.S)
    body = re.search(r"typedef struct %s \{(.*?)\}" % struct, text, re.S).group(1)
    names = []
    for line in body.split(";"):
        if line.strip():
            names += [re.search(r"(\w+)\s*$", part).group(1) for part in line.split(",")]
    return names


def table(path):
    """The rows of the tables, and of an encoding what is handled by itself."""
    return "\n".join(line for line in (ROOT / path).read_text().split("\n")
                     if re.search(r"SQ_OPTION|offsetof|SQ_FIELD|stop_words|tokenizer|sq_put|strcmp", line))


def main():
    report = Report()
    found = set(re.findall(r"typedef struct (seqnn_\w+_options) \{",
                           "".join(p.read_text() for p in (ROOT / "src/layers").glob("*.h"))))
    missing = found - {struct for _, struct, _, _ in STRUCTS}
    report.check("every options struct of src/layers is looked at", not missing, missing)
    for header, struct, source, pattern in STRUCTS:
        left = ELSEWHERE.keys() | (TOKENIZERS if struct == "seqnn_encode_options" else set())
        lost = [name for name in fields(header, struct) if name not in left
                and not re.search(pattern.format(name), table(source))]
        report.check(f"{struct} is kept whole", not lost, f"{source} lacks {lost}")
    report.end()


main()
