"""Plain YAML: no objects, no aliases (they can grow without limit), no name twice in one mapping."""

from collections import Counter
from typing import Any


def load_plain(text: str) -> Any:
    """Read plain YAML.

    Raises:
        ValueError: for an alias, and for a name that occurs twice in one mapping (the last would silently win).
        yaml.YAMLError: for text that is not valid YAML, or that makes an object.
    """
    import yaml

    loader = yaml.SafeLoader(text)
    root = loader.get_single_node()
    waiting, seen = [root] if root else [], set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            raise ValueError("has an alias (*name); write the values out")
        seen.add(node)
        if isinstance(node, yaml.MappingNode):
            names = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
            twice = next((name for name, times in names.items() if times > 1), None)
            if twice is not None:
                raise ValueError(f"has '{twice}' twice in what begins in line {node.start_mark.line + 1}; give it once")
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    return loader.construct_document(root) if root else None
