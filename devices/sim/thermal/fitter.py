"""The calibration file that a fitter leaves: where the module hangs, and what it was compared with."""

from __future__ import annotations

from devices.sim.thermal.scene import REFERENCE_BOX, REFERENCE_C, Scene

SITE_K = 1.2
"""From the hottest skin of a face to what the limit is meant for."""


def fitted(kind: str, scene: Scene) -> str:
    """As TOML: a reference source for the arrays, an ambient model for one pixel, nothing for 8×8."""
    basis = {"gy614": "ambient", "gy8833": "none"}.get(kind, "reference")
    (a, b), (c, d) = scene.mounting.across, scene.mounting.down
    lines = [f'basis = "{basis}"', f"site = {SITE_K}", "warm_up = 0.0"]
    lines += ["[registration]", f"x = [{a}, 0.0, {b}]", f"y = [0.0, {c}, {d}]"]
    if basis == "ambient":
        lines += ["[ambient]", f"coefficients = [{-scene.error}]", "least = 10.0", "most = 40.0", "residual = 0.35"]
    if basis == "reference":
        lines += ["[reference]", f"box = {list(REFERENCE_BOX)}", f"celsius = {REFERENCE_C}", "u = 0.1"]
        lines += [f"offset = {-scene.error}", "drift = 2.0"]
    return "\n".join(lines) + "\n"
