"""What the scripts that record the results of others share: how they write them down."""


def escaped(data):
    """Bytes as the inside of a C string: octal in three digits, so that what follows cannot
    be taken for a part of it."""
    return "".join(chr(byte) if 32 <= byte <= 126 and chr(byte) not in '"\\?'
                   else f"\\{byte:03o}" for byte in data)


def literal(text):
    """A C string of bytes, or of a text in UTF-8."""
    return f'"{escaped(text.encode() if isinstance(text, str) else text)}"'


def checksum(data):
    """FNV-1a of 32 bits over bytes."""
    h = 2166136261
    for byte in data:
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    return h


class Lines:
    """A file of lines of fields for tsv.h, with tabs between them."""

    def __init__(self, path, script):
        self.path, self.lines = path, [f"# recorded by tests/golden/{script}"]

    def record(self, *fields):
        escapes = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
        texts = []
        for field in fields:
            field = str(field)
            for plain, escape in escapes:
                field = field.replace(plain, escape)
            texts.append(field)
        self.lines.append("\t".join(texts))

    def write(self):
        self.path.write_text("\n".join(self.lines) + "\n", encoding="utf-8", newline="\n")
