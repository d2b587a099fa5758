#!/usr/bin/env python3
"""Downloads the public sets from their own homes.

    datasets/download.py             the sets of the lectures
    datasets/download.py bbc 20news  these sets; "all" for all there are
    datasets/download.py list        names, sizes and terms

sources.json says what a set is, where its files are published and what they must be. They
go to datasets/cache/ where the readers look for them. A download that broke off, or was
killed, goes on where it was; a file gets its name after its checksum was compared; what is
there is left alone. The exit status is 1 if a set is not there in the end.
"""

import argparse
import email.utils
import errno
import fcntl
import fnmatch
import gzip
import hashlib
import http.client
import json
import os
import shutil
import stat
import sys
import tarfile
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
HASHES = ("sha256", "sha1", "md5")


class Failed(Exception):
    """This address, or this file, will not do."""


class Broken(Failed):
    """Worth another try."""


class Silent(Broken):
    """No connection: two tries are enough."""


class Busy(Broken):
    """The server asked to come back in some seconds."""

    def __init__(self, message, seconds):
        super().__init__(message)
        self.seconds = seconds


class Full(Failed):
    """The disk takes no more; another address would not help."""


def say(line):
    print(line, flush=True)


def megabytes(size):
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"


def writing(error, path):
    """The disk's error as a sentence."""
    text = f"cannot write {path}: {error.strerror or error}"
    return Full(text) if error.errno in NO_ROOM else Failed(text)


class Progress:
    """Percent, speed and time left: one line on a terminal, else a line now and then."""

    def __init__(self, name, begin, total):
        self.name, self.begin, self.total = name, begin, total
        self.started = self.shown = time.monotonic()
        self.terminal = sys.stdout.isatty()
        self.every = 0.2 if self.terminal else 5.0

    def at(self, size, end=False):
        now = time.monotonic()
        if not end and now - self.shown < self.every:
            return
        self.shown = now
        speed = (size - self.begin) / max(now - self.started, 1e-3)
        line = f"  {self.name}: "
        if self.total:
            line += f"{100 * size // self.total} % of {megabytes(self.total)}"
        else:
            line += megabytes(size)
        line += f", {speed / 1e6:.1f} MB/s"
        if self.total and not end and speed > 0:
            line += f", {(self.total - size) / speed:.0f} s left"
        if self.terminal:
            print(f"\r{line}\x1b[K", end="\n" if end else "", flush=True)
        else:
            say(line)


# ---- checking ----

def sums(path, names, opener=open):
    """The size and the checksums of a file's content."""
    hashes = {name: hashlib.new(name) for name in names}
    size = 0
    with opener(path, "rb") as file:
        while block := file.read(1 << 20):
            size += len(block)
            for one in hashes.values():
                one.update(block)
    return size, {name: one.hexdigest() for name, one in hashes.items()}


def known_sums(expected):
    return {name: expected[name] for name in HASHES if expected.get(name)}


def fault(path, expected, opener=open):
    """What is wrong with a file; nothing if it is what was expected."""
    known = known_sums(expected)
    if path.is_dir() or not known and not expected.get("size"):
        return ""
    try:
        size = path.stat().st_size
        if opener is not open or size == expected.get("size", size):
            size, found = sums(path, known, opener)
    except (OSError, EOFError, zlib.error) as error:
        return f"it cannot be read: {error}"
    if expected.get("size") and size != expected["size"]:
        return f"it has {size} bytes, expected {expected['size']}"
    for name, value in known.items():
        if found[name] != value:
            return f"its {name} is {found[name]}, expected {value}"
    return ""


def write_json(path, content):
    """Whole or not at all."""
    part = path.with_name(path.name + ".new")
    part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    os.replace(part, path)


def read_json(path):
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else {}
    except (OSError, ValueError):
        return {}


# ---- fetching ----

