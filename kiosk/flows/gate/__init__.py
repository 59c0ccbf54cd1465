"""The gate: watching → reading → recheck where asked → recording → showing; a classroom's terminal is the same."""
