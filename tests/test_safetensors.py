"""Array files beside the packages they come from: what Python's safetensors and numpy write
is read here, what is written here is read there, and what one refuses the other does too.

Makes build/venv with both packages on its first run (from PyPI; skipped if that cannot be
reached) and goes on in it."""

import itertools
import json
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "portability"))
from tap import ROOT, Report, call, scratch  # noqa: E402

sys.path.insert(0, str(ROOT / "tools"))
import packages  # noqa: E402

HOME = ROOT / "build" / "venv"
PYTHON = HOME / "bin" / "python"


def enter_venv(report):
    """Starts this script again inside the environment, unless that is where it runs."""
    imports = [PYTHON, "-c", "import safetensors.numpy, numpy"]
    if not PYTHON.exists() or not call(imports)[0]:
        try:
            packages.install(HOME, "safetensors", "numpy")
        except (OSError, subprocess.CalledProcessError) as error:
            report.skip("array files beside Python's", f"no safetensors and numpy: {error}")
            report.end()
    sys.stdout.flush()
    os.execv(PYTHON, [str(PYTHON), __file__, "inside"])


def build(folder):
    """The program copy_arrays, linked with the library of the tests."""
    library = ROOT / os.environ.get("BUILD", "build")
    program = Path(folder) / "copy_arrays"
    rooms = ["src"] + [f"src/{room}" for room in ("base", "data", "text")]
    call(["make", "--no-print-directory", f"BUILD={os.environ.get('BUILD', 'build')}",
          f"{os.environ.get('BUILD', 'build')}/float/libseqnn.a"], cwd=ROOT)
    libraries = ["-lz", "-lexpat", "-lstemmer", "-lwordnet"]
    found = [name for name in libraries
             if call(["gcc", "-shared", "-o", "/dev/null", "-x", "c", "/dev/null", name])[0]]
    good, said = call(["gcc", "-std=c99", "-fopenmp", *(f"-I{room}" for room in rooms),
                       "tests/copy_arrays.c", library / "float" / "libseqnn.a", *found, "-lm", "-o",
                       program], cwd=ROOT)
    return program if good else None, said


