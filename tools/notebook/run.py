"""Compiles an example and runs it in a scratch folder; what it prints and draws goes to the
cell that it was in."""

import os
import re
import shlex
import socket
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .cells import BrokenRule

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MARKERS = "int notebook_cell(int); void notebook_return(int *);"
ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\^_])")


@dataclass
class Picture:
    name: str
    data: bytes
    caption: str = ""  # the words that announced it

    def alt(self):
        return f"{self.caption} ({self.name})" if self.caption else self.name

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
    done = subprocess.run(command, capture_output=True, text=True)
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
        for path in sorted(self.folder.glob("*.png")):
            state = path.stat().st_mtime_ns, path.stat().st_size, path.stat().st_ino
            if self.seen.get(path.name) != state:
                self.seen[path.name] = state
                cell.outputs.append(Picture(path.name, path.read_bytes()))


def tidy(text):
    """Text as it stands on a terminal in the end."""
    text = ESCAPES.sub("", text).replace("\r\n", "\n")
    return re.sub(r"[^\n]*\r", "", text)


def in_order(outputs):
    """Text in one piece; pictures, the last of each name, after the line that names them, or at
    the end."""
    text = tidy(b"".join(o for o in outputs if isinstance(o, bytes)).decode("utf-8", "replace"))
    pictures = {o.name: o for o in outputs if isinstance(o, Picture)}
    ordered = [""]
    for line in text.splitlines(keepends=True):
        ordered[-1] += line
        for name in [name for name in pictures if name in line]:
            picture = pictures.pop(name)
            said = line.rpartition(name)[0].rpartition(" ")[0]
            picture.caption = said.strip(" :=->\t")
            ordered += [picture, ""]
    return [o for o in ordered if o] + list(pictures.values())


def run(example, program, arguments):
    """Fills the cells' outputs. The program runs in a folder of its own, in which `datasets` is
    that of the repository, so that what it prints names no folder of this machine."""
    with tempfile.TemporaryDirectory(prefix="seqnn-") as name:
        folder = Path(name) / "run"
        folder.mkdir()
        (folder / "datasets").symlink_to(ROOT / "datasets")
        printed, complaints = Path(name) / "stdout", Path(name) / "stderr"
        watch, cell = Watch(folder, printed), example.cells[0]
        here, there = socket.socketpair()
        with here, there, open(printed, "wb") as out, open(complaints, "wb") as err:
            process = subprocess.Popen(
                [program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=out,
                stderr=err, pass_fds=[there.fileno()],
                env={**os.environ, "NOTEBOOK_CHANNEL": str(there.fileno())})
            there.close()
            try:
                while word := here.recv(4):
                    watch.look(cell)
                    cell = example.cells[int.from_bytes(word, sys.byteorder) - 1]
                    here.send(word)
            except ConnectionError:  # it died between the two
                pass
            status = process.wait()
        watch.look(cell)
        said = complaints.read_text(errors="replace")
        if status or said:
            raise BrokenRule(
                f"{example.path}: ended with status {status}"
                + (" and words on stderr" if said else "") + " in the cell of line "
                + str(example.line(cell)) + "\n" + printed.read_text(errors="replace") + said)
    for cell in example.cells:
        cell.outputs = in_order(cell.outputs)
