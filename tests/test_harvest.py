"""datasets/harvest_arxiv against an OAI-PMH server of this machine that pages, is busy,
forgets its tokens, sends broken XML, cuts connections and stalls. What was harvested must
be what the server holds; SIGKILL at any moment costs nothing. The harvester is built with
the address and undefined-behaviour sanitizers, and once without for the speed."""

import http.server
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).resolve().parent / "portability"))
from tap import ROOT, WARNINGS, Report, call, have, scratch  # noqa: E402

SOURCE = ROOT / "datasets" / "harvest_arxiv.c"
SUBJECTS = ["cs.AI", "cs.CL", "cs.CV", "cs.LG", "eess.IV", "math.PR", "stat.ML"]


def papers(count, seed, by_date):
    """What a server holds: every ninth paper is deleted."""
    draw = random.Random(seed)
    days = [f"20{draw.randrange(8, 26):02}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
            for _ in range(count)]
    result = []
    for i, day in enumerate(sorted(days) if by_date else days):
        result.append({
            "id": f"{704 + i // 40:04}.{i:05}" if i % 11 else f"cs/{9900000 + i}",
            "datestamp": day, "deleted": i % 9 == 4,
            "title": f'Paper {i}: <b> & "quotes" \\ back\\slash',
            "categories": " ".join(draw.sample(SUBJECTS, draw.randrange(1, 4))),
            "abstract": f"We prove $x_{i} < \\alpha$ é 中 😀.\nSecond\tline ]]> of {i}."})
    return result


def as_xml(paper):
    if paper["deleted"]:
        return (f'<record><header status="deleted"><identifier>oai:arXiv.org:{paper["id"]}'
                f'</identifier><datestamp>{paper["datestamp"]}</datestamp></header></record>\n')
    return f"""<record><header><identifier>oai:arXiv.org:{paper["id"]}</identifier>
<datestamp>{paper["datestamp"]}</datestamp><setSpec>cs:cs</setSpec></header><metadata>
<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{paper["id"]}</id><created>2007-03-31</created>
<authors><author><keyname>Doe</keyname><forenames>J.</forenames></author></authors>
<title>{escape(paper["title"])}</title><categories>{paper["categories"]}</categories>
<abstract>  {escape(paper["abstract"])}
</abstract></arXiv></metadata></record>
"""


