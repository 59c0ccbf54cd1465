"""Thermal cameras on ptys, looking at a made-up scene; they share no code with the drivers."""
