"""Adaptive pathways: when actions stop meeting a target, what announces it, and where switching leads."""