def reason(error):
    """An exception of urllib, http.client or socket in a few words."""
    inner = getattr(error, "reason", None)
    if isinstance(inner, Exception):
        error = inner
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def retry_after(headers):
    """The seconds a server asks for; 5 if it says nothing that can be understood."""
    value = (headers.get("Retry-After") or "").strip()
    if value.isdigit():
        return int(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, IndexError):
        return 5


def connect(address, headers, timeout):
    request = urllib.request.Request(address, headers=dict(
        headers, **{"User-Agent": "seqnn-datasets/1", "Accept-Encoding": "identity"}))
    try:
        return urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code == 416:
            return error
        text = f"the server answers {error.code} {error.reason}"
        error.close()
        if error.code in (429, 503):
            raise Busy(text, retry_after(error.headers)) from error
        raise (Broken if error.code >= 500 or error.code == 408 else Failed)(text) from error
    except (OSError, http.client.HTTPException) as error:
        raise Silent(f"the host does not answer: {reason(error)}") from error
    except ValueError as error:
        raise Failed(f"is no address: {error}") from error


def transfer(entry, address, part, options):
    """Fetches what is missing of one file from one address into part. True if it was put
    together from more than one connection."""
    notes_path = part.with_name(part.name + ".json")
    notes = read_json(notes_path)
    have = part.stat().st_size if part.exists() else 0
    notes = notes if notes.get("address") == address else {}
    if have and notes.get("total") == have:
        return True
    validator = notes.get("validator")
    headers = {}
    # Without checksum and validator nobody could tell whether two pieces are of one file.
    if have and (validator or known_sums(entry)):
        headers["Range"] = f"bytes={have}-"
        if validator:
            headers["If-Range"] = validator
    response = connect(address, headers, options.timeout)
    with response:
        total = None
        content_range = response.headers.get("Content-Range", "")
        if response.status == 416:
            if content_range == f"bytes */{have}":
                return True
            part.unlink()
            raise Broken("the server does not have the rest: from the beginning")
        if response.status == 206:
            first, _, total = content_range.removeprefix("bytes ").partition("/")
            if first.split("-")[0] != str(have):
                raise Failed(f"the server sends '{content_range}', asked from {have}")
            total = int(total) if total.isdigit() else None
        elif response.status == 200:
            if headers:
                say("  the server does not go on where it was: from the beginning")
            have = 0
            length = response.headers.get("Content-Length", "")
            total = int(length) if length.isdigit() else None
        else:
            raise Failed(f"the server answers {response.status} {response.reason}")
        if response.headers.get_content_type() == "text/html":
            raise Failed("the server sends a web page, not the file")
        if total and entry.get("size") and total != entry["size"]:
            raise Failed(f"the file there has {total} bytes, expected {entry['size']}")
        resumed = have > 0
        tag = response.headers.get("ETag", "")
        validator = tag if tag.startswith('"') else response.headers.get("Last-Modified")
        try:
            if not resumed:
                part.unlink(missing_ok=True)
            write_json(notes_path, {"address": address, "validator": validator, "total": total})
            with open(part, "ab", buffering=0) as file:
                have = receive(response, file, have, total, entry)
                os.fsync(file.fileno())
        except OSError as error:
            raise writing(error, part) from error
    if total is not None and have < total:
        raise Broken(f"broke off at {have} of {total} bytes")
    return resumed


def receive(response, file, have, total, entry):
    """Appends the body to the file; the size in the end. Errors of the network are
    Broken, those of the disk OSError."""
    expected = total or entry.get("size") or entry.get("about")
    progress = Progress(entry["name"], have, expected)
    while True:
        try:
            block = response.read1(1 << 18)
        except (OSError, http.client.HTTPException) as error:
            raise Broken(f"broke off at {have} bytes: {reason(error)}") from error
        if not block:
            progress.at(have, end=True)
            return have
        have += len(block)
        if entry.get("size") and have > entry["size"]:
            raise Failed(f"the server sends more than the {entry['size']} bytes expected")
        view = memoryview(block)
        while view:
            view = view[file.write(view):]
        progress.at(have)


