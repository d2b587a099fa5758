"""One self-contained HTML page for each example, and the index of the course."""

import base64
import io
import json
import os
import re
import subprocess
from pathlib import Path

import jinja2
import nbformat
from fontTools import subset
from fontTools.ttLib import TTFont
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import CLexer
from pygments.token import Name

from .cells import BrokenRule, Example
from .run import ROOT, Picture

HERE = Path(__file__).resolve().parent
KATEX = Path("/usr/share/javascript/katex")
CHARIS = Path("/usr/share/fonts/truetype/charis")
KATEX_SERVER = """
const katex = require(process.argv[1] + '/katex.js');
require('readline').createInterface({ input: process.stdin }).on('line', line => {
  const [tex, display] = JSON.parse(line);
  let answer;
  try { answer = { html: katex.renderToString(tex, { displayMode: display, strict: 'error' }) }; }
  catch (error) { answer = { error: error.message }; }
  console.log(JSON.stringify(answer));
});"""


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
            raise BrokenRule(f"mathematics that cannot be set: ${tex}$\n{answer['error']}")
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


def text_faces(html):
    """The page's letters, and no others, of the text font in three cuts."""
    if not CHARIS.exists():
        return ""  # the style sheet names others
    letters = {ord(letter) for letter in re.sub(r"<[^>]*>", " ", html)} | set(range(32, 127))
    options = subset.Options(flavor="woff2", layout_features=["kern", "liga", "mark", "ccmp"],
                             notdef_outline=True, name_IDs=[0, 13, 14],
                             drop_tables=["Silf", "Silt", "Sill", "Glat", "Gloc", "Feat", "DSIG"])
    faces = []
    for cut, weight, style in (("Regular", 400, "normal"), ("Italic", 400, "italic"),
                               ("Bold", 700, "normal")):
        if style == "italic" and not re.search(r'<em>|<p class="number">', html):
            continue
        font = TTFont(CHARIS / f"CharisSIL-{cut}.ttf", recalcTimestamp=False)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=letters)
        cutter.subset(font)
        font.flavor = "woff2"
        out = io.BytesIO()
        font.save(out)
        faces.append(face("Book", weight, style, out.getvalue()))
    return "".join(faces)


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
    title = re.search(r"^# (?:(\d+) *[·:.-] *)?(.+)$", markdown, re.M)
    if not title:
        raise BrokenRule(f"an example begins with a heading, '# 12 · Title':\n{markdown[:200]}")
    lead = markdown[title.end():].strip().split("\n\n")[0]
    return title[1] or "", title[2].strip(), " ".join(lead.split())


class Course:
    """Writes the pages. They link to one another: sources are all examples of the course,
    chosen those that are written now."""

    def __init__(self, out, sources, chosen):
        self.out = out
        self.titles = {source.stem: heading(Example(source).cells[0].text)[1]
                       for source in sources
                       if source in chosen or (out / f"{source.stem}.html").exists()}
        self.order = list(self.titles)
        self.katex = Katex()
        self.markdown = (
            MarkdownIt("commonmark", {"typographer": True, "highlight": coloured})
            .enable(["table", "replacements", "smartquotes"])
            .use(dollarmath_plugin, renderer=self.katex, double_inline=True))
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True,
            lstrip_blocks=True, undefined=jinja2.StrictUndefined)
        self.templates.filters["inline"] = lambda text: Markup(self.markdown.renderInline(text))

    def render(self, template, **values):
        """The fonts are chosen by what the rest of the page says."""
        made = self.templates.get_template(template)
        plain = made.render(fonts="", **values)
        return made.render(fonts=Markup(text_faces(plain) + katex_style(plain)), **values)

    def write(self, name, text):
        beside = self.out / f".{name}.{os.getpid()}"
        beside.write_text(text)
        os.replace(beside, self.out / name)

    def link(self, stem, step):
        """A neighbour in the course."""
        at = self.order.index(stem) + step
        if not 0 <= at < len(self.order):
            return None
        return {"href": self.order[at] + ".html", "title": self.titles[self.order[at]]}

    def write_page(self, example):
        number, title, lead = heading(example.cells[0].text)
        cells = []
        for cell in example.cells:
            text = cell.text
            if cell is example.cells[0]:
                text = re.sub(r"^# .*$", "", text, count=1, flags=re.M)
            cells.append({"kind": cell.kind,
                          "html": Markup(self.markdown.render(text) if cell.kind == "markdown"
                                         else coloured(cell.text)),
                          "outputs": [self.output(o) for o in cell.outputs]})
        stem = example.path.stem
        lecture = ROOT / "lectures" / f"{stem}.md"
        self.write(f"{stem}.html", self.render(
            "page.html", title=title, number=number, lead=lead, cells=cells, stem=stem,
            source=example.path.name,
            previous=self.link(stem, -1), next=self.link(stem, +1),
            lecture=os.path.relpath(lecture, self.out) if lecture.exists() else None))

    @staticmethod
    def output(shown):
        if not isinstance(shown, Picture):
            return {"text": shown}
        width, height = shown.size()
        return {"picture": data_url("image/png", shown.data), "alt": shown.alt(),
                "width": width, "height": height}

    def write_index(self):
        """What lies in the folder, from the notebooks there."""
        entries = []
        for stem in self.order:
            cells = nbformat.read(self.out / f"{stem}.ipynb", as_version=4).cells
            number, title, lead = heading(cells[0].source)
            pictures = [o for cell in cells if cell.cell_type == "code" for o in cell.outputs
                        if o.output_type == "display_data"]
            entries.append({
                "href": f"{stem}.html", "notebook": f"{stem}.ipynb", "number": number,
                "title": title, "lead": lead,
                "picture": "data:image/png;base64," + pictures[-1].data["image/png"]
                           if pictures else None})
        self.write("index.html", self.render("index.html", entries=entries))
