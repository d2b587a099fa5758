"""The notebooks: output and pictures stand below the cell that was running, what breaks the
format is refused by file and line, every .ipynb is valid, and every page is right in a
browser: headless Chromium, both colour schemes, desktop and phone, without a network.

Makes build/venv-notebooks on its first run (from PyPI; skipped if that cannot be reached)."""

import base64
import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "portability"))
from tap import ROOT, Report, call, scratch  # noqa: E402

sys.path.insert(0, str(ROOT / "tools"))
import packages  # noqa: E402

HERE = ROOT / "tests" / "notebooks"
QUICK = dict(os.environ, EXAMPLE_FLAGS="-O1 -fopenmp", OMP_NUM_THREADS="1")
RUN = ["12", "25"]  # a program and its functions in cells; equations and a table
LONG = "a_long_line " * 500

# The cells of the fixture that show anything, by number: text, and pictures by alt text and the
# first byte in which the two differ.
RED, BLUE = 56, 144
SHOWN = {
    5: ["twice goes on in its own, with 3\ntwice goes on in its own, with 1\n"],
    6: ["arguments: --data datasets\n"],
    8: ['said: ünïcödé ⣿⡇ "quotes" & <b>tags</b>\nthe data is there\n'],
    9: ["done \n"],
    10: [LONG],
    12: ["twice begins, in the cell that called it\nsix is 6\n"],
    13: ["first line\nthe red one: ./announced.png\n", ("the red one (announced.png)", RED),
         "last line\n", ("unannounced.png", RED)],
    14: ["said: again\ntwice begins, in the cell that called it\nno end of line",
         ("announced.png", BLUE)],
}

HEAD = "//%% [markdown]\n// # 02 · Wrong\n//%%\n#include <stdio.h>\n"
# name, program, what is said about it
WRONG = [
    ("a cell in a loop", HEAD + "int main(void)\n{\n    for (;;) {\n        //%%\n    }\n}\n",
     "02_wrong.c:8: a cell begins in a loop"),
    ("a cell in a loop without braces", HEAD + "int main(void)\n{\n    while (1)\n    //%%\n"
     "        ;\n}\n", "02_wrong.c:8: a cell begins in a loop"),
    ("a cell in a branch", HEAD + "int main(void)\n{\n    if (1) {\n        //%%\n    }\n}\n",
     "02_wrong.c:8: a cell begins in a branch"),
    ("a cell in a block", HEAD + "int main(void)\n{\n    {\n        //%%\n    }\n}\n",
     "02_wrong.c:8: a cell begins in an inner block"),
    ("a cell in an initialiser", HEAD + "int x[] = {\n    //%%\n    1};\nint main(void) {}\n",
     "02_wrong.c:6: a cell begins where no statement can stand"),
    ("a cell in a struct", HEAD + "struct s {\n    int a;\n    //%%\n    int b;\n};\n",
     "02_wrong.c:7: a cell begins where no statement can stand"),
    ("code in a cell of text", HEAD + "//%% [markdown]\n// text\nint main(void) {}\n",
     "02_wrong.c:5: a markdown cell holds comments alone"),
    ("an unknown kind", HEAD + "//%% [raw]\nint main(void) {}\n",
     "02_wrong.c:5: //%% or //%% [markdown] was expected"),
    ("a boundary behind code", HEAD + "int x; //%%\nint main(void) {}\n",
     "02_wrong.c:5: //%% must have a line of its own"),
    ("no first boundary", "int main(void) {}\n//%%\n", "02_wrong.c:1: an example begins with"),
    ("no title", "//%% [markdown]\n// words\n//%%\nint main(void) {}\n",
     "02_wrong.c:1: the first cell begins with a heading, '# 02 · Title'"),
    ("words before the title", "//%% [markdown]\n// words\n// # 02 · Wrong\n//%%\n"
     "int main(void) {}\n", "02_wrong.c:1: the first cell begins with a heading"),
    ("another number", "//%% [markdown]\n// # 03 · Wrong\n//%%\nint main(void) {}\n",
     "02_wrong.c:1: the first cell begins with a heading, '# 02 · Title'"),
    ("an open comment", HEAD + "//%% [markdown]\n/*\n//%%\nint main(void) {}\n",
     "02_wrong.c:6: this comment is not closed"),
    ("a comment that the next one closes", HEAD + "//%% [markdown]\n/*\n//%%\n"
     "int main(void) {}\n//%% [markdown]\n/* more */\n",
     "02_wrong.c:6: this comment is not closed"),
    ("Latin-1", HEAD.replace("·", "-") + "// \xe9\nint main(void) {}\n",
     "02_wrong.c:5: this is not UTF-8"),
    ("what does not compile", HEAD + "int main(void)\n{\n    //%%\n    return nothing;\n}\n",
     "02_wrong.c:8:12: error"),
    ("a failing program", HEAD + 'int main(void)\n{\n    printf("so far\\n");\n    //%%\n'
     '    fprintf(stderr, "no data\\n");\n    return 3;\n}\n',
     r"02_wrong.c:8: in this cell .* ended with status 3 and words on stderr\s+so far\s+no data"),
    ("words on stderr", HEAD + 'int main(void)\n{\n    fprintf(stderr, "careful\\n");\n}\n',
     r"02_wrong.c:3: .* wrote words on stderr: stderr must stay empty\s+careful"),
    ("a crash", HEAD + "#include <stdlib.h>\nint main(void)\n{\n    //%%\n    abort();\n}\n",
     "02_wrong.c:8: in this cell the program was ended by SIGABRT"),
    ("a program without an end", HEAD + "int main(void)\n{\n    //%%\n    for (;;) { }\n}\n",
     "02_wrong.c:7: in this cell the program said nothing for 0.01 minutes and was stopped"),
    ("half a picture", HEAD + 'int main(void)\n{\n    fclose(fopen("a.png", "wb"));\n}\n',
     "drew a.png, which is not a whole PNG file (0 bytes)"),
    ("bad mathematics", "//%% [markdown]\n// # 02 · Wrong\n//\n// $x_{$\n//%%\n"
     "int main(void) {}\n", r"02_wrong.c:4: mathematics that cannot be set: \$x_\{\$"),
]


