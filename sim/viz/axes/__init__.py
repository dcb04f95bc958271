"""Pictures: ``plot(table, ax) -> ax``; they run no model and save nothing."""
