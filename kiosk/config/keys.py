"""Every key of the configuration file: its default, its meaning, and what it may hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Form = tuple[str, str]
"""A regular expression that the whole text must match, and the same in words."""

ID: Form = (r"[A-Z0-9][A-Z0-9-]{0,15}", "A-Z, 0-9 and -, at most 16 characters")
NAME: Form = (r"[a-z0-9-]+", "a-z, 0-9 and -")
PUBLIC_URL: Form = (r"https?://\S+/", "http://… or https://… with / at its end")
SECURE_URL: Form = (
    r"https://[^\s/]+(/\S*)?|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/\S*)?",
    "https://HOST, or http://127.0.0.1:PORT on this machine alone",
)
PRINTER_URL: Form = (
    r"(tcp://(\[[0-9A-Fa-f:]+\]|[^\s/@:]+):\d{1,5}(\?baud=\d+)?|serial:///\S+|usb://[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}|file:///\S+)?",
    "tcp://HOST:PORT (and ?baud=N where a serial line follows), serial:///DEVICE?baud=N, usb://VENDOR:PRODUCT, "
    "file:///DEVICE, or empty",
)


IPP_URL: Form = (
    r"(ipps?://(\[[0-9A-Fa-f:]+\]|[^\s/@:?#\[\]]+)(:\d{1,5})?(/[^\s?#@]*)?)?",
    "ipp://HOST/PATH or ipps://HOST/PATH, with :PORT where it is not 631, or empty",
)


def key(
    default: Any,
    doc: str,
    allowed: tuple[Any, ...] = (),
    least: float | None = None,
    most: float | None = None,
    form: Form | None = None,
    path: bool = False,
) -> Any:
    """A configuration key: its default, one line of documentation, and what is allowed.

    `least` and `most` are included; a `path` is meant from the folder of the file.
    """
    rules = {"doc": doc, "allowed": allowed, "least": least, "most": most, "form": form, "path": path}
    return field(default=default, metadata=rules)


_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_END = rf"(?:{_TIME}|24:00)"
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)"
_DAYS = rf"{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*"
_SPANS = rf"{_TIME}-{_END}(?:,{_TIME}-{_END})*"
HOURS: Form = (
    rf"(?:{_DAYS} {_SPANS}(?:; ?{_DAYS} {_SPANS})*)?",
    "mon-fri 07:00-22:00; sat,sun 08:00-12:00,13:00-20:00, or empty",
)
SPAN: Form = (rf"(?:{_TIME}-{_TIME})?", "22:30-06:30, or empty")
TIME_OF_DAY: Form = (rf"(?:{_TIME})?", "04:10, or empty")


@dataclass(frozen=True, slots=True)
class TerminalConfig:
    """[terminal] Who and where this terminal is."""

    id: str = key(
        "A-017",
        "Number of this terminal, part of every receipt number.",
        form=ID,
    )
    campus: int = key(1, "campus_id: codes of another campus are refused.", least=1, most=65535)
    campus_zh: str = key("江城职业学院", "Name of the campus in Chinese.")
    campus_en: str = key("Jiangcheng Vocational College", "Name of the campus in English.")
    place_zh: str = key("一号楼大厅", "Where the terminal stands, in Chinese.")
    place_en: str = key("Hall of Building 1", "Where the terminal stands, in English.")
    help_phone: str = key("027-8888 1234", "Whom to call; shown on every help page.")
    language: str = key("zh", "Language of the attract screen.", allowed=("zh", "en"))


@dataclass(frozen=True, slots=True)
class PathsConfig:
    """[paths] Where run data is kept."""

    state: Path = key(Path(".state"), "Folder of databases and keys, made with mode 0700.", path=True)  # noqa: RUF009 - a field, like the others
    items: str = key("", "Folder of service items; empty = the ones that come with the program.", path=True)
    sticks: str = key(
        "", "Folder that stands for a USB stick; empty = the removable disks that are mounted.", path=True
    )


@dataclass(frozen=True, slots=True)
class ScreenConfig:
    """[screen] The window."""

    width: int = key(1080, "Width in pixels; larger than the height = landscape.", least=640, most=7680)
    height: int = key(1920, "Height in pixels.", least=640, most=7680)
    fullscreen: bool = key(True, "Cover the whole screen; off = a window, scaled to fit.")


@dataclass(frozen=True, slots=True)
class CentreConfig:
    """[centre] The central API."""

    url: str = key("http://127.0.0.1:8700", "Base URL of the central API.", form=SECURE_URL)
    check_url: str = key(
        "https://v.example.com/",
        "Base URL of the public page that checks papers and shows progress.",
        form=PUBLIC_URL,
    )
    ca_file: str = key("", "PEM file of the certificate authority; empty = the system's.", path=True)
    enrolment_code: str = key("", "One-time code for the first start; not needed afterwards.")
    feed_seconds: float = key(20.0, "How often feeds are asked for when nothing happens.", least=0.2, most=3600)


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """[queue] How much may wait on this terminal. What was sent makes room first; then new records are refused."""

    rows: int = key(
        2_000_000, "Records that may wait; from 80 % on what matters less is refused.", least=100, most=100_000_000
    )
    megabytes: int = key(6000, "Megabytes that they and their photographs may take.", least=1, most=1_000_000)
    free_megabytes: int = key(512, "Free megabytes of the disk that records leave alone.", least=0, most=1_000_000)
    ballast_megabytes: int = key(
        16, "Megabytes set aside and let go of when the disk is full all the same; 0 = none.", least=0, most=1000
    )


@dataclass(frozen=True, slots=True)
class ScannerConfig:
    """[scanner] The code scanner on a serial line, or one that types as a keyboard."""

    kind: str = key("none", "Wire protocol.", allowed=("none", "line", "gm65", "keyboard"))
    port: str = key("/dev/ttyUSB0", "Serial device; of a keyboard its event device, /dev/input/by-id/…-event-kbd.")
    baud: int = key(9600, "Speed of the line.", allowed=(9600, 19200, 38400, 57600, 115200))


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """[camera] The camera that reads codes and photographs documents."""

    source: str = key(
        "", "What to open: /dev/video0, a video or picture file, an MJPEG address; empty = no camera.", path=True
    )
    width: int = key(1280, "Width asked for.", least=320, most=3840)
    height: int = key(720, "Height asked for.", least=240, most=2160)
    fps: int = key(15, "Frames a second at most.", least=1, most=60)


@dataclass(frozen=True, slots=True)
class PrinterConfig:
    """[printer] The receipt and certificate printer."""

    address: str = key(
        "",
        "Where it is, such as serial:///dev/ttyUSB1?baud=115200 or usb://04b8:0202; empty = none.",
        form=PRINTER_URL,
    )
    profile: str = key("generic-80mm", "Name of the printer profile, a table of printers/profiles.toml.", form=NAME)
    roll: float = key(
        80.0,
        "Metres of paper on a new roll; its last tenth is told as running low. 0 = not counted.",
        least=0,
        most=1000,
    )


@dataclass(frozen=True, slots=True)
class A4Config:
    """[a4] The printer of A4 sheets, for the documents that go there."""

    address: str = key(
        "", "Where it is, such as ipp://192.0.2.8/ipp/print or a queue of CUPS; empty = none.", form=IPP_URL
    )
    ca_file: str = key(
        "",
        "For ipps: PEM file of the printer's certificate or of who issued it; empty = the system's authorities.",
        path=True,
    )
    own_sheets: bool = key(
        True,
        "Without the centre's sealed file in time, print sheets laid out here, with the same words and code; "
        "false = ready at the next visit.",
    )


@dataclass(frozen=True, slots=True)
class Timing:
    """[timing] Every duration of the flows, in seconds."""

    idle: float = key(60.0, 'Without a touch, until "still there?".', least=5, most=600)
    still: float = key(20.0, 'Countdown of "still there?".', least=5, most=120)
    extensions: int = key(30, "How often the countdown may be extended in one visit.", least=10, most=1000)
    seal: float = key(8.0, "Longest wait for the centre's seal.", least=1, most=60)
    rate: float = key(20.0, "How long the rating is offered.", least=5, most=120)
    message: float = key(6.0, "How long a passing message stays.", least=2, most=60)
    lockout: float = key(900.0, "How long a number is locked after five wrong PINs.", least=60, most=86400)
    draft_days: float = key(7.0, "How long a half-filled form is kept.", least=0, most=60)
    technician: float = key(300.0, "Without a touch, until the technician's pages close.", least=5, most=1800)


@dataclass(frozen=True, slots=True)
class FaceConfig:
    """[face] The recogniser: a process of its own that reads the camera's pictures."""

    enabled: bool = key(False, "Look for faces; needs a camera.")
    engine: str = key(
        "auto",
        "What runs the network: auto takes the first of onnxruntime, dnn (OpenCV) and reference (face_recognition) "
        "that passes its self-test.",
        allowed=("auto", "onnxruntime", "dnn", "reference"),
    )
    threads: int = key(1, "Threads of the network.", least=1, most=16)
    models: str = key("", "Folder of further models, each a file with a card; empty = none.", path=True)
    detector: str = key("dlib-hog", "Name of the detector, from its card.", form=NAME)
    embedder: str = key("dlib-resnet", "Name of the embedding model, from its card.", form=NAME)
    nearest: float = key(0.10, "Faces narrower than this share of the picture are too far.", least=0.03, most=0.6)


