"""The mean, spread and seeds of every configuration in the output of titles.py and
news.py, as rows of a Markdown table: table.py LOG ...
"""
import re
import statistics
import sys

SEED = re.compile(r"(titles|news) (.+) seed (\d+): (?:best|final) val_acc ([\d.]+).*?([\d.]+) CPU s/epoch")


def main():
    runs = {}
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as log:
            for line in log:
                match = SEED.match(line)
                if match:
                    task, configuration, seed, score, cpu = match.groups()
                    row = runs.setdefault((task, configuration), {})
                    row[int(seed)] = (float(score), float(cpu))
    print("| set | configuration | seeds | mean | sd | CPU s/epoch | each seed |")
    print("|---|---|---:|---:|---:|---:|---|")
    for (task, configuration), seeds in runs.items():
        scores, cpu = zip(*(seeds[s] for s in sorted(seeds)))
        sd = f"{statistics.stdev(scores):.4f}" if len(scores) > 1 else ""
        each = ", ".join(f"{score:.4f}" for score in scores)
        print(f"| {task} | {configuration} | {len(scores)} | {statistics.mean(scores):.4f} "
              f"| {sd} | {statistics.median(cpu):.2f} | {each} |")


main()