def notebooks(*arguments):
    return call([sys.executable, ROOT / "tools" / "notebooks.py", *arguments], cwd=ROOT, env=QUICK)


def shown(cell):
    """A cell's outputs as SHOWN has them."""
    found = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            found.append(output.text)
        else:
            data = base64.b64decode(output.data["image/png"])
            found.append((output.metadata["image/png"]["alt"], data[44]))
    return found


def fixture(report, folder):
    import nbformat
    texts = []
    for run in ("first", "second"):
        good, said = notebooks("--examples", HERE, "--out", folder / run)
        report.check(f"the fixture becomes a notebook, {run} run", good, said)
        if not good:
            return
        texts.append([(folder / run / name).read_bytes()
                      for name in ("01_fixture.ipynb", "01_fixture.html", "index.html")])
    report.check("two runs give the same bytes", texts[0] == texts[1])
    book = nbformat.read(folder / "first" / "01_fixture.ipynb", as_version=4)
    for number, cell in enumerate(book.cells, 1):
        expected = SHOWN.get(number, [])
        report.check(f"cell {number} shows {len(expected)} outputs", shown(cell) == expected,
                     f"{shown(cell)}\nexpected {expected}")
    report.check("comments in a function become text",
                 book.cells[6].source == "## Indented text\n\nwith a paragraph\n\n    and code",
                 book.cells[6].source)


@contextlib.contextmanager
def limited(minutes):
    os.environ["NOTEBOOK_MINUTES"] = minutes
    yield
    del os.environ["NOTEBOOK_MINUTES"]


def written(examples, out, *numbers):
    """What the tool complains of."""
    import notebooks as tool
    try:
        with contextlib.redirect_stdout(None):
            tool.main(["--examples", str(examples), "--out", str(out), *numbers])
    except SystemExit as end:
        return str(end)
    return ""


