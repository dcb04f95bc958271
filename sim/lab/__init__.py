"""The classroom app: static pages in which the model runs, and a small server for a class."""
