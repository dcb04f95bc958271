"""Does the model deserve belief: exact limits, calibration, patterns, claims, sensitivity."""