def one_fails(report, folder):
    """Three examples, of which the second fails, and is mended later: the others link to one
    another, then to it."""
    program = ("//%% [markdown]\n// # {} · Words\n//%%\n#include <unistd.h>\n"
               "int main(void)\n{{\n{}}}\n")
    for number, body in (("01", "    if (!fork()) pause();\n"), ("02", "    return 1;\n"),
                         ("03", "")):
        (folder / f"{number}_words.c").write_text(program.format(number, body))
    out = folder / "out"
    said = written(folder, out)

    def following(number):
        found = re.search(r'rel="next" href="(\d+)', (out / f"{number}_words.html").read_text())
        return found and found[1]
    there = sorted(path.name[:2] for path in out.glob("*_words.*"))
    report.check("one that fails does not stop the others", said.count("notebooks: ") == 1
                 and "02_words.c:3" in said and there == ["01", "01", "03", "03"], [said, there])
    report.check("the others link to one another", following("01") == "03", following("01"))
    report.check("and stand in the index", re.findall(
        r'<a href="(\d+)_words.html', (out / "index.html").read_text()) == ["01", "03"])
    (folder / "02_words.c").write_text(program.format("02", ""))
    said = written(folder, out, "2")
    report.check("a later one comes between them", not said and following("01") == "02"
                 and following("02") == "03", [said, following("01"), following("02")])


def outputs(report):
    """What becomes of printed text, and where pictures stand in it."""
    from notebook.run import Picture, in_order, tidy
    for text, expected in (("100 %\rdone\n", "done%\n"), ("kept\r", "kept"), ("a\r\n", "a\n"),
                           ("abc\b\bX\n", "aXc\n"), ("100 %\r\x1b[Kok\n", "ok\n"),
                           ("\x1b[1mbold\x1b[0m\a\n", "bold\n")):
        report.check(f"{text!r} stands there as {expected!r}", tidy(text) == expected,
                     repr(tidy(text)))
    pictures = [Picture(name, b"") for name in ("1.png", "11.png", "a 1.png", "x.png")]
    said = b"see 11.png\nsee ./1.png\nsee a 1.png.\n1.png.bak\nx.png\nmore\nnow x.png\nend\n"
    found = [o.name if isinstance(o, Picture) else o for o in in_order([said, *pictures])]
    report.check("pictures stand after the last line that names them", found == [
        "see 11.png\n", "11.png", "see ./1.png\n", "1.png", "see a 1.png.\n", "a 1.png",
        "1.png.bak\nx.png\nmore\nnow x.png\n", "x.png", "end\n"], found)
    since = time.process_time()
    tidy("x" * 400_000)
    tidy("ab\r" * 100_000)
    lines = in_order([b"line\n" * 400_000])[0].split("\n")
    spent = time.process_time() - since
    report.check("much text takes little time", spent < 10, spent)
    report.check("and is shown without its middle", len(lines) == 502
                 and lines[400] == "... 399,500 lines left out", lines[398:402])


def wrong_examples(report, folder):
    """In this process, for so many would start slowly."""
    os.environ.update(QUICK)
    for name, program, expected in WRONG:
        examples = folder / re.sub(r"\W", "_", name)
        examples.mkdir()
        (examples / "02_wrong.c").write_bytes(
            program.encode("latin-1" if name == "Latin-1" else "utf-8"))
        with limited("0.01" if "without an end" in name else ""):
            said = written(examples, examples / "out")
        pattern = expected if "\\" in expected else re.escape(expected)
        report.check(f"{name} is refused", re.search(pattern, said)
                     and not list((examples / "out").glob("02*.html")), said)
    good, said = notebooks("--examples", examples, "--out", folder / "none")
    report.check("the tool says so, and fails", not good and said.count("\n") < 6, said)