@dataclass(frozen=True, slots=True)
class ThermalConfig:
    """[thermal] The thermal camera on a serial line."""

    kind: str = key("none", "Wire protocol.", allowed=("none", "gy90640", "gy614", "htpa32", "gy8833"))
    port: str = key("/dev/ttyUSB2", "Serial device.")
    baud: int = key(0, "Speed of the line; 0 = found out.", allowed=(0, 9600, 115200, 460800))
    rate: int = key(4, "Pictures a second asked for (gy90640).", allowed=(1, 2, 4, 8))
    emissivity: float = key(0.98, "Emissivity set in the module; skin is 0.98.", least=0.5, most=1.0)
    mirror: bool = key(True, "The module's first pixel is at the upper right of the scene.")
    calibration: str = key(
        "",
        "TOML file with registration to the camera, offset or reference source; empty = uncalibrated: the terminal "
        "then judges nobody by temperature.",
        path=True,
    )


@dataclass(frozen=True, slots=True)
class RelayConfig:
    """[relay] What opens the lane."""

    kind: str = key("none", "Wire protocol.", allowed=("none", "modbus", "lcus"))
    port: str = key("/dev/ttyUSB3", "Serial device.")
    baud: int = key(9600, "Speed of the line.", allowed=(9600, 19200, 38400, 57600, 115200))
    unit: int = key(1, "Modbus address of the board.", least=1, most=247)
    channel: int = key(1, "Relay of the lane, counted from 1.", least=1, most=8)
    sensor: int = key(0, "Input of the passage sensor, counted from 1; 0 = none (Modbus only).", least=0, most=8)


