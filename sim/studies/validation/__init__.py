"""Validation: exact limits, published benchmarks, calibration, patterns, claims and sensitivity."""
