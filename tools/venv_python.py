"""Python packages that a script needs: installed from PyPI into the ignored folder .venv
when they are first asked for."""
import subprocess
import sys
from pathlib import Path

VENV = Path(__file__).resolve().parent.parent / ".venv"


def has(python, packages):
    """Are all of them installed there? By the names that pip knows."""
    look = "import sys, importlib.metadata as m; [m.version(name) for name in sys.argv[1:]]"
    try:
        return subprocess.run([python, "-c", look, *packages], capture_output=True).returncode == 0
    except OSError:
        return False


def with_packages(*packages):
    """The path of .venv's python, which has these packages now."""
    python = VENV / "bin" / "python"
    if not has(python, packages):
        print(f"installing {' '.join(packages)} into {VENV.name}, this once", file=sys.stderr, flush=True)
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    return python
