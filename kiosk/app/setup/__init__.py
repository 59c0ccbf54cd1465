"""`kiosk-setup`: a machine becomes a terminal, or the central side, by plain questions or by options."""
