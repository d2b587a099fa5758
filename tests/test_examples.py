"""The examples compile without a warning, run on the bundled sets, print what their first
comment promises and write whole pictures; a wrong call is refused with the usage. They share
one implementation here; test_programs.py and test_notebooks.py take them as they stand."""

import os
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "portability"))
from tap import ROOT, Report, call, parallel, scratch  # noqa: E402

# arguments, lines that must be printed (regular expressions), pictures
RUNS = {
    "05_cbow_six_words": [(["--epochs", "30"], [r"loss \d\.\d{3} to \d\.\d{3} at last"], [])],
    "07_pretrained_vectors": [
        (["--quick"], [r"400 posts in 20 groups", r"vectors: .* has 271 of 326 words",
                       r"two of 100 dimensions, with 12 % of the variance: .*07_words\.png",
                       r"Total params: 513392", r"validation accuracy 0\.\d{4}"],
         ["07_trainable.png", "07_words.png"]),
        (["frozen", "--quick"], [r"Non-trainable params: 32700"], ["07_frozen.png"]),
    ],
    "12_news_titles": [
        (["--quick"], [r"1500 titles in 5 classes", r"Total params: 35305", r"Epoch 2/2",
                       r"trained model: .*12_news_titles\.safetensors",
                       r"19/19 - .* - loss: \d\.\d{4} - accuracy: 0\.\d{4} - val_loss: ",
                       r"best validation accuracy 0\.\d{3} in epoch \d of 2"],
         ["12_news_titles_progress.png", "12_news_titles_confusion.png"]),
    ],
    "25_lstm_newsgroups": [
        (["--quick"], [r"400 posts in 20 groups", r"Total params: 77680",
                       r"validation accuracy 0\.\d{4}"], ["25_pre.png"]),
    ],
    "26_stacked_lstm": [
        (["--quick"], [r"400 posts in 20 groups", r"Total params: 77296",
                       r"validation accuracy 0\.\d{4}"], ["26_stacked_lstm.png"]),
    ],
}
WITHOUT_DATA = {"05_cbow_six_words"}


def picture_fault(path):
    """What is wrong with a PNG file; nothing if it is whole."""
    if not path.exists():
        return "it was not written"
    data = path.read_bytes()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        return "it has no PNG signature"
    chunks, at = [], 8
    while at + 12 <= len(data):
        size, = struct.unpack(">I", data[at:at + 4])
        kind, body = data[at + 4:at + 8], data[at + 8:at + 8 + size]
        check = data[at + 8 + size:at + 12 + size]
        if len(check) != 4 or struct.unpack(">I", check)[0] != zlib.crc32(kind + body):
            return f"the checksum of its chunk {kind} is wrong"
        chunks.append((kind, body))
        at += 12 + size
    if not chunks or chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND":
        return "it is cut off"
    width, height, depth, colour = struct.unpack(">IIBB", chunks[0][1][:10])
    row = 1 + width * {0: 1, 2: 3, 4: 2, 6: 4}[colour] * depth // 8
    pixels = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    if len(pixels) != row * height:
        return f"it has {len(pixels)} bytes of pixels, expected {row * height}"
    return "it is blank" if len(set(pixels)) < 8 else ""


FLAGS = ["gcc", "-O1", "-fopenmp", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def implementation(sources, folder):
    """The object of seqnn.h with every switch of the examples."""
    text = "".join(source.read_text() for source in sources)
    common = folder / "seqnn.c"
    common.write_text("".join(sorted(set(re.findall(r"^#define SEQNN_.*\n", text, re.M))))
                      + '#include "seqnn.h"\n')
    return call([*FLAGS, "-I", ROOT, "-c", common, "-o", common.with_suffix(".o")])


def build(source, target):
    return call([*FLAGS, "-DSEQNN_IMPLEMENTED", source, target.parent / "seqnn.o", "-o", target,
                 "-lz", "-lm"])


def environment():
    """The bundled sets, wherever the caller keeps others."""
    kept = {name: value for name, value in os.environ.items() if name != "SEQNN_DATA"}
    return dict(kept, OMP_NUM_THREADS="1")


def run(report, program, folder):
    for arguments, lines, pictures in RUNS.get(program.name, [(["--quick"], [], [])]):
        name = " ".join([program.name, *arguments])
        data = [] if program.name in WITHOUT_DATA else ["--data", ROOT / "datasets"]
        good, output = call([program, *arguments, *data, "--out", folder],
                            cwd=ROOT, env=environment())
        report.check(f"{name} runs", good, output)
        missing = [line for line in lines if not re.search(line, output)]
        report.check(f"{name} prints what it should", not missing, f"{missing}\n{output}")
        for picture in pictures:
            fault = picture_fault(folder / picture)
            report.check(f"{name} draws {picture}", not fault, fault)


def predict(report, folder):
    """The model that the run above saved reads titles from the standard input."""
    titles = ["United win the cup", "Shares fall as oil rises"]
    result = subprocess.run([folder / "12_news_titles", "predict", "--out", folder],
                            input="\r\n".join(titles), capture_output=True, text=True,
                            env=environment())
    said = re.findall(r"^(business|entertainment|politics|sport|tech) +0\.\d{3}  (.*)$",
                      result.stdout, re.M)
    report.check("12_news_titles predict: a desk for every title",
                 result.returncode == 0 and [title for _, title in said] == titles,
                 result.stdout + result.stderr)


def wrong_calls(report, program):
    good, output = call([program, "--help"])
    report.check(f"{program.name} --help", good and output.startswith("usage: "), output)
    for arguments, sentence in ((["--nonsense"], "an option it does not know"),
                                (["--epochs", "two"], "a number was expected"),
                                (["--seed"], "lacks its value")):
        good, output = call([program, *arguments])
        report.check(f"{program.name} {' '.join(arguments)} is refused",
                     not good and sentence in output and "usage: " in output, output)


def main():
    report = Report()
    sources = sorted((ROOT / "examples").glob("[0-9]*.c"))
    with scratch() as name:
        folder = Path(name)
        report.check("the implementation compiles", *implementation(sources, folder))
        results = parallel(lambda source: build(source, folder / source.stem), sources)
        for source, (good, output) in zip(sources, results):
            report.check(f"{source.name} compiles", good, output)
            if good:
                run(report, folder / source.stem, folder)
                wrong_calls(report, folder / source.stem)
        predict(report, folder)
        good, output = call([folder / "12_news_titles", "--quick", "--out", folder / "nowhere"],
                            cwd=ROOT, env=environment())
        report.check("a folder that is not there is named", not good and "nowhere" in output,
                     output)
    report.end()


main()