def examples(report, out):
    """The real ones: text, mathematics and code of all; two of them run, for a few epochs."""
    import nbformat
    from notebook.cells import BrokenRule, Example
    from notebook.page import Course
    sources = sorted((ROOT / "examples").glob("[0-9]*.c"))
    course = Course(out, sources, sources)
    for source in sources:
        try:
            example = Example(source)
            course.check(example)
            fault = ""
        except BrokenRule as broken:
            fault = str(broken)
        report.check(f"{source.name} can be set", not fault, fault)
        program = re.sub(r"^[ \t]*//%% \[markdown\].*?(^[ \t]*//%%$|\Z)", "", source.read_text(),
                         flags=re.M | re.S)
        code = "\n".join(cell.text for cell in example.cells if cell.kind == "code")
        lines = [[line for line in text.split("\n") if line.strip() not in ("", "//%%")]
                 for text in (code, program)]
        report.check(f"{source.name}: its code cells are the program", lines[0] == lines[1])

    good, said = notebooks("--out", out, "--arguments=--quick", *RUN)
    report.check("examples run and become notebooks", good, said)
    for path in sorted(out.glob("*.ipynb")):
        book = nbformat.read(path, as_version=4)
        try:
            nbformat.validate(book)
            fault = ""
        except nbformat.ValidationError as error:
            fault = str(error)
        report.check(f"{path.name} is valid", not fault and book.nbformat_minor == 5, fault)
        pictures = [output for cell in book.cells for output in cell.get("outputs", [])
                    if output.output_type == "display_data"]
        page = path.with_suffix(".html").read_text()
        report.check(f"{path.stem} shows its pictures, here and on its page", pictures and all(
            picture.data["image/png"] in page for picture in pictures))


# What a page says about itself, to the test below.
LOOK = r"""async () => {
  await document.fonts.ready;
  const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const parse = text => text.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  function behind(element) {
    for (; element; element = element.parentElement) {
      const colour = parse(getComputedStyle(element).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  }
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("script, .katex-mathml")) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const pair = [light(parse(style.color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    texts++;
    if (ratio < (large ? 3 : 4.5))
      faint.push(`${ratio.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  const words = document.body.cloneNode(true);
  words.querySelectorAll("pre, code, script, .katex-mathml").forEach(e => e.remove());
  return {
    texts, faint, background: getComputedStyle(document.body).backgroundColor,
    blank: [...document.images].filter(i => !i.complete || !i.naturalWidth).length,
    nameless: [...document.querySelectorAll("figure img")].filter(i => !i.alt).length,
    pictures: document.images.length, formulas: document.querySelectorAll(".katex-html").length,
    invisible: [...document.querySelectorAll(".katex-html")].filter(
      f => !f.getBoundingClientRect().width).length,
    broken: document.querySelectorAll(".katex-error, .math:not(:has(.katex))").length,
    dollars: words.textContent.replace("Five $", "").includes("$"),
    unloaded: [...document.fonts].filter(f => f.status !== "loaded").map(
      f => `${f.family} ${f.weight} ${f.style}`),
    fonts: [...document.fonts].map(f => f.family),
    width: document.documentElement.scrollWidth,
    crossing: [...document.querySelectorAll("pre.chart")].filter(
      p => !getComputedStyle(p).fontFamily.startsWith("Chart")).length,
    unreachable: [...document.querySelectorAll(".math.block")].filter(
      m => m.scrollWidth > m.clientWidth && m.tabIndex < 0).length,
    links: [...document.links].map(a => a.href),
  };
}"""


def look(report, context, path, width, scheme):
    """One page at one width in one colour scheme."""
    name = f"{path.stem}, {scheme}, {width}"
    asked, complaints = [], []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())
    seen = page.evaluate(LOOK)
    outside = [url for url in asked if url != path.as_uri() and not url.startswith("data:")]
    report.check(f"{name}: no complaint on the console", not complaints, complaints)
    report.check(f"{name}: no request", not outside, outside)
    report.check(f"{name}: every picture is there, with words for it",
                 seen["pictures"] > 0 and not seen["blank"] and not seen["nameless"], seen)
    if path.stem != "index":
        report.check(f"{name}: {seen['formulas']} formulas are set",
                     seen["formulas"] > 0 and not seen["invisible"] and not seen["broken"]
                     and not seen["dollars"] and "KaTeX_Main" in seen["fonts"], seen)
    report.check(f"{name}: fonts are those that are used, and are loaded", not seen["unloaded"],
                 seen["unloaded"])
    report.check(f"{name}: equations that scroll can be reached, charts have their font",
                 not seen["unreachable"] and not seen["crossing"]
                 and ("Chart" in seen["fonts"]) == (path.stem == "01_fixture"), seen)
    report.check(f"{name}: nothing is wider than the window", seen["width"] <= width, seen["width"])
    report.check(f"{name}: {seen['texts']} texts have contrast", not seen["faint"], seen["faint"])
    dark = sum(map(int, re.findall(r"\d+", seen["background"])[:3])) < 384
    report.check(f"{name}: the colour scheme is followed", dark == (scheme == "dark"),
                 seen["background"])
    missing = [link for link in seen["links"] if link.startswith("file:")
               and not Path(link.split("#")[0][7:]).exists()]
    report.check(f"{name}: links lead somewhere", not missing, missing)
    page.close()


