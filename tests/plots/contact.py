#!/usr/bin/env python3
"""The contact sheet: each kind of figure drawn by matplotlib and by seqnn, side by side.

    contact.py PROGRAM FOLDER SHEET

PROGRAM (contact.c) writes its pictures and the numbers in them, data.json, into FOLDER;
matplotlib draws the same numbers with its own defaults at the same size, and SHEET is the
two of each kind beside one another. `make contact` runs it.
"""
import json
import math
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True
import packages  # noqa: E402

WIDTH, HEIGHT, HEADING, GAP = 640, 480, 26, 10


def lines(ax, d):
    for name, mean, deviation in zip(d["cell_names"], d["epoch_mean"], d["epoch_deviation"]):
        epochs = range(1, len(mean) + 1)
        ax.plot(epochs, mean, label=name)
        ax.fill_between(epochs, [m - s for m, s in zip(mean, deviation)],
                        [m + s for m, s in zip(mean, deviation)], alpha=0.2)
    ax.set(title="Validation accuracy, mean ± deviation of 5 seeds", xlabel="epoch",
           ylabel="accuracy")
    ax.grid(alpha=0.4)
    ax.legend()


def gradient_flow(ax, d):
    for name, norms, style, marker in zip(d["flow_names"], d["flow"], ("-", "--", ":", "-"), "os^D"):
        ax.semilogy(range(1, len(norms) + 1), norms, style, marker=marker, markersize=4, label=name)
    ax.set(title="Gradient flow over 30 steps", xlabel="time step t", ylabel="‖∂L/∂h_t‖")
    ax.grid(alpha=0.4)
    ax.legend()


def scatter(ax, d):
    each = len(d["word_x"]) // len(d["group_names"])
    for g, name in enumerate(d["group_names"]):
        part = slice(g * each, (g + 1) * each)
        ax.scatter(d["word_x"][part], d["word_y"][part], s=18, label=name)
        for x, y, word in zip(d["word_x"][part], d["word_y"][part], d["group_words"][part]):
            ax.annotate(word, (x, y), xytext=(4, 3), textcoords="offset points", fontsize=9)
    ax.set(title="Word vectors in the plane", xlabel="first component", ylabel="second component")
    ax.legend()


def histogram(ax, d):
    ax.hist(d["weights_before"], 40, alpha=0.6, label="before training")
    ax.hist(d["weights_after"], 40, alpha=0.6, label="after training")
    ax.set(title="Recurrent weights", xlabel="weight", ylabel="count")
    ax.legend()


def bars(ax, d):
    order = sorted(range(len(d["f_score"])), key=lambda i: d["f_score"][i])
    bar = ax.barh([d["news_names"][i] for i in order], [d["f_score"][i] for i in order])
    ax.bar_label(bar, fmt="%.2f", padding=3, fontsize=8)
    ax.set(title="F-score per newsgroup", xlabel="F-score", xlim=(0, 1.1))


def heat_map(ax, d):
    names = d["feature_names"]
    n = len(names)
    rows = [d["correlation"][i * n:(i + 1) * n] for i in range(n)]
    image = ax.imshow(rows, cmap="RdBu_r", vmin=-1, vmax=1)
    for i in range(n):
        for j in range(n):
            ax.text(j, i, f"{rows[i][j]:.2f}", ha="center", va="center", fontsize=7,
                    color="white" if abs(rows[i][j]) > 0.6 else "black")
    ax.set_xticks(range(n), names, rotation=45, ha="right")
    ax.set_yticks(range(n), names)
    ax.figure.colorbar(image)
    ax.set_title("Correlation of the inputs")


def confusion(ax, d):
    names = d["class_names"]
    n = len(names)
    rows = [d["confusion"][i * n:(i + 1) * n] for i in range(n)]
    shares = [[c / sum(row) for c in row] for row in rows]
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i in range(n):
        for j in range(n):
            ax.text(j, i, rows[i][j], ha="center", va="center",
                    color="white" if shares[i][j] > 0.5 else "black")
    ax.set_xticks(range(n), names, rotation=45, ha="right")
    ax.set_yticks(range(n), names)
    ax.set(title="BBC news titles", xlabel="predicted class", ylabel="true class")


