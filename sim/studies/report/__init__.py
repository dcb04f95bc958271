"""Reports: one page per comparison or sweep, with the answer in words, figures, tables and links to the data."""
