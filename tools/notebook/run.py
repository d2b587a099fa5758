"""Compiles an example and runs it in a scratch folder; what it prints and draws goes to the
cell that it was in."""

import contextlib
import os
import re
import select
import shlex
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from .cells import BrokenRule

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MARKERS = "int notebook_cell(int); void notebook_return(int *);"
ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\^_])")
ERASED = "\x0e"  # in place of the escape that erases the rest of a line
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
FIRST, LAST = 400, 100  # lines of a cell that are shown
LONGEST = 10_000  # characters of a line that are shown
PRINTED = 256 << 20  # bytes after which a program is stopped
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class Picture:
    name: str
    data: bytes
    caption: str = ""  # the words that announced it

    def alt(self):
        return f"{self.caption} ({self.name})" if self.caption else self.name

    def whole(self):
        return (self.data[:8] == PNG and self.data[12:16] == b"IHDR" and len(self.data) > 44
                and self.data[-8:-4] == b"IEND")

    def size(self):
        """Width and height in points of the screen; a file that says 192 dots an inch or more
        has two dots to a point."""
        width, height = struct.unpack(">II", self.data[16:24])
        at = self.data.find(b"pHYs", 0, self.data.find(b"IDAT"))
        if at > 0 and struct.unpack(">I", self.data[at + 4:at + 8])[0] > 7000:
            return width // 2, height // 2
        return width, height


def compiled(example, folder):
    """The program, from the example's marked copy."""
    scratch, program = folder / example.path.name, folder / example.path.stem
    scratch.write_bytes(f'{MARKERS}\n#line 1 "{example.path}"\n'.encode() + example.marked)
    flags = shlex.split(os.environ.get("EXAMPLE_FLAGS", "-O3 -march=native -fopenmp"))
    libraries = ["-lz", "-lm"] if b"SEQNN_USE_ZLIB" in example.source else ["-lm"]
    command = [*shlex.split(os.environ.get("CC", "cc")), *flags, "-iquote", example.path.parent,
               scratch, HERE / "cell.c", "-o", program, *libraries]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise BrokenRule(f"{example.path}: does not compile\n{done.stderr.rstrip()}")
    return program


class Watch:
    """What a running program printed and drew since the last look."""

    def __init__(self, folder, printed):
        self.folder, self.printed, self.offset, self.seen = folder, printed, 0, {}

    def look(self, cell):
        with open(self.printed, "rb") as file:
            file.seek(self.offset)
            text = file.read()
        self.offset += len(text)
        cell.outputs.append(text)
        for name, state in self.pictures().items():
            if self.seen.get(name) != state:
                self.seen[name] = state
                with contextlib.suppress(OSError):
                    cell.outputs.append(Picture(name, (self.folder / name).read_bytes()))

    def pictures(self):
        states = {}
        for path in sorted(self.folder.glob("*.png")):
            with contextlib.suppress(OSError):  # a thread took it away
                state = path.stat()
                states[path.name] = state.st_mtime_ns, state.st_size, state.st_ino
        return states

    def life(self):
        """What changes as long as the program says or draws anything."""
        return self.printed.stat().st_size, self.pictures()


def typed(line):
    """A line in which the carriage went back, by \\r to its beginning or by \\b one step, as
    it stands in the end."""
    letters, at = [], 0
    for part in re.split(f"([\r\b{ERASED}])", line):
        if part == "\r":
            at = 0
        elif part == "\b":
            at = max(at - 1, 0)
        elif part == ERASED:
            del letters[at:]
        else:
            letters[at:at + len(part)] = part
            at += len(part)
    return "".join(letters)


def tidy(text):
    """Text as it stands on a terminal in the end."""
    text = ESCAPES.sub(lambda found: ERASED if found[0] in ("\x1b[K", "\x1b[0K") else "",
                       text.replace(ERASED, ""))
    lines = (typed(line) if re.search(f"[\r\b{ERASED}]", line) else line
             for line in text.split("\n"))
    return CONTROLS.sub("", "\n".join(lines))


def shortened(line):
    left_out = len(line) - LONGEST
    return line if left_out <= 0 else f"{line[:LONGEST]} ... {left_out:,} characters left out\n"