def drop(part):
    for path in (part, part.with_name(part.name + ".json")):
        path.unlink(missing_ok=True)


def fetch_from(entry, address, part, options):
    """One address with patience: part is whole and right afterwards, or Failed."""
    failures, best, restarts = 0, 0, 0
    while True:
        try:
            pieces = transfer(entry, address, part, options)
            wrong = fault(part, entry)
            if not wrong:
                return
            drop(part)
            best, restarts = 0, restarts + 1
            if not pieces or restarts > 1:
                raise Failed(f"the file is not what was expected: {wrong}")
            raise Broken(f"the pieces do not fit together, from the beginning: {wrong}")
        except Broken as problem:
            size = part.stat().st_size if part.exists() else 0
            failures = 0 if size > best and not isinstance(problem, Busy) else failures + 1
            best = max(best, size)
            wait = options.pause * 2 ** failures
            if isinstance(problem, Busy):
                wait = max(problem.seconds, 0.1)
                if wait > options.patience:
                    raise Failed(f"{problem}, and asks to come back in {wait:.0f} s") from problem
            tries = min(2, options.tries) if isinstance(problem, Silent) else options.tries
            if failures >= tries:
                raise Failed(str(problem)) from problem
            say(f"  {problem}; again in {wait:.0f} s")
            time.sleep(wait)


def addresses(entry):
    """One entry per address: an address may differ from the others in some keys."""
    for address in entry["addresses"]:
        other = {"url": address} if isinstance(address, str) else address
        one = {key: value for key, value in {**entry, **other}.items() if value is not None}
        one["name"] = one.get("archive") or Path(one["to"]).name
        yield one


def fetch(entry, cache, options):
    """Downloads a file from the first address that has it. Returns (entry as this address
    has it, path of the whole download)."""
    problems = []
    for one in addresses(entry):
        part = cache / ".part" / one.get("archive", one.get("to", "")).replace("/", "_")
        say(f"  {one['url']}")
        try:
            fetch_from(one, one["url"], part, options)
            compare(one, part, cache)
            return one, part
        except Full:
            raise
        except Failed as problem:
            say(f"  {urlsplit(one['url']).hostname}: {problem}")
            problems.append(str(problem))
    raise Failed(problems[-1] if len(problems) == 1 else
                 f"none of {len(problems)} addresses gave it")


# Where no checksum is published, the first good download's is kept and compared later.

def recorded(cache):
    return cache / ".recorded.json"


def compare(entry, part, cache):
    old = read_json(recorded(cache)).get(entry["url"])
    if not known_sums(entry) and old and (wrong := fault(part, old)):
        drop(part)
        raise Failed(f"the file is not the one of the first download any more: {wrong}"
                     f" ({recorded(cache)})")


def record(entry, part, cache):
    records = read_json(recorded(cache))
    if known_sums(entry) or entry["url"] in records:
        return
    size, found = sums(part, ["sha256"])
    records[entry["url"]] = {"size": size, **found}
    write_json(recorded(cache), records)
    say(f"  no checksum is published: recorded sha256 {found['sha256']} in {recorded(cache)}")


# ---- unpacking ----

def inside(name, wanted):
    """The parts of name below wanted, which stands at the archive's top or in a folder of
    it: "a/b/c.txt" is ("c.txt",) inside "b", and () inside "c.txt" of "b/c.txt". None if it
    is not there. wanted may hold *."""
    parts, pattern = tuple(name.split("/")), wanted.split("/")
    for skip in (0, 1):
        head = parts[skip:skip + len(pattern)]
        if len(head) == len(pattern) and all(map(fnmatch.fnmatchcase, head, pattern)):
            return parts[skip + len(pattern):]
    return None


