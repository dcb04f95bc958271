"""The classroom app: pages that a teacher's computer serves to a class, an offline copy, and a game."""