def in_order(outputs):
    """Text in one piece, without the middle if it is long; pictures, the last of each name,
    after the last line that names them, or at the end."""
    text = tidy(b"".join(o for o in outputs if isinstance(o, bytes)).decode("utf-8", "replace"))
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    pictures = {o.name: o for o in outputs if isinstance(o, Picture)}
    named = {}  # the lines after which a picture stands
    if pictures:  # a longer name first: "plot one.png" is not "one.png"
        names = "|".join(map(re.escape, sorted(pictures, key=len, reverse=True)))
        whole = re.compile(rf"(?<![\w.-])({names})(?![\w-]|\.\w)")
        for number, line in enumerate(lines):
            for found in whole.finditer(line):
                named[found[1]] = number
                pictures[found[1]].caption = re.sub(r"\S*$", "", line[:found.start()]).strip(
                    " :=->\t")
    after = {}
    for name, number in sorted(named.items(), key=lambda item: item[1]):
        after.setdefault(number, []).append(pictures[name])
    ordered, piece = [], []
    left_out = len(lines) - FIRST - LAST

    def turn():
        ordered.extend(["".join(piece)] if piece else [])
        piece.clear()
    for number, line in enumerate(lines):
        if number == FIRST and left_out > 0:
            piece.append(f"... {left_out:,} lines left out\n")
        if left_out <= 0 or not FIRST <= number < len(lines) - LAST:
            piece.append(shortened(line))
        if number in after:
            turn()
            ordered += after[number]
    turn()
    return ordered + [picture for name, picture in pictures.items() if name not in named]


def stop(process):
    """It, and the processes that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def follow(example, process, here, watch, minutes):
    """Answers a running program at each cell until it ends. The cell that it ended in."""
    cell, life, since, listening = example.cells[0], None, time.monotonic(), True
    while True:
        # A child of the program may hold the channel open for longer than the program lives.
        ended = process.poll() is not None
        if select.select([here] if listening else [], [], [], 0 if ended else 0.2)[0]:
            with contextlib.suppress(ConnectionError, subprocess.TimeoutExpired):
                word = here.recv(4)
                if word:
                    watch.look(cell)
                    cell = example.cells[int.from_bytes(word, sys.byteorder) - 1]
                    here.send(word)
                    since = time.monotonic()
                else:
                    listening = False
                    process.wait(1)
        elif ended:
            return cell
        elif watch.life() != life:
            life, since = watch.life(), time.monotonic()
        where = f"{example.path}:{example.line(cell)}: in this cell the program"
        if time.monotonic() - since > 60 * minutes:
            raise BrokenRule(f"{where} said nothing for {minutes:g} minutes and was stopped "
                             "(NOTEBOOK_MINUTES=60 gives it an hour)")
        if watch.printed.stat().st_size > PRINTED:
            raise BrokenRule(f"{where} printed more than {PRINTED >> 20} MiB and was stopped")


def ending(status, said):
    """What is wrong with how a program ended; nothing if all is well."""
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    if status:
        return f"ended with status {status}" + (" and words on stderr" if said else "")
    return "wrote words on stderr: stderr must stay empty" if said else ""


def environment(channel):
    """Threads that wait for others leave the processor to them: on a machine that does more
    than this, times are otherwise those of the waiting."""
    return {"OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": str(len(os.sched_getaffinity(0))),
            **os.environ, "NOTEBOOK_CHANNEL": str(channel)}


def run(example, program, arguments):
    """Fills the cells' outputs. The program runs in a folder of its own, in which `datasets` is
    that of the repository, so that what it prints names no folder of this machine."""
    try:
        minutes = float(os.environ.get("NOTEBOOK_MINUTES") or 10)
    except ValueError:
        raise BrokenRule("NOTEBOOK_MINUTES must be a number") from None
    with tempfile.TemporaryDirectory(prefix="seqnn-") as name:
        folder = Path(name) / "run"
        folder.mkdir()
        (folder / "datasets").symlink_to(ROOT / "datasets")
        printed, complaints = Path(name) / "stdout", Path(name) / "stderr"
        watch = Watch(folder, printed)
        here, there = socket.socketpair()
        with here, there, open(printed, "wb") as out, open(complaints, "wb") as err:
            process = subprocess.Popen(
                [program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=out,
                stderr=err, pass_fds=[there.fileno()], env=environment(there.fileno()),
                start_new_session=True)
            there.close()
            try:
                cell = follow(example, process, here, watch, minutes)
            finally:
                stop(process)
        watch.look(cell)
        said = complaints.read_text(errors="replace")
        wrong = ending(process.returncode, said)
        if wrong:
            everything = "".join(in_order([printed.read_bytes()]))
            raise BrokenRule(f"{example.path}:{example.line(cell)}: in this cell the program "
                             f"{wrong}\n{everything}{said}")
    for cell in example.cells:
        cell.outputs = in_order(cell.outputs)
        for shown in cell.outputs:
            if isinstance(shown, Picture) and not shown.whole():
                raise BrokenRule(f"{example.path}:{example.line(cell)}: in this cell the program "
                                 f"drew {shown.name}, which is not a whole PNG file "
                                 f"({len(shown.data)} bytes)")
