"""What the lecture pages do not say of the examples: those without a page run on the bundled
sets, print what their first comment promises and write whole pictures; a saved model reads
titles; a wrong call of any of them is refused with a sentence and the usage."""

import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "portability"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
from tap import ROOT, Report, call, parallel, scratch  # noqa: E402

from lecture import program  # noqa: E402

# lines that --quick must print (regular expressions), and pictures
RUNS = {
    "25_lstm_newsgroups": ([r"400 posts in 20 groups", r"Total params: 77680",
                            r"validation accuracy 0\.\d{4}"], ["25_pre.png"]),
    "26_stacked_lstm": ([r"400 posts in 20 groups", r"Total params: 77296",
                         r"validation accuracy 0\.\d{4}"], ["26_stacked_lstm.png"]),
}


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


def run(report, target, folder):
    lines, pictures = RUNS[target.name]
    good, output = program.run(target, folder, "--quick")
    report.check(f"{target.name} runs", good, output)
    checked, said = program.run(target, folder, "--grad-check")
    report.check(f"{target.name} --grad-check", checked and "agree" in said, said)
    missing = [line for line in lines if not re.search(line, output)]
    report.check(f"{target.name} prints what it should", not missing, f"{missing}\n{output}")
    for picture in pictures:
        fault = picture_fault(folder / picture)
        report.check(f"{target.name} draws {picture}", not fault, fault)


def predict(report, target, folder):
    """What is saved reads titles from the standard input."""
    good, output = program.run(target, folder, "--quick")
    titles = ["United win the cup", "Shares fall as oil rises"]
    result = subprocess.run([target, "predict", "--out", folder], input="\r\n".join(titles),
                            capture_output=True, text=True, env=program.ENVIRONMENT)
    said = re.findall(r"^(business|entertainment|politics|sport|tech) +0\.\d{3}  (.*)$",
                      result.stdout, re.M)
    report.check("12_news_titles predict: a desk for every title",
                 good and result.returncode == 0 and [title for _, title in said] == titles,
                 output + result.stdout + result.stderr)


def wrong_folders(report, source, target):
    """A folder that is not there is named: for pictures, and for data if any is read."""
    text = source.read_text()
    reads = "seqnn_find_data" in text or '"newsgroups.h"' in text
    for option in ("--out", "--data") if reads else ("--out",):
        good, output = call([target, "--quick", option, "nowhere"], cwd=ROOT,
                            env=program.ENVIRONMENT)
        report.check(f"{target.name} {option} nowhere is refused",
                     not good and "nowhere" in output, output)


def wrong_calls(report, target):
    good, output = call([target, "--help"])
    report.check(f"{target.name} --help", good and output.startswith("usage: "), output)
    for option in ("--data", "--out", "--seed", "--quick", "--grad-check"):
        report.check(f"{target.name} has {option}", f"[{option}" in output, output)
    for arguments, sentence in ((["--nonsense"], "--nonsense: an option it does not know"),
                                (["nonsense"], "nonsense: an option it does not know"),
                                (["--seed", "two"], "--seed: a number was expected"),
                                (["--seed", "-1"], "--seed: a number was expected, whole"),
                                (["--seed", "0.5"], "--seed: a number was expected, whole"),
                                (["--seed"], "--seed: this option lacks its value")):
        good, output = call([target, *arguments])
        report.check(f"{target.name} {' '.join(arguments)} is refused",
                     not good and sentence in output and "usage: " in output, output)


def main():
    report = Report()
    sources = sorted((ROOT / "examples").glob("[0-9]*.c"))
    made, said = program.implementation("-O3")
    report.check("the implementation compiles", made, said)
    with scratch() as name:
        folder = Path(name)
        for source, (target, said) in zip(sources, parallel(
                lambda source: program.program(source, "-O3"), sources if made else [])):
            report.check(f"{source.name} compiles", target, said)
            if target and source.stem in RUNS:
                run(report, target, folder)
            if target and source.stem.startswith("12_"):
                predict(report, target, folder)
            if target:
                wrong_folders(report, source, target)
                wrong_calls(report, target)
    report.end()


main()
