"""From YAML files and ``key=value`` texts to a checked configuration."""
