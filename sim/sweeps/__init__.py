"""Ensembles: many runs planned, simulated by an executor, kept in a folder, read back as tables."""
