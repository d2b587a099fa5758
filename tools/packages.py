"""Packages from PyPI for the tools and tests that need some: in a virtual environment that is
made on first use, in a folder that git ignores."""

import os
import subprocess
import sys
from pathlib import Path


def install(folder, *what):
    """Lets pip install what (names, or -r and a file) into the environment at folder, which
    is made if it is not there; returns its python. Whatever fails is an OSError or a
    CalledProcessError."""
    python = Path(folder) / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                    "--retries", "1", "--timeout", "20", *what], check=True)
    return python


def enter(folder, *requirements):
    """Starts this program again inside the environment at folder with all that the
    requirements files list, unless that is where it runs. Whoever changes a file gets its
    packages at the next start."""
    folder = Path(folder).resolve()
    if Path(sys.prefix).resolve() == folder and "SEQNN_ENTERED" in os.environ:
        del os.environ["SEQNN_ENTERED"]
        return
    for file in requirements:
        stamp = folder / f"{Path(file).parent.name}.installed"
        wanted = Path(file).read_text()
        if not stamp.exists() or stamp.read_text() != wanted:
            install(folder, "-r", file)
            stamp.write_text(wanted)
    os.environ["SEQNN_ENTERED"] = "1"
    python = folder / "bin" / "python"
    sys.stdout.flush()
    os.execv(python, [str(python), *sys.argv])