@dataclass(frozen=True, slots=True)
class GateConfig:
    """[gate] The lane: name, direction, and every duration of its flow, in seconds."""

    gate: str = key("east", "Name of the gate, as the centre's rules and visits name it.", form=NAME)
    lane_zh: str = key("东门 2 号通道", "Name of the lane in Chinese.")
    lane_en: str = key("East Gate, lane 2", "Name of the lane in English.")
    direction: str = key("in", "Which way people go.", allowed=("in", "out"))
    room: str = key("", "For attendance: the room, as the centre's timetable names it.")
    reading: float = key(2.0, "Longest time for face and temperature together.", least=0.5, most=10)
    recheck: float = key(3.0, "Longest time for a second reading.", least=0.5, most=15)
    spend: float = key(
        0.3,
        "Longest wait, from a code's reading on, for the centre's word on whether it was shown elsewhere; online only.",
        least=0.05,
        most=2,
    )
    commit: float = key(2.0, "Longest wait for the record to be on the disk.", least=0.5, most=10)
    turn: float = key(3.0, "Longest time for a head turn.", least=1, most=10)
    prompt: float = key(12.0, "How long something is asked for before the lane watches again.", least=3, most=60)
    open: float = key(0.7, "How long the relay is closed.", least=0.1, most=10)
    passage: float = key(5.0, "How long an opened lane waits for the person to pass.", least=1, most=30)
    show_allow: float = key(
        1.5, "How long a green screen stays after the person has passed, or may have.", least=0.3, most=10
    )
    show_stop: float = key(5.0, "How long a red screen stays.", least=1, most=30)
    guard: float = key(28800.0, "How long a guard stays signed in.", least=60, most=86400)
    sound: bool = key(True, "Play a sound with each decision.")


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """[service] Standing alone: opening hours, night, restarts. All times are the campus's."""

    open: str = key("", "Opening hours; empty = always open. A visit that runs may finish.", form=HOURS)
    night: str = key("", "When the screen is dimmed while nobody is there; empty = never.", form=SPAN)
    night_percent: int = key(25, "Brightness of the dimmed screen in percent.", least=5, most=100)
    day_percent: int = key(
        100, "Brightness otherwise, where there is a night and the panel can be set.", least=5, most=100
    )
    restart: str = key(
        "", "From this time on the program begins anew at the first quiet minute; empty = never.", form=TIME_OF_DAY
    )
    memory_megabytes: int = key(
        1500,
        "A process of the terminal that takes more has it begin anew when idle; 0 = not watched.",
        least=0,
        most=65536,
    )
    time_sync: bool = key(True, "Tell when the machine's clock is not kept right over the network (NTP).")
    quick_ends: int = key(
        4, "After so many quick ends in a row the terminal is out of service and says so.", least=2, most=100
    )
    retry_minutes: float = key(30.0, "Out of service, after so many minutes it tries once more.", least=1, most=1440)


