#!/usr/bin/env python3
"""What a GPU does with the kernels: the tests of this folder on the card itself.

    check.py            builds them with nvcc for the card that is found, runs them there,
                        measures (bench/gpu/run.py), then runs the tests again under
                        compute-sanitizer (memcheck, racecheck, synccheck) where it is
                        installed; ends with a summary, and notes in
                        bench/results/gpu.md which kernels have run on which card. Without
                        a GPU, or without nvcc, it says so and does nothing.
    check.py --table    only looks at src/cuda again: kernels that are new, kernels gone

It ends within 9 minutes, installs nothing and needs no network. What has no time left is
reported as not run.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import together

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "tests" / "cuda"
BUILD = ROOT / os.environ.get("BUILD", "build") / "cuda-check"
RESULTS = ROOT / "bench" / "results" / "gpu.md"
BENCH = ROOT / "bench" / "gpu" / "run.py"
NEVER = "*never run*"
FRAMES = ("sq_each", "sq_unit")  # kernels that do what another struct says
SECONDS = 540
BENCH_SECONDS, INSPECTION_SECONDS = 200, 130  # at most; what is kept for compute-sanitizer
TOOLS = {"memcheck": ["--tool", "memcheck", "--leak-check", "full"],
         "racecheck": ["--tool", "racecheck"],
         "synccheck": ["--tool", "synccheck"]}

BEGAN = time.monotonic()


def left():
    return SECONDS - (time.monotonic() - BEGAN)


def call(command, seconds=None):
    """Returns (exit status, what it printed); the status is None if it ran past its time,
    and what it had started is gone too."""
    environment = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP")
    try:
        run = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=ROOT,
                               env=environment, errors="replace", start_new_session=True)
    except FileNotFoundError:
        return 127, f"{command[0]} is not installed"
    try:
        output, _ = run.communicate(timeout=seconds)
    except BaseException as ended:  # the interrupt key too
        os.killpg(run.pid, signal.SIGKILL)
        if not isinstance(ended, subprocess.TimeoutExpired):
            raise
        return None, run.communicate()[0]
    return run.returncode, output


# ---- the kernels ----

def kernels():
    """(name, file) of every kernel of src/cuda, in the order of the files. What is done to
    each element of an array (sq_each), or of rows of units (sq_unit), counts as one."""
    found = []
    for path in sorted((ROOT / "src" / "cuda").glob("*.cuh")):
        for name, body in re.findall(r"^(?:template <[^{]*>\s*)?struct (\w+)[^;{]*\{(.*?)^\};",
                                     path.read_text(), re.M | re.S):
            if name not in FRAMES and re.search(r"\bphases\(\) const|"
                                                r"\bvoid operator\(\)\((seqnn_size( \w+)?(, )?)+\) const",
                                                body):
                found.append((name, path.name))
    return found


def noted():
    """{kernel: where it has run} of the table."""
    if not RESULTS.exists():
        return {}
    return dict(re.findall(r"^\| `(\w+)` \| [\w.]+ \| (.*?) \|$", RESULTS.read_text(), re.M))


def table(news):
    known = noted()
    rows = [f"| `{name}` | {file} | {news.get(name, known.get(name, NEVER))} |"
            for name, file in kernels()]
    return "\n".join(["<!-- kernels: written by tests/cuda/check.py -->",
                      "| kernel | src/cuda | run on |", "| --- | --- | --- |", *rows,
                      "<!-- end of kernels -->"])


def write_table(news):
    text = RESULTS.read_text()
    text = re.sub(r"<!-- kernels:.*?<!-- end of kernels -->", lambda _: table(news), text,
                  flags=re.S)
    RESULTS.write_text(text)


def names_that_ran(output):
    """sq_each<sq_add_to> is sq_add_to, sq_each<sq_unit<sq_lstm_step> > is sq_lstm_step,
    sq_sweep<4> is sq_sweep."""
    return {re.sub(rf"^(({'|'.join(FRAMES)})<)*", "", name).split("<")[0].rstrip("> ")
            for name in re.findall(r"^# ran (.*)$", output, re.M)}


# ---- the tests ----

def build(tests):
    """One program of all tests, every kernel compiled once for the card that is here, and
    a link to it for each. None, or what nvcc said."""
    program, text = BUILD / "together", BUILD / "together.cu"
    text.write_text(together.together(tests))
    _, listing = call(["g++", "-E", "-x", "c++", "-include", "cmocka.h", "-include", "setjmp.h",
                       os.devnull])
    library = ["-lcmocka"] if "CMUnitTest" in listing else [f"-I{HERE / 'instead'}"]
    libraries = Path(shutil.which("nvcc")).resolve().parent.parent / "lib64"
    status, output = call(["nvcc", "-std=c++17", "-O1", "-arch=native", "-lineinfo", "-include",
                           HERE / "on_card.h", text, "-o", program, *library, "-lcublas",
                           "-Xlinker", "-rpath", "-Xlinker", libraries], left())
    if status != 0:
        return output
    for test in tests:
        link = BUILD / test.stem
        link.unlink(missing_ok=True)
        os.link(program, link)
    return None


def counts(output):
    good = len(re.findall(r"^ok \d+", output, re.M))
    return good, len(re.findall(r"^not ok \d+", output, re.M))


def run(source):
    """(passed, failed, output) of a test on the card."""
    status, output = call([BUILD / source.stem], min(left(), 120))
    passed, failed = counts(output)
    if status is None:
        output += "\n# ran past its time\n"
    elif status < 0:
        output += f"\n# died of signal {-status}\n"
    return passed, failed + (1 if status != 0 and failed == 0 else 0), output


def inspect(job):
    """What a tool of compute-sanitizer says of a test: a word, and its output."""
    source, tool = job
    if left() < 20:
        return "no time left", ""
    # A test that lets the device fail does it without an error of CUDA.
    status, output = call(["compute-sanitizer", *TOOLS[tool], "--error-exitcode", "99",
                           BUILD / source.stem], left())
    if status is None:
        return "no time left", output
    if "Device not supported" in output:
        return "cannot look at this card", output
    return ("clean", output) if status == 0 else ("FAILED", output)


# ---- the benchmark ----

def build_bench():
    return call([sys.executable, BENCH, "--build", f"--seconds={left():.0f}"], left())


def bench():
    """(a word, what it printed); nothing else may run on the card."""
    seconds = min(BENCH_SECONDS, int(left()) - INSPECTION_SECONDS)
    if seconds < 30:
        return "no time left", ""
    status, output = call([sys.executable, BENCH, f"--seconds={seconds}"], seconds + 30)
    return ("measured", output) if status == 0 else ("FAILED", output)


# ---- all of it ----

def card():
    """Its name, or None with a sentence."""
    if not shutil.which("nvcc"):
        return None, "there is no nvcc"
    status, output = call(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"], 30)
    names = [line for line in output.splitlines() if line.strip()] if status == 0 else []
    return (names[0].strip(), "") if names else (None, "there is no GPU here")


def main(arguments):
    if arguments == ["--table"]:
        write_table({})
        return 0
    if arguments:
        sys.exit(__doc__)
    name, why = card()
    if not name:
        print(f"cuda-check: {why}; nothing was done")
        return 0
    print(f"cuda-check: on {name}")
    BUILD.mkdir(parents=True, exist_ok=True)
    tests = sorted(HERE.glob("test_*.cpp"))
    with ThreadPoolExecutor(2) as pool:
        bench_built, broken = pool.submit(build_bench), pool.submit(build, tests)
        bench_built, broken = bench_built.result(), broken.result()
    print(f"cuda-check: built in {time.monotonic() - BEGAN:.0f} s", flush=True)

    ran, summary, successes, failures = set(), {}, 0, 0
    if broken is not None:
        failures += 1
        print("---- nvcc: the tests were not built\n" + "\n".join(broken.splitlines()[:40]))
        tests = []
    for test in tests:
        passed, failed, output = run(test)
        successes, failures = successes + passed, failures + failed
        summary[test] = [f"{passed} passed, {failed} failed"]
        if failed:
            print(f"---- {test.name}\n" + "\n".join(output.splitlines()[-60:]), flush=True)
        else:
            ran |= names_that_ran(output)
    here = f"{name}, {date.today().isoformat()}"
    write_table({kernel: here for kernel in ran})

    benchmark, output = bench() if bench_built[0] == 0 else ("was not built", bench_built[1])
    failures += benchmark not in ("measured", "no time left")
    print(f"---- bench/gpu/run.py\n{output.strip()}", flush=True)

    if shutil.which("compute-sanitizer"):
        jobs = [(test, tool) for tool in TOOLS for test in tests]
        with ThreadPoolExecutor(4) as pool:
            for (test, tool), (word, output) in zip(jobs, pool.map(inspect, jobs)):
                summary[test].append(f"{tool}: {word}")
                if word == "FAILED":
                    failures += 1
                    print(f"---- {test.name} under {tool}\n"
                          + "\n".join(output.splitlines()[:60]), flush=True)
    else:
        print("cuda-check: compute-sanitizer is not installed")

    print(f"\non {here}, {time.monotonic() - BEGAN:.0f} s")
    for test, words in summary.items():
        print(f"{test.stem:24} {'; '.join(words)}")
    print(f"{'the benchmark':24} {benchmark}")
    everything = {kernel for kernel, _ in kernels()}
    print(f"{len(ran & everything)} of {len(everything)} kernels ran in tests that passed")
    for kernel in sorted(everything - ran):
        print(f"  not run: {kernel}")
    print(f"{successes} passed, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