def members(archive):
    """(name, is it a folder, function that opens it) of everything in a zip or tar. A name
    that leads out of the folder, a link and a device are refused."""
    def checked(name, kind):
        if name.startswith("/") or "\\" in name or ".." in name.split("/"):
            raise Failed(f"the archive holds '{name}', which leads out of the folder")
        if kind not in ("file", "folder"):
            raise Failed(f"the archive holds '{name}', which is neither file nor folder")
        return name.removeprefix("./").rstrip("/"), kind == "folder"

    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for info in packed.infolist():
                mode = stat.S_IFMT(info.external_attr >> 16)
                kind = ("folder" if info.is_dir() else
                        "file" if mode in (0, stat.S_IFREG) else "other")
                yield (*checked(info.filename, kind), lambda info=info: packed.open(info))
    else:
        with tarfile.open(archive, "r:*") as packed:
            for info in packed:
                kind = "file" if info.isreg() else "folder" if info.isdir() else "other"
                yield (*checked(info.name, kind), lambda info=info: packed.extractfile(info))


def unpack(entry, archive, cache):
    """Unpacks what the entry wants into a folder aside, then renames each target."""
    aside = archive.with_name(archive.name + ".unpacked")
    shutil.rmtree(aside, ignore_errors=True)
    say(f"  unpacking {entry['name']}")
    try:
        for name, folder, opened in members(archive):
            for number, target in enumerate(entry["unpack"]):
                below = inside(name, target["member"])
                if below is None:
                    continue
                path = aside.joinpath(str(number), *below)
                (path if folder else path.parent).mkdir(parents=True, exist_ok=True)
                if not folder:
                    with opened() as source, open(path, "xb") as file:
                        shutil.copyfileobj(source, file, 1 << 20)
        for number, target in enumerate(entry["unpack"]):
            path = aside / str(number)
            if not path.exists():
                raise Failed(f"the archive does not hold {target['member']}")
            if wrong := fault(path, target):
                raise Failed(f"{target['member']} is not what was expected: {wrong}")
        for number, target in enumerate(entry["unpack"]):
            final = cache / target["to"]
            if not final.exists():
                final.parent.mkdir(parents=True, exist_ok=True)
                os.replace(aside / str(number), final)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, RuntimeError,
            NotImplementedError) as error:
        raise Failed(f"the archive is damaged: {error}") from error
    except OSError as error:
        raise writing(error, error.filename or aside) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


# ---- sets ----

def targets(entry):
    return entry["unpack"] if "unpack" in entry else [entry]


def place(cache, target):
    """(path, how to open it) of a target that is there, perhaps compressed; or None."""
    for path, opener in ((cache / target["to"], open), (cache / (target["to"] + ".gz"), gzip.open)):
        if path.exists():
            return path, opener
    return None


def look(entry, cache):
    """"there" or "missing"; Failed if a file is there that is not the right one."""
    state = "there"
    for target in targets(entry):
        found = place(cache, target)
        if not found:
            state = "missing"
        elif wrong := fault(found[0], target, found[1]):
            raise Failed(f"{found[0]} is there, but {wrong}. Remove it to get it anew")
    return state


def get(entry, cache, options):
    """Brings one file of a set into the cache; Failed if that does not succeed."""
    if look(entry, cache) == "there":
        return "there"
    room = shutil.disk_usage(cache).free
    size = entry.get("size") or entry.get("about") or 0
    if size > room:
        raise Full(f"{megabytes(size)} to download, but {cache} has room for {megabytes(room)}")
    one, part = fetch(entry, cache, options)
    if "unpack" in one:
        try:
            unpack(one, part, cache)
        except Full:
            raise  # and the archive stays
        except Failed:
            drop(part)
            raise
        record(one, part, cache)
    else:
        record(one, part, cache)
        final = cache / one["to"]
        final.parent.mkdir(parents=True, exist_ok=True)
        os.replace(part, final)
    drop(part)
    return "fetched"


