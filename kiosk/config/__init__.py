"""The configuration: one TOML file becomes frozen dataclasses; every key is documented in `keys` and nowhere else."""

from kiosk.config import history
from kiosk.config.keys import (
    A4Config,
    CameraConfig,
    CentreConfig,
    Config,
    DemoConfig,
    FaceConfig,
    GateConfig,
    PathsConfig,
    PrinterConfig,
    QueueConfig,
    RelayConfig,
    ScannerConfig,
    ScreenConfig,
    ServiceConfig,
    TerminalConfig,
    ThermalConfig,
    Timing,
    UpdatesConfig,
)
from kiosk.config.reading import ConfigError, Problem, load
from kiosk.config.writing import document, toml_of

__all__ = [
    "A4Config",
    "CameraConfig",
    "CentreConfig",
    "Config",
    "ConfigError",
    "DemoConfig",
    "FaceConfig",
    "GateConfig",
    "PathsConfig",
    "PrinterConfig",
    "Problem",
    "QueueConfig",
    "RelayConfig",
    "ScannerConfig",
    "ScreenConfig",
    "ServiceConfig",
    "TerminalConfig",
    "ThermalConfig",
    "Timing",
    "UpdatesConfig",
    "document",
    "history",
    "load",
    "toml_of",
]
