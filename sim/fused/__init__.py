"""The fused engine: the same rule texts, traced once into equations and compiled into one loop by Numba.

``tracing`` runs ``step`` on stand-ins for arrays and notes what it does (``graph``, ``stand_in``); ``writing`` writes
that down as one loop over blocks of runs; ``building`` compiles and keeps it; ``running`` lets it run and falls back
to the NumPy engine where it cannot. Nothing in here knows a rule.
"""