def word_cloud(ax, d):
    """matplotlib has none: the package wordcloud, with its defaults on white."""
    from wordcloud import WordCloud
    figure = ax.figure
    ax.remove()
    each = len(d["cloud"]) // len(d["cloud_names"])
    for g, name in enumerate(d["cloud_names"]):
        part = slice(g * each, (g + 1) * each)
        cloud = WordCloud(width=310, height=430, background_color="white", random_state=1)
        ax = figure.add_subplot(1, 2, g + 1)
        ax.imshow(cloud.generate_from_frequencies(dict(zip(d["cloud_words"][part], d["cloud"][part]))))
        ax.set_title(name)
        ax.axis("off")


def eigenvalues(ax, d):
    turn = [k * math.pi / 100 for k in range(201)]
    ax.plot([math.cos(t) for t in turn], [math.sin(t) for t in turn], "--", color="grey", linewidth=1)
    ax.axhline(0, color="grey", linewidth=0.6)
    ax.axvline(0, color="grey", linewidth=0.6)
    ax.scatter(d["real"], d["imaginary"], s=18)
    ax.set(title="Eigenvalues of the recurrent matrix", xlabel="Re λ", ylabel="Im λ", aspect="equal")


def history(ax, d):
    figure = ax.figure
    ax.remove()
    above, below = figure.subplots(2, 1, sharex=True)
    epochs = range(1, len(d["loss"]) + 1)
    for axes, name in ((above, "accuracy"), (below, "loss")):
        axes.plot(epochs, d[name], label="training")
        axes.plot(epochs, d["val_" + name], label="validation")
        axes.set_ylabel(name)
        axes.grid(alpha=0.4)
    above.legend()
    above.set_title("Training history")
    below.set_xlabel("epoch")


def forecast(ax, d):
    ax.plot(d["month"], d["series"], label="measured")
    ax.plot(d["month"], d["predicted"], "--", label="predicted")
    ax.axvline(72, color="grey", linestyle="--", linewidth=1)
    ax.axhline(24, color="grey", linestyle=":", linewidth=1)
    ax.annotate("the forecast begins", (72, d["series"][72]), xytext=(36, 36),
                arrowprops={"arrowstyle": "->"})
    ax.set(title="Monthly temperature", xlabel="month", ylabel="degrees")
    ax.legend()


def attention(ax, d):
    n = len(d["source_words"])
    rows = [d["attention"][i * n:(i + 1) * n] for i in range(len(d["target_words"]))]
    image = ax.imshow(rows, cmap="viridis")
    ax.set_xticks(range(n), d["source_words"], rotation=45, ha="right")
    ax.set_yticks(range(len(rows)), d["target_words"])
    ax.figure.colorbar(image)
    ax.set(title="Attention", xlabel="source", ylabel="target")


KINDS = [lines, gradient_flow, scatter, histogram, bars, heat_map, confusion, word_cloud,
         eigenvalues, history, forecast, attention]


def draw_peers(data, folder):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    for kind in KINDS:
        figure, ax = pyplot.subplots(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, layout="constrained")
        kind(ax, data)
        figure.savefig(folder / f"{kind.__name__}_matplotlib.png")
        pyplot.close(figure)


def paste(folder, sheet):
    from PIL import Image, ImageDraw, ImageFont
    font = ImageFont.truetype("DejaVuSans.ttf", 15)
    cell_width, cell_height = 2 * WIDTH + GAP, HEIGHT + HEADING + GAP
    page = Image.new("RGB", (2 * cell_width + 3 * GAP, cell_height * ((len(KINDS) + 1) // 2) + GAP),
                     (225, 225, 225))
    draw = ImageDraw.Draw(page)
    for k, kind in enumerate(KINDS):
        left = GAP + (k % 2) * (cell_width + GAP)
        top = GAP + k // 2 * cell_height
        for side, x in (("matplotlib", left), ("seqnn", left + WIDTH + GAP)):
            with Image.open(folder / f"{kind.__name__}_{side}.png") as picture:
                page.paste(picture.convert("RGB"), (x, top + HEADING))
            title = f"{k + 1}. {kind.__name__.replace('_', ' ')}: {side}"
            draw.text((x + 4, top + 4), title, font=font, fill=(40, 40, 40))
    page.quantize(256, dither=Image.Dither.NONE).save(sheet, optimize=True)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        packages.enter(ROOT / "build" / "venv-plots", Path(__file__).with_name("requirements.txt"))
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"contact: packages from PyPI are needed: {error}")
    program, folder, sheet = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([program.resolve(), folder], check=True)
    draw_peers(json.loads((folder / "data.json").read_text()), folder)
    paste(folder, sheet)


main()