@dataclass(frozen=True, slots=True)
class UpdatesConfig:
    """[updates] Releases that the centre offers; only where the terminal was installed as a package."""

    fetch: bool = key(True, "Fetch them while nobody is there; off = updates come on a stick or by hand.")
    kilobytes: int = key(512, "Kilobytes a second that fetching may take.", least=1, most=100_000)
    signed_by: Path = key(  # noqa: RUF009 - a field, like the others
        Path("/etc/campus-terminal/update.pem"), "The public key that releases must be signed by.", path=True
    )
    notes: Path = key(  # noqa: RUF009
        Path("/var/lib/campus-terminal-update"),
        "Where the machine's own update program tells what came of it.",
        path=True,
    )


@dataclass(frozen=True, slots=True)
class DemoConfig:
    """[demo] Only for demonstrations and tests; a real terminal leaves this out."""

    enabled: bool = key(False, "Allow the demonstration's PINs, clock and remote touches.")
    clock_offset: float = key(0.0, "Seconds added to the time of day.", least=-1e9, most=1e9)
    touch_socket: str = key("", "Unix socket where a script touches the window and looks at it.", path=True)


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file."""

    terminal: TerminalConfig = field(default_factory=TerminalConfig)
    paths: PathsConfig = field(default_factory=PathsConfig)
    screen: ScreenConfig = field(default_factory=ScreenConfig)
    centre: CentreConfig = field(default_factory=CentreConfig)
    queue: QueueConfig = field(default_factory=QueueConfig)
    scanner: ScannerConfig = field(default_factory=ScannerConfig)
    camera: CameraConfig = field(default_factory=CameraConfig)
    printer: PrinterConfig = field(default_factory=PrinterConfig)
    a4: A4Config = field(default_factory=A4Config)
    face: FaceConfig = field(default_factory=FaceConfig)
    thermal: ThermalConfig = field(default_factory=ThermalConfig)
    relay: RelayConfig = field(default_factory=RelayConfig)
    gate: GateConfig = field(default_factory=GateConfig)
    timing: Timing = field(default_factory=Timing)
    service: ServiceConfig = field(default_factory=ServiceConfig)
    updates: UpdatesConfig = field(default_factory=UpdatesConfig)
    demo: DemoConfig = field(default_factory=DemoConfig)