class Server(http.server.ThreadingHTTPServer):
    """trouble: of the n-th request (from 1), what goes wrong with it."""
    daemon_threads = True

    def __init__(self, count=230, page=50, trouble=None, by_date=True, delay=0.0, prefix=""):
        super().__init__(("127.0.0.1", 0), Handler)
        self.papers = papers(count, 7, by_date)
        self.page, self.trouble, self.delay = page, trouble or {}, delay
        self.prefix = prefix
        self.tokens, self.serial = {}, 0
        self.requests, self.times = [], []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05},
                         daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # clients that were killed

    def url(self):
        return f"http://127.0.0.1:{self.server_port}/oai"

    def listed(self, first="", last=""):
        return [paper for paper in self.papers
                if paper["datestamp"] >= first and (not last or paper["datestamp"] <= last)]

    def held(self, **dates):
        """What a harvest must have in the end."""
        return [{key: value for key, value in paper.items() if key != "deleted"}
                for paper in self.listed(**dates) if not paper["deleted"]]

    def error(self, code):
        return self.whole(f'<error code="{code}">so it is</error>')

    def whole(self, inner):
        text = ('<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns='
                '"http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z'
                f"</responseDate><request>x</request>{inner}</OAI-PMH>\n")
        if self.prefix:  # the same with prefixes, as some servers write it
            text = re.sub(r"<(/?)(OAI-PMH|ListRecords|record|header|identifier|datestamp|setSpec|"
                          r"metadata|resumptionToken|responseDate|request|error)\b",
                          rf"<\1{self.prefix}:\2", text).replace("xmlns=", f"xmlns:{self.prefix}=",
                                                                 1)
        return text.encode()

    def page_of(self, query):
        """The answer to a request without trouble."""
        with self.lock:
            if token := query.get("resumptionToken"):
                if token not in self.tokens:
                    return self.error("badResumptionToken")
                begin, first, last = self.tokens[token]
            elif query.get("metadataPrefix") != "arXiv" or query.get("set") != "cs":
                return self.error("badArgument")
            else:
                begin, first, last = 0, query.get("from", ""), query.get("until", "")
            listed = self.listed(first, last)
            if not listed:
                return self.error("noRecordsMatch")
            end = begin + self.page
            rest = ""
            if end < len(listed):
                self.serial += 1
                rest = f"verb%3D{self.serial}|{end}&x=ü+/"
                self.tokens[rest] = (end, first, last)
            return self.whole(
                "<ListRecords>" + "".join(map(as_xml, listed[begin:end])) +
                f'<resumptionToken cursor="{begin}" completeListSize="{len(listed)}">'
                f"{escape(rest)}</resumptionToken></ListRecords>")


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, status, body, headers=None, length=None):
        self.send_response(status)
        headers = dict({"Content-Length": len(body) if length is None else length},
                       **(headers or {}))
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        server = self.server
        query = {key: value[0] for key, value in parse_qs(urlsplit(self.path).query).items()}
        with server.lock:
            server.requests.append(query)
            server.times.append(time.monotonic())
            trouble = server.trouble.get(len(server.requests)) or server.trouble.get("always")
        if trouble == "forget":
            server.tokens.clear()
            trouble = None
        time.sleep(server.delay)
        body = server.page_of(query)
        if trouble is None:
            self.answer(200, body)
        elif isinstance(trouble, int):
            self.answer(trouble, b"")
        elif trouble == "busy":
            self.answer(503, b"wait", {"Retry-After": 1})
        elif trouble == "busydate":
            self.answer(503, b"wait", {"Retry-After": formatdate(time.time() + 1.9, usegmt=True)})
        elif trouble == "busylong":
            self.answer(503, b"wait", {"Retry-After": 7200})
        elif trouble == "cut":
            self.answer(200, body[:len(body) // 2], length=len(body))
        elif trouble == "cutunsized":
            self.answer(200, body[:len(body) // 2], {"Content-Length": None})
        elif trouble == "broken":
            self.answer(200, body.replace(b"</title>", b"</tilte>"))
        elif trouble == "latin1":
            self.answer(200, body.replace("é".encode(), b"\xe9"))
        elif trouble == "html":
            self.answer(200, b"<html><body>Maintenance</body></html>")
        elif trouble == "empty":
            self.answer(200, b"")
        elif trouble == "hangup":
            self.connection.close()
        elif trouble == "stall":
            self.answer(200, body[:100], length=len(body))
            self.wfile.flush()
            time.sleep(6)
        elif trouble == "same":
            token = escape(query.get("resumptionToken", "")).encode()
            self.answer(200, re.sub(rb"(completeListSize=\"\d+\">).*(</res)",
                                    lambda found: found[1] + token + found[2], body))


class Harvest:
    """A folder and how to call the harvester for it."""

    def __init__(self, program, folder, name):
        self.program, self.out = program, folder / name

    def command(self, server, *more):
        return [str(self.program), "--url", server.url(), "--out", str(self.out), "--wait", "0",
                "--timeout", "4", "--tries", "3", "--patience", "100", *map(str, more)]

    def run(self, server, *more):
        result = subprocess.run(self.command(server, *more), stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, check=False, timeout=60)
        return result.returncode, result.stdout

    def papers(self):
        path = self.out / "abstracts.jsonl"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        return [json.loads(line) for line in text.splitlines()]


def difference(found, expected):
    if found == expected:
        return ""
    for i, (a, b) in enumerate(zip(found, expected)):
        if a != b:
            return f"paper {i} is\n{a}, expected\n{b}"
    return f"{len(found)} papers, expected {len(expected)}"


def troubles(program, folder):
    """Each trouble in the middle of a harvest, and what is said of it."""
    table = [  # name, server, arguments, what is said
        ("five pages", {}, [], r"page 5: 26 papers.*204 of 230\n204 papers in .*all there are"),
        ("elements with a prefix", {"prefix": "oai"}, [], r"all there are"),
        ("503 and Retry-After in seconds", {"trouble": {3: "busy"}}, [], r"503; again in 1 s"),
        ("503 and Retry-After as a date", {"trouble": {1: "busydate"}}, [],
         r"503; again in [12] s"),
        ("503 alone, 500, 502", {"trouble": {2: 503, 3: 502, 5: 500}}, [],
         r"HTTP 503; again in 0 s"),
        ("429", {"trouble": {2: 429}}, [], r"HTTP 429; again"),
        ("a cut connection", {"trouble": {2: "cut", 4: "hangup"}}, [], r"again in 0 s"),
        ("a cut body without length", {"trouble": {2: "cutunsized"}}, [], r"broken XML: line"),
        ("broken XML", {"trouble": {1: "broken", 3: "broken"}}, [], r"mismatched tag"),
        ("bytes that are no UTF-8", {"trouble": {2: "latin1"}}, [], r"not well-formed"),
        ("a web page", {"trouble": {2: "html"}}, [], r"no list of records"),
        ("an empty answer", {"trouble": {2: "empty"}}, [], r"broken XML"),
        ("a server that stalls", {"trouble": {2: "stall"}}, [], r"Timeout"),
        ("a token that expired", {"trouble": {3: "forget"}}, [],
         r"does not know the resumption token any more: again from 20"),
        ("tokens that expire, papers in no order",
         {"by_date": False, "trouble": {3: "forget", 7: "forget"}}, [],
         r"again from the beginning"),
        ("a page of one paper", {"count": 1}, [], r"page 1: 1 papers, 0 deleted, 1 new: 1 of 1"),
    ]

    def one(job):
        number, (name, about, arguments, said) = job
        server = Server(**about)
        harvest = Harvest(program, folder, f"trouble{number}")
        code, output = harvest.run(server, *arguments)
        found = harvest.papers()
        expected = server.held()
        if not about.get("by_date", True) or "expired" in name:
            found, expected = (sorted(x, key=lambda paper: paper["id"])
                               for x in (found, expected))
        fault = difference(found, expected)
        return (name, code == 0 and not fault and re.search(said, output) is not None,
                f"exit status {code}\n{fault}\n{output}")

    with ThreadPoolExecutor(6) as pool:
        return list(pool.map(one, enumerate(table)))


def given_up(report, program, folder):
    """Troubles that do not end: an error, nothing half written, and a later call goes on."""
    for number, (trouble, said) in enumerate((
            ("broken", "broken XML: line"), ("cut", "call again to go on"), (500, "HTTP 500"),
            (404, "HTTP 404"), ("busylong", "HTTP 503, and asks to come back later"),
            ("hangup", "call again"), ("same", "leads nowhere"))):
        server = Server(trouble={n: trouble for n in range(3, 9)})
        harvest = Harvest(program, folder, f"given_up{number}")
        code, output = harvest.run(server)
        expected = [paper for paper in server.papers[:100] if not paper["deleted"]]
        good = code == 1 and said in output and [p["id"] for p in harvest.papers()] == [
            p["id"] for p in expected] and not list(harvest.out.glob("**/*.part"))
        report.check(f"{trouble} again and again: given up", good,
                     f"exit status {code}, {len(harvest.papers())} of {len(expected)}\n{output}")
        server.trouble = {}
        code, output = harvest.run(server)
        fault = difference(harvest.papers(), server.held())
        report.check(f"{trouble}: the next call goes on", code == 0 and not fault and
                     "page 3:" in output and "page 2:" not in output, f"{fault}\n{output}")
    code, output = Harvest(program, folder, "forgets").run(
        Server(by_date=False, trouble={"always": "forget"}))
    report.check("a server that forgets every token: given up", code == 1 and
                 "forgets its resumption tokens at once" in output, output)


def answers(report, program, folder):
    """Errors in the answer itself, and other calls."""
    harvest = Harvest(program, folder, "answers")
    server = Server()
    code, output = harvest.run(server, "--set", "none")
    report.check("badArgument is told", code == 1 and "badArgument: so it is" in output, output)
    code, output = harvest.run(server, "--from", "2999-01-01")
    report.check("no records match: none, and no failure", code == 0 and
                 "0 papers" in output, output)
    code, output = harvest.run(server, "--from", "2010-01-01")
    report.check("another list into the same folder is refused", code == 1 and
                 "another --out" in output, output)
    harvest = Harvest(program, folder, "dates")
    code, output = harvest.run(server, "--from", "2012-03-04", "--until", "2020-05-06")
    fault = difference(harvest.papers(), server.held(first="2012-03-04", last="2020-05-06"))
    report.check("from and until", code == 0 and not fault, fault + output)
    code, output = harvest.run(server, "--from", "2012-03-04", "--until", "2020-05-06")
    report.check("what is complete is not asked for again", code == 0 and
                 "all there are" in output and "page" not in output.split("papers in")[0], output)
    (harvest.out / "state").write_text("nonsense")
    code, output = harvest.run(server)
    report.check("a damaged state is named", code == 1 and "no state of a harvest" in output,
                 output)

    for arguments, said in ((["--wait", "soon"], "expected a whole number"),
                            (["--nonsense"], "there is no option --nonsense"),
                            (["--set"], "lacks its value")):
        code, output = call([program, *arguments])
        report.check(f"{' '.join(arguments)} is refused", not code and said in output and
                     "usage: " in output, output)
    code, output = call([program, "--help"])
    report.check("--help", code and "(160)" in output and "(20)" in output, output)
    code, output = harvest.run(server, "--url", "http://127.0.0.1:9/oai", "--out",
                               str(folder / "nobody"))
    report.check("a server that is not there", code == 1 and "onnect" in output, output)
    code, output = harvest.run(server, "--out", "/dev/null/x")
    report.check("a folder that cannot be", code == 1 and "cannot make the folder" in output,
                 output)


def limits(report, program, folder):
    """--records N, then more; the pause between requests; pages as they came."""
    harvest, server = Harvest(program, folder, "limit"), Server()
    for number in (1, 44, 120, 0):
        code, output = harvest.run(server, "--records", number)
        expected = server.held()[:number or None]
        fault = difference(harvest.papers(), expected)
        report.check(f"--records {number}, on top of what is there", code == 0 and not fault,
                     f"{fault}\n{output}")
    pages = sorted((harvest.out / "pages").glob("*.xml"))
    report.check("the pages are kept as they came", len(pages) == 5 and sum(
        page.read_text(encoding="utf-8").count("<record>") for page in pages) == 230, pages)
    harvest = Harvest(program, folder, "no_pages")
    harvest.run(server, "--no-pages")
    report.check("--no-pages", not (harvest.out / "pages").exists() and
                 harvest.papers() == server.held())

    harvest, server = Harvest(program, folder, "pause"), Server(page=100)
    command = harvest.command(server)
    command[command.index("--wait") + 1] = "1"
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    gaps = [b - a for a, b in zip(server.times, server.times[1:])]
    report.check("the pause between two requests", len(gaps) == 2 and min(gaps) >= 0.99, gaps)


def killed(report, program, folder):
    """SIGKILL after random times, until a call comes to its end."""
    server = Server(count=400, page=5, delay=0.004)
    harvest, draw, kills = Harvest(program, folder, "killed"), random.Random(5), 0
    while True:
        with subprocess.Popen(harvest.command(server), stdout=subprocess.DEVNULL) as process:
            try:
                process.wait(0.02 + 0.05 * draw.random())
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                kills += 1
    fault = difference(harvest.papers(), server.held())
    report.check("killed again and again, nothing is lost or twice", process.returncode == 0 and
                 kills >= 5 and not fault, f"exit status {process.returncode}, {fault}")
    print(f"# {kills} times killed")

    harvest, server = Harvest(program, folder, "full"), Server()
    done = subprocess.run(["sh", "-c", 'trap "" XFSZ; ulimit -f 60; exec "$@"', "sh",
                           *harvest.command(server, "--no-pages")], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    report.check("a full disk is named", done.returncode == 1 and
                 "cannot write" in done.stdout and "page 1:" in done.stdout, done.stdout)
    code, output = harvest.run(server, "--no-pages")
    fault = difference(harvest.papers(), server.held())
    report.check("with room again it goes on", code == 0 and not fault and
                 "page 1:" not in output, f"{fault}\n{output}")

    server = Server(delay=0.3)
    with subprocess.Popen(Harvest(program, folder, "two").command(server),
                          stdout=subprocess.DEVNULL) as process:
        while not server.requests:
            time.sleep(0.01)
        code, output = Harvest(program, folder, "two").run(server)
        report.check("two at once: the second is refused", code == 1 and
                     "another harvest" in output, output)


READER = r"""
#include "seqnn.h"
#include <stdio.h>
int main(int count, char **arguments)
{
    for (int i = 1; i < count; i++) {
        seqnn_texts *texts = seqnn_read_arxiv(arguments[i], (seqnn_arxiv_options){0});
        if (!texts) {
            printf("%s\n", seqnn_error());
            return 1;
        }
        printf("%ld %ld\n", (long)texts->count, (long)texts->classes);
        for (seqnn_size t = 0; t < texts->count; t++)
            printf("%s%c", texts->text[t], 1);
        seqnn_texts_free(texts);
    }
    return 0;
}
"""


def read_back(report, program, folder):
    """seqnn_read_arxiv gets the same papers from the lines and from the pages."""
    build = os.environ.get("BUILD", "build")
    library = ROOT / build / "float" / "libseqnn.a"
    if not library.exists():
        report.skip("seqnn_read_arxiv reads what was harvested", f"{library} is not built")
        return
    harvest, server = Harvest(program, folder, "read"), Server()
    harvest.run(server)
    source, reader = folder / "reader.c", folder / "reader"
    source.write_text(READER)
    includes = [f"-I{path}" for path in [ROOT / "src", *sorted((ROOT / "src").glob("*/"))]]
    needs = re.findall(r"^LIBS = -lcmocka(.*)$", (ROOT / "Makefile").read_text(), re.M)
    good, output = call(["gcc", "-std=c99", "-fopenmp", "-DSEQNN_PLOT", *includes, source, library,
                         "-o", reader, *(needs[0].split() if needs else [])])
    if not good:
        report.check("seqnn_read_arxiv reads what was harvested", False, output)
        return
    expected = server.held()
    for what in (harvest.out / "abstracts.jsonl", harvest.out / "pages"):
        good, output = call([reader, what])
        first, _, texts = output.partition("\n")
        report.check(f"seqnn_read_arxiv reads {what.name}", good and
                     first == f"{len(expected)} {len(SUBJECTS)}" and
                     texts.split("\x01")[:-1] == [paper["abstract"] for paper in expected], output)


def main():
    report = Report()
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    with scratch() as name:
        folder = Path(name)
        checked, plain = folder / "harvest_checked", folder / "harvest"
        libraries = ["-lcurl", "-lexpat"]
        flags = ["-std=c99", *WARNINGS]
        good, output = call(["gcc", *flags, "-g", "-O1", "-fsanitize=address,undefined",
                             "-fno-sanitize-recover=all", SOURCE, "-o", checked, *libraries])
        report.check("gcc compiles the harvester without a warning", good, output)
        compiler = "clang" if have("clang") else "gcc"
        good2, output = call([compiler, *flags, "-O2", SOURCE, "-o", plain, *libraries])
        report.check(f"{compiler} does too", good2, output)
        if good and good2:
            for check, good, detail in troubles(checked, folder):
                report.check(check, good, detail)
            given_up(report, checked, folder)
            answers(report, checked, folder)
            limits(report, checked, folder)
            killed(report, plain, folder)
            read_back(report, plain, folder)
    report.end()


main()
