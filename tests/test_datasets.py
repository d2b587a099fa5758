"""The bundled sets are what their generator writes, to the byte, and small; and the order of
words decides in those of which the lectures say so."""

import filecmp
import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "portability"))
from tap import ROOT, Report, call, scratch  # noqa: E402

DATASETS = ROOT / "datasets"
LIMIT = 2_800_000  # bytes


def files_of(folder):
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def same_bytes(report, fresh):
    made, output = call([sys.executable, DATASETS / "generate.py", "--into", fresh])
    sets = sorted(path.name for path in Path(fresh).iterdir())
    report.check("the generator runs and knows its sets", made and len(sets) == 12,
                 f"{output}\n{sets}")
    for name in sets:
        expected, there = files_of(Path(fresh) / name), files_of(DATASETS / name)
        different = [path for path in sorted(expected & there)
                     if not filecmp.cmp(Path(fresh) / name / path, DATASETS / name / path, False)]
        faults = [f"{what}: {path}" for what, paths in (
            ("not made by the generator", there - expected), ("missing", expected - there),
            ("other bytes", different)) for path in sorted(paths)]
        report.check(f"{name}: {len(expected)} files as freshly generated", not faults,
                     "\n".join(faults))
    size = sum((Path(fresh) / path).stat().st_size for path in files_of(Path(fresh)))
    report.check(f"all sets together have less than {LIMIT} bytes", size < LIMIT, size)


def wrong_calls(report):
    refused, output = call([sys.executable, DATASETS / "generate.py", "nosuchset"])
    report.check("a set that does not exist is refused", not refused and "nosuchset" in output,
                 output)


def order_decides(report):
    """One seed of the three sets that make measure claims order for."""
    build = os.environ.get("BUILD", "build")
    environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    environment["OMP_NUM_THREADS"] = "1"
    program = f"{build}/datasets/measure"
    built, output = call(["make", "-s", "-C", ROOT, f"BUILD={build}", program], env=environment)
    if not built:
        report.check("datasets/measure.c is built", False, output)
        return
    holds, output = call([ROOT / program, "--quick"], cwd=ROOT, env=environment)
    for name in ("reviews", "agreement", "tags"):
        claim = (rf"- {name}: from worst to best, majority < naive Bayes, bag of words < "
                 r"vanilla RNN < LSTM: the order holds on 1 of 1 seeds")
        report.check(f"{name}: counting words < vanilla RNN < LSTM",
                     re.search(claim, output), output)
    report.check("measure --quick says so by its exit status", holds, output)


def table_is_there(report):
    page = (DATASETS / "README.md").read_text(encoding="utf-8")
    table = page.partition("<!-- measured -->")[2].partition("<!-- end -->")[0]
    claims = re.findall(r"^- (\w+): from worst to best, .* holds on (\d+) of (\d+) seeds$", table,
                        re.M)
    report.check("the README's table holds nine claims, each on 5 of 5 seeds",
                 len(claims) == 9 and all(claim[1:] == ("5", "5") for claim in claims), table)


def main():
    report = Report()
    with scratch() as fresh:
        same_bytes(report, fresh)
    wrong_calls(report)
    table_is_there(report)
    order_decides(report)
    report.end()


main()
