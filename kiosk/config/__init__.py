"""The configuration: one TOML file becomes frozen dataclasses; every key is documented in `keys` and nowhere else."""

from kiosk.config.keys import (
    CameraConfig,
    CentreConfig,
    Config,
    DemoConfig,
    PathsConfig,
    PrinterConfig,
    ScannerConfig,
    ScreenConfig,
    TerminalConfig,
    Timing,
)
from kiosk.config.reading import ConfigError, Problem, load
from kiosk.config.writing import document, toml_of

__all__ = [
    "CameraConfig",
    "CentreConfig",
    "Config",
    "ConfigError",
    "DemoConfig",
    "PathsConfig",
    "PrinterConfig",
    "Problem",
    "ScannerConfig",
    "ScreenConfig",
    "TerminalConfig",
    "Timing",
    "document",
    "load",
    "toml_of",
]
