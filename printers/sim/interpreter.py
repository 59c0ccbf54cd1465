"""The command side of the simulated printer: reads ESC/POS byte by byte and moves the paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from printers.sim.paper import Paper, Style, glyph

PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858"}
"""Character tables by the number that ESC t names them with."""
KATAKANA = "▁▂▃▄▅▆▇█▏▎▍▌▋▊▉┼┴┬┤├▔─│▕┌┐└┘╭╮╰╯"
"""Its table 1 from 0x80 on: the rules that foreign hosts draw with; of the rest nothing is printed here."""
LEVELS = {48: 1, 49: 0, 50: 3, 51: 2}
"""GS ( k correction levels L, M, Q, H as the qrcode library numbers them."""


@dataclass
class Seen:
    """What a test may want to know of everything received."""

    commands: dict[str, int] = field(default_factory=dict)
    unknown: list[bytes] = field(default_factory=list)
    kicks: int = 0
    cuts: int = 0

    def note(self, name: str) -> None:
        self.commands[name] = self.commands.get(name, 0) + 1


@dataclass
class Interpreter:
    """Takes bytes from `take` (which waits for them) and answers through `answer`.

    `status` gives the byte that GS r is answered with, `automatic` is told what GS a asks for,
    `page` is called at each cut.
    """

    take: Callable[[], int]
    answer: Callable[[bytes], None]
    status: Callable[[int], int]
    automatic: Callable[[int], None]
    page: Callable[[], None]
    paper: Paper = field(default_factory=Paper)
    seen: Seen = field(default_factory=Seen)
    style: Style = field(default_factory=Style)
    module: int = 3
    level: int = 48
    stored: bytes = b""
    graphic: tuple[int, int, bytes] = (0, 0, b"")
    identity: dict[int, str] = field(default_factory=dict)

    def reset(self) -> None:
        """Power-on settings and an empty line."""
        self.style = Style()
        self.paper.drop()
        self.module, self.level, self.stored = 3, 48, b""

    def step(self) -> None:
        """One command or one character."""
        byte = self.take()
        if byte == 0x0A:
            self.paper.line(self.style)
        elif byte == 0x1B:
            self.escape(self.take())
        elif byte == 0x1D:
            self.group(self.take())
        elif byte == 0x1C:
            self.chinese(self.take())
        elif byte == 0x10:
            self.real_time(self.take())
        elif byte == 0x09:
            self.paper.skip((self.paper._used // 96 + 1) * 96)
        elif byte >= 0x20:
            self.character(byte)
        elif byte not in (0x00, 0x0D, 0x0C, 0x18):
            self.odd(bytes((byte,)))

    def odd(self, what: bytes) -> None:
        self.seen.unknown.append(what)

    def character(self, byte: int) -> None:
        style = self.style
        if style.chinese and 0x81 <= byte <= 0xFE:
            code = bytes((byte, self.take()))
            if 0x30 <= code[1] <= 0x39:
                code += bytes((self.take(), self.take()))
            text = code.decode("gb18030", "replace")
            self.paper.put(glyph(text, True, style.kanji_wide, style.kanji_high, style.bold), style, text)
        else:
            text = self.single(byte)
            self.paper.put(glyph(text, False, style.wide, style.high, style.bold), style, text)

    def single(self, byte: int) -> str:
        """One byte in the table that was chosen."""
        if byte == 0x7F:
            return "?"
        if self.style.page == 1:
            return KATAKANA[byte - 0x80] if 0x80 <= byte < 0xA0 else bytes((byte,)).decode("ascii", "replace")
        return bytes((byte,)).decode(PAGES.get(self.style.page, "cp437"), "replace")

    def real_time(self, kind: int) -> None:
        """These were obeyed when they came in; here they are only stepped over."""
        if kind == 0x14:
            length = {1: 2, 2: 2, 7: 1, 8: 7}.get(self.take(), 0)
        elif kind in (0x04, 0x05):
            length = 1
        else:
            self.odd(bytes((0x10, kind)))
            return
        for _ in range(length):
            self.take()

    def escape(self, byte: int) -> None:
        self.seen.note("ESC " + chr(byte))
        style = self.style
        match chr(byte):
            case "@":
                self.reset()
            case "a":
                style.align = self.take() % 48 % 3
            case "E" | "G":
                style.bold = bool(self.take() & 1)
            case "-":
                style.underline = self.take() % 48 > 0
            case "2":
                style.spacing = 30
            case "3":
                style.spacing = self.take()
            case "J":
                self.paper.line(style, self.take())
            case "d":
                lines = self.take()
                self.paper.line(style, lines * style.spacing)
            case "!":
                mode = self.take()
                style.bold, style.underline = bool(mode & 8), bool(mode & 128)
                style.high, style.wide = 1 + (mode >> 4 & 1), 1 + (mode >> 5 & 1)
            case "$":
                self.paper.skip(self.take() | self.take() << 8)
            case "\\":
                self.paper.skip(self.paper._used + (self.take() | self.take() << 8))
            case "t":
                style.page = self.take()
            case "p":
                self.take(), self.take(), self.take()
                self.seen.kicks += 1
            case "M" | "R" | "{" | " " | "V" | "=":
                self.take()
            case _:
                self.odd(bytes((0x1B, byte)))

    def chinese(self, byte: int) -> None:
        self.seen.note("FS " + chr(byte))
        style = self.style
        match chr(byte):
            case "&":
                style.chinese = True
            case ".":
                style.chinese = False
            case "!":
                mode = self.take()
                style.kanji_wide, style.kanji_high = 1 + (mode >> 2 & 1), 1 + (mode >> 3 & 1)
            case "-" | "W" | "C":
                self.take()
            case "S":
                self.take(), self.take()
            case "(":
                self.take()
                self.body(self.take() | self.take() << 8)
            case _:
                self.odd(bytes((0x1C, byte)))

    def group(self, byte: int) -> None:
        self.seen.note("GS " + chr(byte))
        style = self.style
        match chr(byte):
            case "!":
                size = self.take()
                style.wide, style.high = 1 + (size >> 4 & 7), 1 + (size & 7)
            case "B":
                style.reverse = bool(self.take() & 1)
            case "v":
                self.raster()
            case "(":
                self.extended(self.take())
            case "8":
                self.keep_graphic(self.take())
            case "V":
                self.cut(self.take())
            case "a":
                self.automatic(self.take())
            case "I":
                self.introduce(self.take())
            case "r":
                self.answer(bytes((self.status(self.take()),)))
            case "L" | "W" | "P" | "\\" | "$":
                self.take(), self.take()
            case "b" | "h" | "w" | "H" | "f":
                self.take()
            case _:
                self.odd(bytes((0x1D, byte)))

    def raster(self) -> None:
        if self.take() != 0x30:
            self.odd(b"\x1dv")
            return
        mode = self.take() & 3
        width = self.take() | self.take() << 8
        rows = self.take() | self.take() << 8
        for _ in range(rows):
            data = bytes(self.take() for _ in range(width))
            self.paper.row(data, self.style.align, 1 + (mode >> 1), 1 + (mode & 1), width * 8)

    def body(self, length: int) -> bytes:
        """The rest of a command that tells how long it is."""
        return bytes(self.take() for _ in range(length))

    def keep_graphic(self, kind: int) -> None:
        """GS 8 L 112: a raster picture into memory; GS ( L 50 prints it."""
        body = self.body(sum(self.take() << shift for shift in (0, 8, 16, 24)))
        if chr(kind) != "L" or body[:3] != b"0p0" or len(body) < 10:
            self.odd(b"\x1d8" + body[:2])
            return
        self.graphic = (body[6] | body[7] << 8, body[8] | body[9] << 8, body[10:])

    def print_graphic(self) -> None:
        dots, rows, data = self.graphic
        width = (dots + 7) // 8
        for y in range(rows):
            self.paper.row(data[y * width : (y + 1) * width], self.style.align, 1, 1, width * 8)

    def extended(self, kind: int) -> None:
        body = self.body(self.take() | self.take() << 8)
        if chr(kind) == "L" and body in (b"0\x02", b"02"):
            self.print_graphic()
            return
        if chr(kind) != "k" or body[:1] != b"1":
            self.odd(b"\x1d(" + bytes((kind,)) + body[:2])
            return
        match chr(body[1]):
            case "C":
                self.module = body[2]
            case "E":
                self.level = body[2]
            case "P":
                self.stored = body[3:]
            case "Q" if self.stored:
                level = LEVELS.get(self.level, 1)
                self.paper.qr(self.stored.decode("latin-1"), self.module, level, self.style.align)

    def introduce(self, n: int) -> None:
        """A text between 5F and 00; whoever has no such text says nothing."""
        if n in self.identity:
            self.answer(b"\x5f" + self.identity[n].encode("ascii") + b"\x00")

    def cut(self, mode: int) -> None:
        if mode in (65, 66, 97, 98, 103, 104):
            self.paper.feed(self.take())
        self.seen.cuts += 1
        self.page()