def main():
    report = Report()
    if sys.argv[1:] != ["inside"]:
        enter_venv(report)
    import numpy
    import safetensors
    import safetensors.numpy

    # As seqnn_dtype numbers them.
    types = {1: "float32", 2: "float64", 3: "float16", 5: "int64", 6: "int32", 7: "int16",
             8: "int8", 9: "uint8", 10: "bool"}
    rng = numpy.random.default_rng(4)

    def sample(dtype, shape):
        if dtype == "bool":
            return numpy.asarray(rng.integers(0, 2, shape)).astype(bool)
        if dtype.startswith(("int", "uint")):
            info = numpy.iinfo(dtype)
            return numpy.asarray(rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True))
        return numpy.asarray(rng.normal(size=shape) * 10.0 ** rng.integers(-6, 4, shape)).astype(dtype)

    def printed(said):
        """{name: (number of the dtype, shape, values as text)}"""
        arrays = {}
        for row in re.finditer(r"^(.+?) (\d+)((?: \d+)*) :(.*)$", said, re.M):
            shape = [int(size) for size in row[3].split()]
            arrays[row[1]] = int(row[2]), shape, row[4].split()
        return arrays

    def agrees(row, array, dtype):
        expected = numpy.asarray(array).astype(numpy.float32).ravel()
        return (row[0] == dtype and row[1] == list(array.shape)
                and numpy.array_equal(numpy.array(row[2], numpy.float32), expected, equal_nan=True))

    with scratch() as folder:
        program, said = build(folder)
        report.check("copy_arrays compiles", program is not None, said)
        if program is None:
            report.end()
        there, back = os.path.join(folder, "there"), os.path.join(folder, "back")

        # ---- safetensors ----
        arrays = {f"layer.{i}/{name}": sample(name, shape)
                  for i, shape in enumerate([(3, 4), (), (5,), (2, 3, 1, 2), (0, 7), (1,), (3,)])
                  for name in types.values()}
        arrays["\u00e9 \u20ac \U0001F600 \"quoted\" \\ \n\t"] = sample("float32", (2, 2))
        arrays["odd values"] = numpy.array([0, -0.0, numpy.inf, -numpy.inf, numpy.nan, 6e-8, 65504,
                                            6.1e-5], numpy.float16)
        metadata = {"format": "np", "\u00e9\"\\": "\u20ac \n \x01 \U0001F600", "": ""}
        safetensors.numpy.save_file(arrays, there, metadata=metadata)
        good, said = call([program, "safetensors", there, back])
        report.check("Python's safetensors file is read", good, said)
        simple = {name: array for name, array in arrays.items() if "\n" not in name}
        rows = printed(said)
        wrong = [name for name, array in simple.items()
                 if not agrees(rows.get(name, (0, [], [])), array,
                               next(k for k, t in types.items() if t == array.dtype.name))]
        report.check("its values are Python's", not wrong and len(simple) > 60, wrong)
        with safetensors.safe_open(back, "numpy") as file:
            same = file.metadata() == metadata and sorted(file.keys()) == sorted(arrays)
            same = same and all(file.get_tensor(name).dtype == array.dtype
                                and file.get_tensor(name).tobytes() == array.tobytes()
                                and file.get_tensor(name).shape == array.shape
                                for name, array in arrays.items())
        report.check("ours is read by Python: arrays, shapes, types, metadata", same)
        size = struct.unpack("<Q", Path(back).read_bytes()[:8])[0]
        report.check("the data is aligned as the package does it", size % 8 == 0
                     and len(Path(back).read_bytes()) == len(Path(there).read_bytes()))
        one = {"w": sample("float32", (3, 5)), "b": sample("float32", (5,))}
        safetensors.numpy.save_file(one, there)
        call([program, "safetensors", there, back])
        report.check("a small file is the package's byte for byte",
                     Path(back).read_bytes() == Path(there).read_bytes(),
                     f"{Path(there).read_bytes()[:300]}\n{Path(back).read_bytes()[:300]}")

        bits = rng.integers(0, 2 ** 16, 500, dtype=numpy.uint16)
        text = b'{"x":{"dtype":"BF16","shape":[500],"data_offsets":[0,1000]}}'
        text += b" " * (-len(text) % 8)
        body = struct.pack("<Q", len(text)) + text + bits.tobytes()
        Path(there).write_bytes(body)
        good, said = call([program, "safetensors", there, back])
        wide = (bits.astype(numpy.uint32) << 16).view(numpy.float32)
        read = numpy.array(printed(said)["x"][2], numpy.float32) if good else None
        report.check("bfloat16 is read and written", good
                     and numpy.array_equal(read, wide, equal_nan=True)
                     and Path(back).read_bytes() == body
                     and bytes(safetensors.deserialize(body)[0][1]["data"]) == bits.tobytes(),
                     said[:200])
        half = numpy.arange(2 ** 16, dtype=numpy.uint16).view(numpy.float16)
        safetensors.numpy.save_file({"x": half}, there)
        good, said = call([program, "safetensors", there])
        read = numpy.array(printed(said)["x"][2], numpy.float32) if good else None
        report.check("each of the 65536 halves is what numpy says", good
                     and numpy.array_equal(read, half.astype(numpy.float32), equal_nan=True))

        def container(header, data=b"", length=None):
            text = header if isinstance(header, bytes) else json.dumps(header).encode()
            return struct.pack("<Q", len(text) if length is None else length) + text + data

        def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
            return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}

        eight = b"\0" * 8
        bad = {
            "empty": b"", "seven bytes": b"\2" + b"\0" * 6, "no header": eight,
            "header beyond the end": container({}, length=10),
            "header beyond 100 MB": container({}, length=100000001),
            "header of 2^63": container({}, length=2 ** 63), "no JSON": container(b"{x}"),
            "not UTF-8": container(b'{"\xff":1}'), "a list": container([]), "a number": container(b"1 "),
            "cut data": container({"a": entry()}, eight[:7]), "more data": container({"a": entry()}, eight + b"x"),
            "a gap": container({"a": entry(offsets=(1, 9))}, eight + b"x"),
            "an overlap": container({"a": entry(), "b": entry(offsets=(4, 12))}, eight + eight),
            "twice the same place": container({"a": entry(), "b": entry()}, eight),
            "offsets and shape": container({"a": entry(shape=(3,))}, eight),
            "offsets turned": container({"a": entry(offsets=(8, 0))}, eight),
            "negative shape": container({"a": entry(shape=(-2,))}, eight),
            "fraction": container({"a": entry(shape=(2.5,))}, eight),
            "huge shape": container({"a": entry(shape=(2 ** 40, 2 ** 40))}, eight),
            "overflow to zero": container({"a": entry(shape=(2 ** 32, 2 ** 32), offsets=(0, 0))}),
            "unknown dtype": container({"a": entry("F33")}, eight),
            "dtype in small letters": container({"a": entry("f32")}, eight),
            "no dtype": container({"a": {"shape": [2], "data_offsets": [0, 8]}}, eight),
            "no shape": container({"a": {"dtype": "F32", "data_offsets": [0, 8]}}, eight),
            "no offsets": container({"a": {"dtype": "F32", "shape": [2]}}, eight),
            "three offsets": container({"a": entry(offsets=(0, 8, 8))}, eight),
            "metadata a number": container({"__metadata__": {"x": 1}}),
            "metadata a list": container({"__metadata__": []}), "an entry a list": container({"a": []}),
        }
        taken = {}
        for name, data in bad.items():
            Path(there).write_bytes(data)
            good, said = call([program, "safetensors", there])
            if good or "there: " not in said:
                taken[f"ours takes: {name}"] = said
            try:
                safetensors.deserialize(data)
                taken[f"Python takes: {name}"] = ""
            except safetensors.SafetensorError:
                pass
        report.check(f"{len(bad)} bad files are refused by both", not taken, taken)

        # ---- word vectors ----
        # As src/data/word_vectors.h says it.
        names, table = ["the", "caf\u00e9", "a b"], sample("float32", (3, 4))
        safetensors.numpy.save_file(
            {"vectors": table, "words": numpy.frombuffer("".join(
                name + "\n" for name in names).encode(), numpy.uint8)}, there)
        good, said = call([program, "vectors", there, back])
        report.check("Python's word vectors are read", good, said)
        header = Path(ROOT, "src/data/word_vectors.h").read_text(encoding="utf-8")
        lines = re.findall(r"^ \*     (from safetensors.*|file = .*|words, vectors = .*)$", header, re.M)
        names_read = {}
        exec("\n".join(lines).replace('"vectors.safetensors"', repr(back)), names_read)
        report.check("ours are read by the three lines of word_vectors.h",
                     len(lines) == 3 and names_read.get("words") == names
                     and numpy.array_equal(names_read["vectors"], table), lines)

        # ---- npy ----
        wide = {"uint16": (6, "int32"), "uint32": (5, "int64"), "uint64": (5, "int64")}
        wrong = []
        count = 0
        for dtype in list(types.values()) + list(wide):
            for shape in [(), (5,), (3, 4), (2, 3, 4), (0, 3), (1, 1), (2, 3, 2, 2)]:
                layouts = "CF" if len(shape) > 1 else "C"
                versions = [(1, 0), (2, 0), (3, 0)] if dtype == "float32" else [(1, 0)]
                for order, layout, version in itertools.product("<>", layouts, versions):
                    count += 1
                    array = sample(dtype, shape)
                    if dtype == "uint64":
                        array >>= numpy.uint64(1)
                    array = numpy.asarray(array, order=layout)
                    array = array.astype(array.dtype.newbyteorder(order), order=layout)
                    with open(there, "wb") as file:
                        numpy.lib.format.write_array(file, array, version=version)
                    good, said = call([program, "npy", there, back])
                    number = next((k for k, t in types.items() if t == dtype), 0)
                    number, name = wide.get(dtype, (number, dtype))
                    again = numpy.load(back) if good else array[..., None]
                    if (not good or not agrees(printed(said)["array"], array, number)
                            or again.dtype.name != name or again.shape != array.shape
                            or not again.flags.c_contiguous
                            or not numpy.array_equal(again, array)):
                        wrong.append(f"{dtype} {shape} {order} {layout} {version}: {said[:100]}")
        report.check(f"{count} .npy files go from numpy to us and back", not wrong, "\n".join(wrong))

        plain = numpy.lib.format.magic(1, 0)

        def npy(header, data=b"", length=None, magic=plain):
            text = header.encode("latin1")
            return magic + struct.pack("<H", len(text) if length is None else length) + text + data

        odd = npy('{"shape":(2,),"fortran_order":False,"descr":"<f4"}', eight)
        Path(there).write_bytes(odd)
        good, said = call([program, "npy", there])
        report.check("keys in another order, other quotes, no padding", good
                     and numpy.load(there).shape == (2,) and said == "array 1 2 : 0 0\n", said)
        fine = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
        bad = {
            "empty": b"", "magic alone": plain, "another magic": npy(fine, eight, magic=b"\x93NUMPX\1\0"),
            "version 9": npy(fine, eight, magic=b"\x93NUMPY\x09\0"), "cut header": npy(fine, b"", 200),
            "cut data": npy(fine, eight[:7]), "no dictionary": npy("(1, 2)", eight),
            "no shape": npy("{'descr': '<f4', 'fortran_order': False}", eight),
            "no order": npy("{'descr': '<f4', 'shape': (2,)}", eight),
            "an unknown key": npy(fine[:-1] + "'x': 1}", eight),
            "a number as shape": npy(fine.replace("(2,)", "(2)"), eight),
            "a list as order": npy(fine.replace("False", "[]"), eight),
            "a negative shape": npy(fine.replace("2,", "-2,"), eight),
            "an unclosed dictionary": npy(fine[:-1], eight), "an unknown type": npy(fine.replace("<f4", "<q9"), eight),
            "a huge shape": npy(fine.replace("2,", "9" * 30 + ","), eight),
            "a large shape": npy(fine.replace("2,", "4611686018427387905, 4,"), eight),
            "objects": npy(fine.replace("<f4", "|O"), eight),
        }
        taken = {}
        for name, data in bad.items():
            Path(there).write_bytes(data)
            good, said = call([program, "npy", there])
            if good or "there: " not in said:
                taken[f"ours takes: {name}"] = said
            try:
                numpy.load(there)
                taken[f"numpy takes: {name}"] = ""
            except Exception:  # whatever its parser raises
                pass
        report.check(f"{len(bad)} bad .npy files are refused by both", not taken, taken)
        numpy.save(there + ".npy", numpy.array([2 ** 63], numpy.uint64))
        good, said = call([program, "npy", there + ".npy"])
        report.check("a number that does not fit is told", not good and "2^63 - 1" in said, said)
        numpy.save(there + ".npy", numpy.array([1j]))
        good, said = call([program, "npy", there + ".npy"])
        report.check("complex numbers are told", not good and "'<c16'" in said, said)
    report.end()


main()
