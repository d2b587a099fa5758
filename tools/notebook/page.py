"""One self-contained HTML page for each example, and the index of the course."""

import base64
import contextlib
import functools
import io
import json
import math
import os
import re
import subprocess
from pathlib import Path

import jinja2
import nbformat
from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import CLexer
from pygments.token import Name

from .cells import TITLE, BrokenRule
from .run import ROOT

HERE = Path(__file__).resolve().parent
KATEX = Path("/usr/share/javascript/katex")
CHARIS = Path("/usr/share/fonts/truetype/charis")
MONOSPACE = Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")
CHART = re.compile("[\u2500-\u259f\u2800-\u28ff]")  # lines, blocks, Braille
KATEX_SERVER = """
const katex = require(process.argv[1] + '/katex.js');
require('readline').createInterface({ input: process.stdin }).on('line', line => {
  const [tex, display] = JSON.parse(line);
  let answer;
  try { answer = { html: katex.renderToString(tex, { displayMode: display, strict: 'error' }) }; }
  catch (error) { answer = { error: error.message }; }
  console.log(JSON.stringify(answer));
});"""


class BadFormula(Exception):
    def __init__(self, tex, message):
        super().__init__(f"mathematics that cannot be set: ${tex}$\n{message}")
        self.tex = tex


class Katex:
    """KaTeX in a process of its own: a line with TeX in, a line with HTML out."""

    def __init__(self):
        self.node = None

    def __call__(self, tex, options):
        try:
            if not self.node:
                self.node = subprocess.Popen(["node", "-e", KATEX_SERVER, KATEX], text=True,
                                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.node.stdin.write(json.dumps([tex, bool(options["display_mode"])]) + "\n")
            self.node.stdin.flush()
            answer = json.loads(self.node.stdout.readline())
        except (OSError, ValueError) as error:
            raise BrokenRule(f"KaTeX does not run ({error}): tests/setup.sh notebooks installs it")
        if "error" in answer:
            raise BadFormula(tex, answer["error"])
        return answer["html"]


class SeqnnLexer(CLexer):
    """C, with the library's own names in a colour of theirs."""

    def get_tokens_unprocessed(self, text, stack=("root",)):
        for at, kind, value in super().get_tokens_unprocessed(text, stack):
            if kind in (Name, Name.Function) and value.lower().startswith("seqnn_"):
                kind = Name.Builtin
            yield at, kind, value


def coloured(code, language="c", _attributes=""):
    """Code as HTML, without a frame; what is not C is left as it is."""
    if language != "c":
        return ""
    return highlight(code, SeqnnLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True))


def data_url(kind, data):
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def face(family, weight, style, woff2):
    return (f"@font-face{{font-family:{family};font-weight:{weight};font-style:{style};"
            f"font-display:block;src:url({data_url('font/woff2', woff2)}) format('woff2')}}")


@functools.lru_cache
def letters_of(path, letters, features=()):
    """A font with some letters of another, as WOFF2. The names kept are those of its licence."""
    options = subset.Options(layout_features=list(features), notdef_outline=True,
                             hinting=path != MONOSPACE, name_IDs=[0, 13, 14],
                             drop_tables=["Silf", "Silt", "Sill", "Glat", "Gloc", "Feat", "DSIG",
                                          "FFTM"])
    font = TTFont(path, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=letters)
    cutter.subset(font)
    if path == MONOSPACE:
        braille(font, sorted(letter for letter in letters if 0x2800 <= letter <= 0x28FF))
    font.flavor = "woff2"
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def text_faces(html):
    """The page's letters, and no others, of the text font in three cuts."""
    if not CHARIS.exists():
        return ""  # the style sheet names others
    letters = frozenset(map(ord, re.sub(r"<[^>]*>", " ", html))) | frozenset(range(32, 127))
    return "".join(
        face("Book", weight, style, letters_of(CHARIS / f"CharisSIL-{cut}.ttf", letters,
                                               ("kern", "liga", "mark", "ccmp")))
        for cut, weight, style in (("Regular", 400, "normal"), ("Italic", 400, "italic"),
                                   ("Bold", 700, "normal"))
        if style == "normal" or re.search(r'<em>|<p class="number">', html))


