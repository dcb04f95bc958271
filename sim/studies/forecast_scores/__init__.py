"""Forecasts of real member lists: what a list shows until an origin, how many of its members stay, how good that is."""
