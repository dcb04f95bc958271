"""The commands: short verbs that compose a configuration, simulate, and show."""
