"""Pictures: ``axes`` has ``plot(table, ax)`` functions, ``figures`` lays them out. No model is run here."""
