"""Figures: axes laid out, legends placed, nothing computed."""
