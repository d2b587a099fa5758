#!/usr/bin/env python3
"""Training that is killed again and again ends with the same bits.

Runs of train.c are killed by SIGKILL at random moments: half of them anywhere in their
running time, half while a checkpoint is being written. Each is started again from what it
left, on another number of threads, until it is through; then all that training decides
must be, to the bit, what a run that was never killed has. A disk that fills, a tmpfs
where this user may mount one, must not cost the checkpoint either.

TORTURE_KILLS (default 12) is the number of kills, TORTURE_SEED repeats their plan.
TAP on standard output.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/portability"))
from tap import Report, call  # noqa: E402

BUILD = os.environ.get("BUILD", "build")
PROGRAM = ROOT / BUILD / "tests/torture/train"
KILLS = int(os.environ.get("TORTURE_KILLS", "12"))
SEED = int(os.environ.get("TORTURE_SEED", time.time_ns() % 1000000))
KINDS = ["plain", "chunks", "lengths"]
LONGEST = 60  # seconds that no run takes


class Torture:
    def __init__(self, kind, folder):
        self.kind = kind
        self.checkpoint = folder / f"{kind}.checkpoint"
        self.part = folder / f"{kind}.checkpoint.part"
        self.result = folder / f"{kind}.result"
        self.kills = self.runs = self.in_saves = self.finished = 0
        self.trouble = ""

    def start(self, threads, checkpoint=None):
        self.runs += 1
        return subprocess.Popen(
            [PROGRAM, self.kind, str(checkpoint or self.checkpoint), str(self.result)],
            env=dict(os.environ, OMP_NUM_THREADS=str(threads)), stderr=subprocess.PIPE)

    def ended(self, process):
        """What a process left that ran to its end."""
        sentence = process.communicate(timeout=LONGEST)[1].decode()
        if process.returncode != 0:
            self.trouble = f"exit status {process.returncode}: {sentence}"
            return None
        self.finished += 1
        self.checkpoint.unlink(missing_ok=True)
        return self.result.read_bytes()

    def measure(self):
        """The bits of a run without checkpoints, and of one with; its seconds."""
        self.expected = self.ended(self.start(1, "-"))
        began = time.monotonic()
        bits = self.ended(self.start(2))
        self.seconds = time.monotonic() - began
        return bits is not None and bits == self.expected

    def wait_for_moment(self, process):
        """Returns whether the moment came before the end of the process."""
        end = time.monotonic() + LONGEST
        if random.random() < 0.5:
            moment = time.monotonic() + random.random() * self.seconds
            while time.monotonic() < moment and process.poll() is None:
                time.sleep(0.0005)
        else:
            saves = random.randint(1, 12)
            there = False
            while process.poll() is None and time.monotonic() < end:
                before, there = there, self.part.exists()
                saves -= there and not before
                if saves == 0:
                    break
            time.sleep(random.random() * 0.001)
        return process.poll() is None

    def kill(self, kills):
        """Kills so many times, and lets the last run end."""
        while not self.trouble:
            process = self.start(random.randint(1, 3))
            if self.kills < kills and self.wait_for_moment(process):
                process.kill()
                process.communicate()
                self.kills += 1
                self.in_saves += self.part.exists()
                continue
            bits = self.ended(process)
            if bits is not None and bits != self.expected:
                self.trouble = f"other bits after {self.kills} kills"
            if self.kills >= kills:
                return

    def fill_disk(self):
        """A disk with room for one checkpoint and a half, in a name space of its own.
        Returns None where that may not be made."""
        if not shutil.which("unshare"):
            return None
        mount = self.checkpoint.parent / "disk"
        mount.mkdir(exist_ok=True)
        outside = self.checkpoint.parent / "outside"
        script = ('mount -t tmpfs -o size="$1" none "$2" || exit 77; '
                  '"$3" "$4" "$2/run" "$5"; status=$?; cp "$2/run" "$6"; exit $status')
        room = (self.checkpoint_size * 3 // 2 + 4095) // 4096 * 4096
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", str(room), mount,
                               PROGRAM, self.kind, self.result, outside],
                              stderr=subprocess.PIPE)
        if done.returncode == 77 or b"unshare" in done.stderr:
            return None
        if done.returncode != 1 or b"No space left" not in done.stderr:
            return f"exit status {done.returncode}: {done.stderr.decode()}"
        shutil.copy(outside, self.checkpoint)
        bits = self.ended(self.start(2))
        return "" if bits == self.expected else self.trouble or "other bits"

    def keep_size(self):
        """How large a checkpoint is."""
        process = self.start(1)
        process.communicate(timeout=LONGEST)
        self.checkpoint_size = self.checkpoint.stat().st_size
        self.checkpoint.unlink()


def build():
    # What make hands down to a recipe is not for this make.
    clean = {key: value for key, value in os.environ.items()
             if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "T")}
    return call(["make", "--no-print-directory", f"BUILD={BUILD}",
                 f"{BUILD}/tests/torture/train"], cwd=ROOT, env=clean)


def main():
    report = Report()
    built, output = build()
    report.check("train.c compiles", built, output)
    if not built:
        report.end()
    random.seed(SEED)
    all_good = True
    with tempfile.TemporaryDirectory(prefix="seqnn-torture-") as folder:
        tortures = [Torture(kind, Path(folder)) for kind in KINDS]
        for i, torture in enumerate(tortures):
            good = torture.measure()
            report.check(f"{torture.kind}: checkpoints change nothing", good, torture.trouble)
            if good:
                torture.kill(KILLS // len(KINDS) + (i < KILLS % len(KINDS)))
                good = not torture.trouble
                report.check(f"{torture.kind}: {torture.kills} kills, {torture.in_saves} of "
                             f"them in a save, {torture.finished - 2} runs to their end",
                             good, torture.trouble)
            all_good = all_good and good
        torture = tortures[0]
        torture.keep_size()
        trouble = torture.fill_disk()
        if trouble is None:
            report.skip("a full disk", "no tmpfs may be mounted here")
        else:
            report.check("a full disk costs no checkpoint", not trouble, trouble)
    print(f"{sum(t.kills for t in tortures)} kills ({sum(t.in_saves for t in tortures)} in a "
          f"save), {sum(t.runs for t in tortures)} runs, "
          + ("all ended with the same bits" if all_good else "not all ended as they should")
          + f" (seed {SEED})")
    report.end()


if __name__ == "__main__":
    main()