def buttons(report, context, path):
    page = context.new_page()
    page.goto(path.as_uri())
    background = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(background)
    page.click("button.theme")
    after = page.evaluate(background)
    page.reload()
    report.check("the theme is switched, and stays", before != after == page.evaluate(background),
                 [before, after])
    cell = page.locator(".cell").first
    cell.hover()
    cell.locator("button.copy").click()
    page.wait_for_function("document.querySelector('.copy').textContent === 'Copied'",
                           timeout=3000)
    report.check("code is copied", page.evaluate("navigator.clipboard.readText()")
                 == cell.locator("code").text_content())
    page.emulate_media(media="print")
    wide = page.evaluate("[...document.querySelectorAll('pre')].filter("
                         "p => p.scrollWidth > p.clientWidth + 1).length")
    report.check("on paper nothing is cut off", wide == 0, wide)
    page.close()


def enlarged(report, context, path):
    """A picture opens and closes with the keyboard, and is larger than a phone then."""
    page = context.new_page()
    page.goto(path.as_uri())
    link = page.locator("a.open").first
    small = link.locator("img").bounding_box()["width"]
    link.press("Enter")
    large = link.locator("img").bounding_box()["width"]
    page.locator("a.close").first.press("Enter")
    report.check("a picture can be enlarged, and made small again", large >= 800 and small <= 390
                 and link.locator("img").bounding_box()["width"] == small, [small, large])
    page.close()


def pages(report, folders):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        report.skip("pages in a browser", "no chromium (tests/setup.sh ci installs it)")
        return
    from playwright.sync_api import Error, sync_playwright
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        except Error as error:
            report.skip("pages in a browser", f"chromium does not start: {str(error)[:200]}")
            return
        for scheme in ("light", "dark"):
            for width in (1280, 390):
                phone = width < 400
                context = browser.new_context(viewport={"width": width, "height": 844},
                                              is_mobile=phone, has_touch=phone,
                                              color_scheme=scheme, offline=True,
                                              permissions=["clipboard-read", "clipboard-write"])
                for folder in folders:
                    for path in sorted(folder.glob("*.html")):
                        look(report, context, path, width, scheme)
                if (scheme, width) == ("light", 1280):
                    buttons(report, context, folders[0] / "01_fixture.html")
                if (scheme, width) == ("dark", 390):
                    enlarged(report, context, folders[1] / "12_news_titles.html")
                context.close()
        browser.close()


def main():
    report = Report()
    try:
        packages.enter(ROOT / "build" / "venv-notebooks", ROOT / "tools/notebook/requirements.txt",
                       HERE / "requirements.txt")
    except (OSError, subprocess.CalledProcessError) as error:
        report.skip("notebooks", f"packages from PyPI: {error}")
        report.end()
    if not shutil.which("node") or not Path("/usr/share/javascript/katex").exists():
        report.skip("notebooks", "no node or KaTeX (tests/setup.sh ci installs them)")
        report.end()
    with scratch() as name:
        folder = Path(name)
        fixture(report, folder)
        outputs(report)
        wrong_examples(report, folder)
        (folder / "linked").mkdir()
        one_fails(report, folder / "linked")
        examples(report, folder / "course")
        pages(report, [folder / "first", folder / "course"])
    report.end()


main()
