"""One panel each: ``plot_...(table, ..., ax) -> ax``. They run no model and save nothing."""
