"""datasets/download.py against a server of this machine that breaks off, ignores ranges,
redirects, is busy, lies, and vanishes; and against hostile archives, a full disk and
SIGKILL. The table of the public sets names nothing twice and only what can be checked."""

import gzip
import hashlib
import http.server
import io
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "portability"))
from tap import ROOT, Report, scratch  # noqa: E402

SCRIPT = ROOT / "datasets" / "download.py"
DATA = bytes((i * i // 7 + i // 251) % 256 for i in range(300_000))
SHA256 = hashlib.sha256(DATA).hexdigest()


def tar(names, content=b"text\n", link=None):
    """A .tar.gz of files, and perhaps a link."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
        if link:
            info = tarfile.TarInfo(link)
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            packed.addfile(info)
    return out.getvalue()


def zipped(members, link=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = 0o120777 << 16
            packed.writestr(info, "/etc/passwd")
    return out.getvalue()


FILES = {
    "data.bin": DATA,
    "set.tar.gz": tar(["set/one/1.txt", "set/two/2.txt", "other/3.txt"]),
    "set.zip": zipped({"set/": "", "set/one/1.txt": "text\n", "__MACOSX/set/x": "no"}),
    "nested.zip": zipped({"pack/vec.txt": "a 1\n", "pack/._vec.txt": "no"}),
    "outside.tar.gz": tar(["set/1.txt", "set/../../../escaped.txt"]),
    "absolute.tar.gz": tar(["/tmp/seqnn-escaped.txt", "set/1.txt"]),
    "link.tar.gz": tar(["set/1.txt"], link="set/link"),
    "outside.zip": zipped({"set/1.txt": "x", "../escaped.txt": "x"}),
    "link.zip": zipped({"set/1.txt": "x"}, link="set/link"),
    "damaged.tar.gz": tar(["set/%d.txt" % i for i in range(99)], os.urandom(99))[:-200],
    "damaged.zip": zipped({"set/1.txt": os.urandom(999)}).replace(b"PK\x03\x04", b"PK\x03\x05"),
    "none.zip": b"not an archive at all",
}


def parallel(function, jobs):
    """function(job) for every job; they wait more than they work."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(function, jobs))


class Server(http.server.ThreadingHTTPServer):
    """/<behaviour>[/...]/<file>; every request is noted as (path, its Range)."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def address(self, path):
        return f"http://127.0.0.1:{self.server_port}/{path}"

    def ranges(self, path):
        return [wanted for at, wanted in self.requests if at == "/" + path]

    def handle_error(self, request, client_address):
        pass  # clients that were killed


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, status, headers, body=b""):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        server, path = self.server, self.path
        server.requests.append((path, self.headers.get("Range")))
        calls = len(server.ranges(path[1:]))
        behaviour = path.split("/")[1]
        name = path.rsplit("/", 1)[1]
        if behaviour.isdigit():
            self.answer(int(behaviour), {"Content-Length": 0})
        elif behaviour == "redirect":
            self.answer(302, {"Location": "/good/" + name, "Content-Length": 0})
        elif behaviour == "circle":
            self.answer(302, {"Location": path, "Content-Length": 0})
        elif behaviour.startswith("busy") and calls <= 2:
            after = {"busy": 1, "busydate": formatdate(time.time() + 1, usegmt=True),
                     "busylong": 4000, "busyodd": "soon"}[behaviour]
            self.answer(503, {"Retry-After": after, "Content-Length": 0})
        elif behaviour == "html":
            self.answer(200, {"Content-Type": "text/html; charset=utf-8"}, b"<p>Log in")
        elif behaviour == "rude":
            self.connection.close()
        else:
            self.send_file(behaviour, calls, FILES[name])

    def send_file(self, behaviour, calls, data):
        if behaviour == "wrong":
            data = data[:-1] + b"!"
        if behaviour == "changed":
            data = data if calls > 1 else bytes(len(data))
        headers = {"ETag": f'"{hashlib.md5(data).hexdigest()}"'}
        wanted = re.match(r"bytes=(\d+)-$", self.headers.get("Range") or "")
        if self.headers.get("If-Range", headers["ETag"]) != headers["ETag"]:
            wanted = None
        if behaviour in ("plain", "plaincut"):
            headers, wanted = {}, None
        if behaviour == "mixed":
            headers = {}  # the second half is another file's, and nothing says so
            data = data if calls != 1 else bytes(len(data))
        begin, status = (int(wanted[1]), 206) if wanted else (0, 200)
        if begin >= len(data):
            self.answer(416, {"Content-Range": f"bytes */{len(data)}", "Content-Length": 0})
            return
        if status == 206:
            headers["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
        body = data[begin:]
        if behaviour != "unsized":
            headers["Content-Length"] = len(body)
        if behaviour in ("cut", "changed", "mixed", "cutalways", "stall") or (
                behaviour == "plaincut" and calls == 1):
            body = body[:0 if behaviour == "cutalways" and calls > 1 else 100_000]
        self.answer(status, headers)
        if behaviour == "slow":
            for at in range(0, len(body), 10_000):
                self.wfile.write(body[at:at + 10_000])
                time.sleep(0.05)
        else:
            self.wfile.write(body)
        if behaviour == "stall" and calls == 1:
            self.wfile.flush()
            time.sleep(2)


class Case:
    """A cache of its own and the table for it."""

    def __init__(self, server, folder, name):
        self.server, self.folder = server, folder / name
        self.cache = self.folder / "cache"
        self.folder.mkdir()

    def table(self, *files, **more):
        sets = [dict({"name": "set", "title": "a set", "terms": "free", "files": list(files)},
                     **more)]
        (self.folder / "sources.json").write_text(json.dumps(sets))
        return self

    def data(self, *paths, **more):
        """A table of data.bin at these addresses; one with :// is taken as it is."""
        urls = [path if "://" in path else self.server.address(path) for path in paths]
        entry = {"to": "there/data.bin", "addresses": urls, "sha256": SHA256, **more}
        return self.table({key: value for key, value in entry.items() if value})

    def archive(self, name, member="set", to="sets/set"):
        return self.table({"archive": name, "addresses": [self.server.address("good/" + name)],
                           "unpack": [{"member": member, "to": to}]})

    def command(self, *names):
        return [sys.executable, str(SCRIPT), "--sources", str(self.folder / "sources.json"),
                "--cache", str(self.cache), "--timeout", "1", "--pause", "0.02", "--tries", "3",
                "--patience", "10", *names]

    def run(self, *names, command=None):
        result = subprocess.run(command or self.command(*names), stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, check=False)
        return result.returncode, result.stdout

    def file(self):
        path = self.cache / "there" / "data.bin"
        return path.read_bytes() if path.exists() else None

    def leftovers(self):
        return sorted(path.name for path in (self.cache / ".part").iterdir()
                      if path.name != "lock")


def fetches(server, folder):
    """(check, is it good, detail) of downloads that must succeed or fail as told."""
    wrong = hashlib.sha256(b"another").hexdigest()
    nowhere = "http://127.0.0.1:9/data.bin"
    table = [  # name, addresses, keys of the entry, exit status, what is said
        ("as it should be", ["good/data.bin"], {}, 0, r"fetched: set"),
        ("a redirect", ["redirect/data.bin"], {}, 0, r"fetched: set"),
        ("a circle of redirects", ["circle/data.bin"], {}, 1, r"302"),
        ("a connection that breaks twice", ["cut/data.bin"], {}, 0, r"broke off at 100000 of"),
        ("one that always breaks", ["cutalways/data.bin"], {}, 1, r"broke off at 100000 of 300000"),
        ("a server without ranges", ["plaincut/data.bin"], {}, 0, r"from the beginning"),
        ("a file that changes meanwhile", ["changed/data.bin"], {}, 0, r"from the beginning"),
        ("pieces of two files", ["mixed/data.bin"], {}, 0, r"do not fit together"),
        ("a server that stalls", ["stall/data.bin"], {}, 0, r"no answer in time"),
        ("a body without length", ["unsized/data.bin"], {"size": 300000}, 0, r"fetched: set"),
        ("a wrong checksum", ["wrong/data.bin"], {}, 1, rf"expected {SHA256}"),
        ("a wrong checksum, then a mirror", ["wrong/data.bin", "good/data.bin"], {}, 0, r"fetched"),
        ("sha1 and md5", ["good/data.bin"],
         {"sha256": None, "sha1": hashlib.sha1(DATA).hexdigest(),
          "md5": hashlib.md5(DATA).hexdigest()}, 0, r"fetched"),
        ("a wrong md5", ["good/data.bin"], {"sha256": None, "md5": "0" * 32}, 1, r"its md5 is"),
        ("a wrong size", ["good/data.bin"], {"size": 299999}, 1, r"300000 bytes, expected 299999"),
        ("more than was expected", ["unsized/data.bin"], {"size": 9}, 1, r"sends more than the 9"),
        ("404, then a mirror", ["404/data.bin", "good/data.bin"], {}, 0, r"answers 404 Not Found"),
        ("404 everywhere", ["404/data.bin", "404/x/data.bin"], {}, 1, r"none of 2 addresses"),
        ("500 everywhere", ["500/data.bin"], {}, 1, r"answers 500 .*; again in"),
        ("503 and Retry-After in seconds", ["busy/data.bin"], {}, 0, r"503 .*; again in 1 s"),
        ("503 and Retry-After as a date", ["busydate/data.bin"], {}, 0, r"503 .*; again in [01] s"),
        ("503 for an hour", ["busylong/data.bin"], {}, 1, r"asks to come back in 4000 s"),
        ("a web page in its place", ["html/data.bin"], {}, 1, r"a web page, not the file"),
        ("a host that is not there", [nowhere], {}, 1, r"127.0.0.1: .*Connection refused"),
        ("a host that hangs up", ["rude/data.bin"], {}, 1, r"does not answer"),
        ("no address", ["nonsense://x"], {}, 1, r"unknown url type"),
        ("one address with another checksum",
         ["404/data.bin", {"url": server.address("good/own/data.bin"), "sha256": SHA256}],
         {"sha256": wrong}, 0, r"fetched"),
    ]

    def one(job):
        number, (name, paths, keys, status, said) = job
        case = Case(server, folder, f"fetch{number}")
        urls = [path if isinstance(path, dict) or "://" in path else
                server.address(path.replace("/", f"/{number}/", 1)) for path in paths]
        entry = {"to": "there/data.bin", "addresses": urls, "sha256": SHA256, **keys}
        code, output = case.table({k: v for k, v in entry.items() if v}).run()
        good = (code == status and re.search(said, output) is not None
                and case.file() == (DATA if status == 0 else None)
                and (status or case.leftovers() == []))
        return name, good, f"exit status {code}\n{output}"

    return parallel(one, list(enumerate(table)))


def again(report, server, folder):
    """Second calls: what is there, what was recorded, what is wrong."""
    case = Case(server, folder, "again").data("good/again/data.bin")
    case.run()
    code, output = case.run()
    report.check("what is there is not fetched again", code == 0 and "there: set" in output and
                 len(server.ranges("good/again/data.bin")) == 1, output)
    (case.cache / "there" / "data.bin").write_bytes(DATA[:-1] + b"?")
    code, output = case.run()
    report.check("a wrong file that is there is named", code == 1 and "Remove it" in output, output)

    case = Case(server, folder, "record").data("good/record/data.bin", sha256=None)
    code, output = case.run()
    report.check("a first checksum is recorded", code == 0 and
                 f"recorded sha256 {SHA256}" in output, output)
    (case.cache / "there" / "data.bin").unlink()
    code, output = case.run()
    report.check("the same file comes again", code == 0 and case.file() == DATA, output)
    (case.cache / "there" / "data.bin").unlink()
    FILES["record/data.bin"], FILES["data.bin"] = DATA, b"new" + DATA
    code, output = case.run()
    FILES["data.bin"] = DATA
    report.check("another is refused", code == 1 and "of the first download any more" in output and
                 case.file() is None, output)

    case = Case(server, folder, "mirror").data("cutalways/mirror/data.bin", "good/mirror/data.bin")
    code, output = case.run()
    report.check("a mirror goes on where the first address broke off", code == 0 and
                 server.ranges("good/mirror/data.bin") == ["bytes=100000-"], output)


def killed(report, server, folder):
    """SIGKILL at several places of a slow download; then it goes on."""
    def one(number):
        path = f"slow/kill{number}/data.bin"
        case = Case(server, folder, f"kill{number}").data(path)
        process = subprocess.Popen(case.command(), stdout=subprocess.DEVNULL)
        while not server.ranges(path):
            time.sleep(0.01)
        time.sleep(0.2 + 0.25 * number)
        process.send_signal(signal.SIGKILL)
        process.wait()
        before = case.file()
        code, output = case.run()
        ranges = server.ranges(path)
        good = (before is None and code == 0 and case.file() == DATA and case.leftovers() == []
                and len(ranges) == 2 and ranges[1] is not None)
        return good, f"{ranges}\n{output}"

    for number, (good, detail) in enumerate(parallel(one, range(4))):
        report.check(f"killed in the middle, it goes on ({number + 1})", good, detail)

    case = Case(server, folder, "late").archive("set.tar.gz")
    (case.cache / ".part").mkdir(parents=True)
    data = FILES["set.tar.gz"]
    (case.cache / ".part" / "set.tar.gz").write_bytes(data)
    (case.cache / ".part" / "set.tar.gz.json").write_text(json.dumps(
        {"address": server.address("good/set.tar.gz"), "total": len(data)}))
    (case.cache / ".part" / "set.tar.gz.unpacked").mkdir()
    (case.cache / ".part" / "set.tar.gz.unpacked" / "0").write_text("half")
    calls = len(server.ranges("good/set.tar.gz"))
    code, output = case.run()
    report.check("killed while unpacking: unpacked anew, not fetched anew", code == 0 and
                 (case.cache / "sets/set/one/1.txt").read_text() == "text\n" and
                 len(server.ranges("good/set.tar.gz")) == calls, output)

    case = Case(server, folder, "two").data("slow/two/data.bin")
    with subprocess.Popen(case.command(), stdout=subprocess.DEVNULL) as process:
        while not server.ranges("slow/two/data.bin"):
            time.sleep(0.01)
        code, output = case.run()
        report.check("two at once: the second is refused", code == 1 and
                     "another download" in output, output)
        process.wait()
    report.check("and the first ends well", case.file() == DATA)


def archives(report, server, folder):
    for name, member, there in (("set.tar.gz", "set", "sets/set/one/1.txt"),
                                ("set.zip", "set", "sets/set/one/1.txt"),
                                ("set.tar.gz", "s*t", "sets/set/two/2.txt"),
                                ("nested.zip", "vec.txt", "sets/set")):
        case = Case(server, folder, f"{name}-{member.replace('*', '_')}").archive(name, member)
        code, output = case.run()
        files = [str(path.relative_to(case.cache)) for path in case.cache.glob("sets/**/*")
                 if path.is_file()]
        report.check(f"{name}: {member} is unpacked, and nothing else", code == 0 and
                     there in files and case.leftovers() == [] and
                     not any("MACOSX" in path or "3.txt" in path for path in files),
                     f"{files}\n{output}")
    bad = (("outside.tar.gz", "set", "leads out of the folder"),
           ("absolute.tar.gz", "set", "leads out of the folder"),
           ("outside.zip", "set", "leads out of the folder"),
           ("link.tar.gz", "set", "neither file nor folder"),
           ("link.zip", "set", "neither file nor folder"),
           ("damaged.tar.gz", "set", "the archive is damaged"),
           ("damaged.zip", "set", "the archive is damaged"),
           ("none.zip", "set", "the archive is damaged"),
           ("set.zip", "nothing", "does not hold nothing"))

    def refused(job):
        name, member, said = job
        case = Case(server, folder, f"bad-{name}-{member}").archive(name, member)
        code, output = case.run()
        return (f"{name} ({member}) is refused", code == 1 and said in output and
                not (case.cache / "sets").exists() and case.leftovers() == [], output)

    for result in parallel(refused, bad):
        report.check(*result)
    report.check("nothing lies outside", not list(folder.glob("**/escaped.txt")) and
                 not Path("/tmp/seqnn-escaped.txt").exists())


def by_hand(report, server, folder):
    case = Case(server, folder, "hand").table(
        {"to": "hand/file.csv", "size": len(DATA), "sha256": SHA256},
        by_hand="https://example.org (an account is needed): file.csv")
    code, output = case.run("set")
    report.check("by hand: what to fetch and where to put it", code == 1 and
                 "https://example.org" in output and str(case.cache / "hand/file.csv") in output,
                 output)
    report.check("by hand among all: no failure", case.run()[0] == 0)
    path = case.cache / "hand" / "file.csv"
    path.parent.mkdir()
    for content, status, said in ((DATA, 0, "there: set"), (DATA[:-1], 1, "has 299999 bytes"),
                                  (DATA[:-1] + b"?", 1, "its sha256 is")):
        path.write_bytes(content)
        code, output = case.run("set")
        report.check(f"by hand: {said}", code == status and said in output, output)
    path.unlink()
    for content, status in ((gzip.compress(DATA), 0), (gzip.compress(DATA)[:-99], 1)):
        (case.cache / "hand" / "file.csv.gz").write_bytes(content)
        code, output = case.run("set")
        report.check(f"by hand, compressed: exit status {status}", code == status, output)


def full_disk(report, server, folder):
    case = Case(server, folder, "full").data("good/full/data.bin", "good/full2/data.bin")
    limited = ["sh", "-c", 'ulimit -f 100; exec "$@"', "sh", *case.command()]
    code, output = case.run(command=limited)
    report.check("a full disk is named, and no other address tried", code == 1 and
                 "cannot write" in output and not server.ranges("good/full2/data.bin"), output)
    code, output = case.run()
    report.check("with room again it goes on", code == 0 and case.file() == DATA and
                 server.ranges("good/full/data.bin")[1] is not None, output)
    case = Case(server, folder, "huge").data("good/huge/data.bin", size=10 ** 18)
    code, output = case.run()
    report.check("what cannot fit is not begun", code == 1 and "has room for" in output and
                 not server.ranges("good/huge/data.bin"), output)


def unpacked_here(report, folder):
    """datasets/unpack.sh, for archives that lie somewhere already."""
    script, data = folder / "unpack" / "unpack.sh", folder / "archives"
    for name, content in {
            "20news/20news-bydate.tar.gz": tar(["20news-bydate-train/g/1",
                                                "20news-bydate-test/g/2"]),
            "bbc/bbc-fulltext.tar.gz": tar(["bbc/sport/1.txt"]),
            "bbc/bbc-titles.tsv": b"sport\tx\n",
            "imdb/aclImdb.tar.gz": tar(["aclImdb/train/pos/1_9.txt", "aclImdb/README"]),
            "ner-gmb/gmb-sentences-labels.tar.gz": tar(["gmb/train/labels.txt"]),
            "wordvec/glove.6B.50d.subset9068.txt.gz": gzip.compress(b"a 1\n")}.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(content)
    script.parent.mkdir()
    script.write_bytes((ROOT / "datasets" / "unpack.sh").read_bytes())
    cache = script.parent / "cache"
    (cache / "imdb" / "aclImdb.part").mkdir(parents=True)  # what a killed call leaves
    expected = ["20news/20news-bydate-test/g/2", "20news/20news-bydate-train/g/1",
                "bbc/bbc-titles.tsv", "bbc/bbc/sport/1.txt", "imdb/aclImdb/README",
                "imdb/aclImdb/train/pos/1_9.txt", "ner-gmb/gmb/train/labels.txt",
                "wordvec/glove.6B.50d.subset9068.txt"]
    for name, said in (("unpack.sh brings archives where the readers look", "unpack: imdb/aclImdb"),
                       ("unpack.sh leaves alone what is there", "unpack: imdb/aclImdb is there")):
        result = subprocess.run(["sh", str(script), str(data)], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, check=False)
        files = sorted(str(path.relative_to(cache)) for path in cache.rglob("*") if path.is_file())
        report.check(name, result.returncode == 0 and files == expected and
                     not list(cache.rglob("*.part")) and said in result.stdout,
                     f"{files}\n{result.stdout}")


def table(report):
    """The committed table."""
    sets = json.loads((ROOT / "datasets" / "sources.json").read_text(encoding="utf-8"))
    names = [one["name"] for one in sets]
    ends, faults = [], []
    for one in sets:
        for entry in one["files"]:
            # The vectors of one size and all of them give the same files.
            ends += [target["to"] for target in entry.get("unpack", [entry])
                     if one["name"] != "glove"]
            urls = [a if isinstance(a, str) else a["url"] for a in entry.get("addresses", [])]
            if not urls and "by_hand" not in one:
                faults.append(f"{one['name']}: no address")
            faults += [url for url in urls if not re.match(r"https?://[\w.-]+/\S+$", url)]
            for kind, digits in (("sha256", 64), ("sha1", 40), ("md5", 32)):
                value = entry.get(kind, "0" * digits)
                if not re.fullmatch(rf"[0-9a-f]{{{digits}}}", value):
                    faults.append(f"{one['name']}: {kind} {value}")
    report.check("sources.json: names and files are unique", len(set(names)) == len(names) and
                 len(set(ends)) == len(ends), sorted(ends))
    report.check("sources.json: addresses and checksums are such", not faults, faults)
    listed = subprocess.run([sys.executable, str(SCRIPT), "list"], stdout=subprocess.PIPE,
                            text=True, check=True).stdout
    report.check("list shows every set", all(re.search(rf"^{name} .*\n +terms: .", listed, re.M)
                                             for name in names), listed)
    result = subprocess.run([sys.executable, str(SCRIPT), "nonsense"], stderr=subprocess.PIPE,
                            text=True, check=False)
    report.check("a name that is none", result.returncode == 1 and
                 "there is no set 'nonsense', only bbc, 20news" in result.stderr, result.stderr)
    data = ROOT.parent / "shared" / "data"
    if not data.is_dir():
        report.skip("the public sets here have these checksums", "they are not here")
        return
    wrong, seen = [], 0
    for one in sets:
        for entry in one["files"]:
            path = data / entry.get("to", "none")
            if path.is_file():
                seen += 1
                if entry.get("sha256") not in (None, hashlib.sha256(path.read_bytes()).hexdigest()):
                    wrong.append(str(path))
    report.check("the public sets here have these checksums", seen > 15 and not wrong, wrong)


def main():
    report = Report()
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    server = Server()
    with scratch() as name:
        folder = Path(name)
        for check, good, detail in fetches(server, folder):
            report.check(check, good, detail)
        again(report, server, folder)
        killed(report, server, folder)
        archives(report, server, folder)
        by_hand(report, server, folder)
        full_disk(report, server, folder)
        unpacked_here(report, folder)
    table(report)
    report.end()


main()
