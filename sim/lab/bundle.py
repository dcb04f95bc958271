"""The page's modules as one script: a page opened from disk may not import."""

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "\./(\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const) (\w+))", re.MULTILINE)


def bundle(entry: str) -> str:
    """Join a module and all that it imports, each in a function of its own, so that their names stay apart."""
    joined: dict[str, str] = {}

    def add(name: str) -> None:
        if name in joined:
            return
        text = (STATIC / f"{name}.js").read_text(encoding="utf-8")
        for _, other in IMPORT.findall(text):
            add(other)
        given = ", ".join(EXPORT.findall(text))
        body = EXPORT.sub("", IMPORT.sub(r"const { \1 } = \2_js;\n", text))
        joined[name] = f"const {name}_js = (() => {{\n{body}\nreturn {{ {given} }};\n}})();\n"

    add(entry)
    return "\n".join(joined.values())
