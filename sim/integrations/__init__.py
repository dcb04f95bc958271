"""Other tools' forms of a run: Mesa."""
