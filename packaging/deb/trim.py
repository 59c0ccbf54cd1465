"""What of the installed libraries goes into the package: no designer, no headers, no tests of others."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

LEFT_OUT = (
    *("bin", "docs", "share", "tests", "face_recognition", "setuptools", "pkg_resources", "_distutils_hack", "wheel"),
    "distutils-precedence.pth",
    # trained on pictures that are for research alone, and not used
    "face_recognition_models/models/shape_predictor_68_face_landmarks.dat",
    "face_recognition_models/models/mmod_human_face_detector.dat",
    *(
        "numpy/**/tests",
        "numpy/_core/include",
        "numpy/_core/lib",
        "numpy/f2py",
        "numpy/distutils",
        "numpy/random/lib",
        "lxml/includes",
    ),
    *("fontTools/**/*.c", "sqlalchemy/**/*.pyx", "aiohttp/**/*.pyx", "lxml/**/*.pyx", "**/*.pyi", "**/*.pxd"),
    *("sqlalchemy/testing", "alembic/testing", "**/__pycache__", "dlib/include", "cv2/data"),
)
"""Patterns below the folder of the libraries."""

STRIPPED = (
    *(
        "aiohttp",
        "charset_normalizer",
        "cryptography",
        "fontTools",
        "frozenlist",
        "multidict",
        "propcache",
        "sqlalchemy",
    ),
    *("wrapt", "yaml", "yarl"),
)
"""Libraries whose compiled parts come with their makers' symbols. Those that bring libraries of their own along do not,
and what has been patched to find them may not survive it."""

QT_MODULES = ("Core", "Gui", "Network", "OpenGL", "Qml", "Quick", "Svg")
QT_LIBRARIES = (
    *(
        "Core",
        "DBus",
        "Gui",
        "Network",
        "OpenGL",
        "Qml",
        "QmlMeta",
        "QmlModels",
        "QmlWorkerScript",
        "Quick",
        "QuickShapes",
    ),
    *("QuickShapesDesignHelpers", "Svg", "WaylandClient", "WlShellIntegration", "XcbQpa"),
)
QT_PLUGINS = (
    *("platforms/libqoffscreen.so", "platforms/libqwayland.so", "platforms/libqxcb.so"),
    *(
        "wayland-shell-integration/libxdg-shell.so",
        "iconengines/*",
        "imageformats/libqsvg.so",
        "imageformats/libqjpeg.so",
    ),
)
QT_QML = (
    "*.qmltypes",
    "QtQml",
    "QtQuick/*.so",
    "QtQuick/qmldir",
    "QtQuick/*.qmltypes",
    "QtQuick/Shapes",
    "QtQuick/Window",
)


def trim(libs: Path) -> None:
    """Delete from a folder that `pip install --target` has filled. FileNotFoundError: Qt looks otherwise now."""
    for pattern in LEFT_OUT:
        for path in sorted(libs.glob(pattern)):
            _delete(path)
    _only(libs / "PySide6", _qt(libs / "PySide6"))


def strip(libs: Path) -> None:
    """Take the symbols away that only a debugger reads: 40 MB. Raises FileNotFoundError without binutils."""
    found = [str(path) for name in STRIPPED for path in sorted((libs / name).rglob("*.so"))]
    subprocess.run(["strip", "--strip-unneeded", *found], check=True)


def _qt(folder: Path) -> Iterator[Path]:
    """The files of PySide6 that stay."""
    modules = [f"Qt{name}.abi3.so" for name in QT_MODULES]
    libraries = [f"Qt/lib/libQt6{name}.so.6" for name in QT_LIBRARIES]
    fixed = ["*.py", "libpyside6*.so*", "support", "Qt/lib/libicu*", "Qt/qt.conf"]
    plugins = [f"Qt/plugins/{name}" for name in QT_PLUGINS]
    for pattern in (*fixed, *modules, *libraries, *plugins, *(f"Qt/qml/{name}" for name in QT_QML)):
        found = sorted(folder.glob(pattern))
        if not found and pattern != "Qt/qt.conf":
            raise FileNotFoundError(f"PySide6 has no {pattern} any more: look over {__file__}")
        for path in found:
            yield from (each for each in path.rglob("*") if each.is_file()) if path.is_dir() else (path,)


def _only(folder: Path, kept: Iterator[Path]) -> None:
    stays = set(kept)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in stays:
            path.unlink()


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