def braille(font, letters):
    """Braille as dots on one grid over the whole chart, 2 by 4 a letter; the font has none."""
    width, top, bottom, radius = font["hmtx"]["zero"][0], 1921, -512, 190
    for letter in letters:
        pen = TTGlyphPen(None)
        for bit in range(8):
            column, row = ((bit // 3, bit % 3), (bit - 6, 3))[bit > 5]
            if (letter - 0x2800) >> bit & 1:
                x, y = width * (2 * column + 1) / 4, top - (top - bottom) * (2 * row + 1) / 8
                ring = [(round(x + radius * math.sin(math.tau * k / 12)),
                         round(y + radius * math.cos(math.tau * k / 12))) for k in range(12)]
                pen.moveTo(ring[0])
                for corner in ring[1:]:
                    pen.lineTo(corner)
                pen.closePath()
        name = f"uni{letter:04X}"
        font.setGlyphOrder([*font.getGlyphOrder(), name])
        font["glyf"].glyphs[name] = glyph = pen.glyph()
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = (width, getattr(glyph, "xMin", 0))
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[letter] = name


def chart_face(html):
    """Letters of one width for what terminal charts are made of, which the reader's own font
    may lack or have in another width."""
    charts = re.findall(r'<pre class="chart"[^>]*>(.*?)</pre>', html, re.S)
    if not charts or not MONOSPACE.exists():
        return ""
    letters = frozenset(map(ord, "".join(charts))) | frozenset(range(32, 127))
    return face("Chart", 400, "normal", letters_of(MONOSPACE, letters))


def katex_style(html):
    """KaTeX' style sheet with the fonts that this page's formulas use, and no others."""
    if 'class="katex' not in html:
        return ""
    css = (KATEX / "katex.min.css").read_text()
    elements = {frozenset(names.split()) for names in re.findall(r'class="([^"]*)"', html)}

    def used(selector):
        steps = [set(re.findall(r"\.([\w-]+)", step)) for step in re.split(r"[\s>]+", selector)]
        return all(any(step <= element for element in elements) for step in steps)
    wanted = {("Main", "400", "normal")}
    for selectors, rules in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        family = re.search(r"font(?:-family)?:[^;]*KaTeX_(\w+)", rules)
        bold, italic = re.search(r"font-weight:(\d+)", rules), "font-style:italic" in rules
        if "@font-face" in selectors or not (family or bold or italic):
            continue
        if any(used(selector) for selector in selectors.split(",")):
            wanted.add((family[1] if family else "Main", bold[1] if bold else "400",
                        "italic" if italic else "normal"))

    def embedded(match):
        family, path, weight, style = match.groups()
        if (family, weight, style) not in wanted:
            return ""
        return face(f"KaTeX_{family}", weight, style, (KATEX / path).read_bytes())
    return re.sub(r"@font-face\{font-family:KaTeX_(\w+);src:url\(([^)]*\.woff2)\)[^}]*"
                  r"font-weight:(\d+);font-style:(\w+)\}", embedded, css)


def heading(markdown):
    """(number, title, first paragraph) of an example, from its first cell."""
    title = TITLE.match(markdown)
    lead = markdown[title.end():].strip().split("\n\n")[0]
    return title["number"], title["title"].strip(), " ".join(lead.split())


def output(shown):
    """Of a notebook, for a page: text, or a picture."""
    if shown.output_type == "stream":
        return {"text": shown.text, "chart": bool(CHART.search(shown.text))}
    return {"picture": "data:image/png;base64," + shown.data["image/png"],
            **shown.metadata["image/png"]}


class Course:
    """Writes the pages, from the notebooks. They link to one another, in the order of the
    course: sources are all its examples, chosen those that are written now."""

    def __init__(self, out, sources, chosen):
        self.out = out
        self.order = [source.stem for source in sources]
        self.lectures = {stem: ROOT / "lectures" / f"{stem}.md" for stem in self.order}
        self.titles, self.linked = {}, {}  # by name: of what lies there; what its page links to
        for stem in self.order:
            if (out / f"{stem}.html").exists():
                with contextlib.suppress(OSError, ValueError, LookupError, AttributeError,
                                         TypeError):
                    self.titles[stem] = heading(self.read(stem).cells[0].source)[1]
        self.linked = {stem: self.links(stem) for stem in self.titles}
        self.titles |= {source.stem: "" for source in chosen if source.stem not in self.titles}
        self.katex = Katex()
        self.markdown = (
            MarkdownIt("commonmark", {"typographer": True, "highlight": coloured})
            .enable(["table", "replacements", "smartquotes"])
            .use(dollarmath_plugin, renderer=self.katex, double_inline=True))
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True,
            lstrip_blocks=True, undefined=jinja2.StrictUndefined)
        self.templates.filters["inline"] = lambda text: Markup(self.markdown.renderInline(text))

    def read(self, stem):
        return nbformat.read(self.out / f"{stem}.ipynb", as_version=4)

    def check(self, example):
        """Its text can be set; else the file and line that cannot. Before anything runs."""
        self.titles[example.path.stem] = heading(example.cells[0].text)[1]
        for cell in example.cells:
            try:
                if cell.kind == "markdown":
                    self.markdown.render(cell.text)
            except BadFormula as bad:
                raise BrokenRule(f"{example.line_of(cell.number, bad.tex)}: {bad}") from None

    def render(self, template, **values):
        """The fonts are chosen by what the rest of the page says."""
        made = self.templates.get_template(template)
        plain = made.render(fonts="", **values)
        return made.render(fonts=Markup(text_faces(plain) + katex_style(plain)
                                        + chart_face(plain)), **values)

    def write(self, name, text):
        beside = self.out / f".{name}.{os.getpid()}"
        beside.write_text(text)
        os.replace(beside, self.out / name)

    def links(self, stem):
        """Its neighbours in the course, among those that there are."""
        there = [None, *(name for name in self.order if name in self.titles), None]
        at = there.index(stem)
        return [name and {"href": f"{name}.html", "title": self.titles[name]}
                for name in (there[at - 1], there[at + 1])]

    def write_page(self, stem, book):
        """The notebook and its page."""
        number, title, lead = heading(book.cells[0].source)
        cells = []
        for cell in book.cells:
            text = cell.source
            if cell is book.cells[0]:
                text = text.partition("\n")[2]
            cells.append({"kind": cell.cell_type,
                          "html": Markup(self.markdown.render(text)
                                         if cell.cell_type == "markdown" else coloured(text)),
                          "outputs": [output(o) for o in cell.get("outputs", [])]})
        lecture = self.lectures[stem]
        previous, following = self.linked[stem] = self.links(stem)
        page = self.render(
            "page.html", title=title, number=number, lead=lead, cells=cells, stem=stem,
            source=f"{stem}.c", previous=previous, next=following,
            lecture=os.path.relpath(lecture, self.out) if lecture.exists() else None)
        self.write(f"{stem}.ipynb", nbformat.writes(book) + "\n")
        self.write(f"{stem}.html", page)

    def finish(self):
        """The links of all that lies there, and the index."""
        for stem in list(self.titles):
            if not (self.out / f"{stem}.html").exists():
                del self.titles[stem]
        entries = []
        for stem in filter(self.titles.get, self.order):
            book = self.read(stem)
            number, title, lead = heading(book.cells[0].source)
            self.titles[stem] = title
            pictures = [o for cell in book.cells for o in cell.get("outputs", [])
                        if o.output_type == "display_data"]
            entries.append({
                "href": f"{stem}.html", "notebook": f"{stem}.ipynb", "number": number,
                "title": title, "lead": lead,
                "picture": output(pictures[-1])["picture"] if pictures else None})
        for stem in filter(self.titles.get, self.order):
            if self.links(stem) != self.linked.get(stem):
                self.write_page(stem, self.read(stem))
        self.write("index.html", self.render("index.html", entries=entries))