def get_set(one, cache, options):
    """"there", "fetched", "by hand" or "failed"."""
    say(f"{one['name']}: {one['title']}")
    say(f"  terms: {one['terms']}")
    states = set()
    for entry in one["files"]:
        try:
            if "by_hand" in one:
                state = look(entry, cache)
                if state == "missing":
                    say(f"  to fetch by hand: {one['by_hand']}")
                    say(f"  put it at {cache / entry['to']} (or .gz), then call this again")
                    state = "by hand"
                elif not known_sums(entry):
                    say(f"  {entry['to']} is there; no checksum is published for it")
            else:
                state = get(entry, cache, options)
        except Failed as problem:
            say(f"  FAILED: {problem}")
            state = "failed"
        except OSError as error:
            say(f"  FAILED: {writing(error, error.filename or cache)}")
            state = "failed"
        states.add(state)
    return next(s for s in ("failed", "by hand", "fetched", "there") if s in states)


def left_of(one, cache):
    """The bytes to download; 0 if everything is there or nobody knows."""
    return sum(entry.get("size") or entry.get("about") or 0 for entry in one["files"]
               if not all(place(cache, target) for target in targets(entry)))


def show_list(sets, cache):
    for one in sets:
        left = left_of(one, cache)
        there = all(place(cache, target) for entry in one["files"] for target in targets(entry))
        state = ("there" if there else "by hand" if "by_hand" in one else
                 megabytes(left) if left else "?")
        say(f"{one['name']:14} {state:>9}  {one['title']}")
        say(f"{'':26}terms: {one['terms']}")
        if "only_by_name" in one:
            say(f"{'':26}only by its name: {one['only_by_name']}")


def choose(sets, names):
    """The sets of these names, in the table's order."""
    if not names:
        return [one for one in sets if "only_by_name" not in one]
    if names == ["all"]:
        return sets
    known = [one["name"] for one in sets]
    for name in names:
        if name not in known:
            sys.exit(f"datasets: there is no set '{name}', only {', '.join(known)}")
    return [one for one in sets if one["name"] in names]


def lock(cache):
    """Held until the program ends, however it ends."""
    file = open(cache / ".part" / "lock", "w", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"datasets: another download into {cache} is at work")
    return file


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("sets", nargs="*", metavar="SET", help="names, or list, or all")
    parser.add_argument("--cache", type=Path, default=HERE / "cache", help="where they go")
    parser.add_argument("--sources", type=Path, default=HERE / "sources.json", help="the table")
    parser.add_argument("--timeout", type=float, default=30, help="s without a byte (30)")
    parser.add_argument("--tries", type=int, default=4, help="per address, without progress (4)")
    parser.add_argument("--pause", type=float, default=1, help="s before the second try (1)")
    parser.add_argument("--patience", type=float, default=120, help="longest Retry-After, s (120)")
    options = parser.parse_args()
    cache = options.cache
    sets = json.loads(options.sources.read_text(encoding="utf-8"))
    if options.sets in (["list"], ["help"]):
        show_list(sets, cache)
        return 0
    chosen = choose(sets, options.sets)
    try:
        (cache / ".part").mkdir(parents=True, exist_ok=True)
        held = lock(cache)
    except OSError as error:
        sys.exit(f"datasets: {writing(error, cache)}")
    left = sum(left_of(one, cache) for one in chosen if "by_hand" not in one)
    if left:
        say(f"datasets: about {megabytes(left)} to download into {cache}")
    results = {}
    with held:
        for one in chosen:
            results.setdefault(get_set(one, cache, options), []).append(one["name"])
    say("datasets: " + "; ".join(f"{state}: {', '.join(results[state])}" for state in (
        "there", "fetched", "by hand", "failed") if state in results))
    return 1 if "failed" in results or (options.sets and "by hand" in results) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\ndatasets: stopped; what came so far is kept, the next call goes on there")
