"""The texts of the paper kit: the model's description in Markdown, and its parts in LaTeX."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sim.studies.methods.equations import Equation
from sim.studies.methods.latex import symbol_of

if TYPE_CHECKING:
    import pandas as pd

PREAMBLE = r"""% Written by `partnership methods`. Compile with: pdflatex methods && bibtex methods && pdflatex methods && pdflatex methods
\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,booktabs,longtable,pdflscape}
\usepackage[margin=2.5cm]{geometry}
\allowdisplaybreaks
\emergencystretch=3em
\begin{document}
"""

EQUATIONS = r"""\section*{Equations}
Each month is calculated in these equations, derived from the program itself. Quantities hold for a member $i$, a domain of
knowledge (or a dimension of DNA) $d$, or the whole partnership, as the description of the model declares; $\sum_{i}$ sums
over partners and $\sum_{d}$ over domains. $[\,\cdot\,]$ is 1 where the condition holds and 0 elsewhere; a prime marks
the value after the step; $\mathrm{unit}(x) = \min(\max(x, 0), 1)$; $\mathrm{logistic}(x) = 1 / (1 + \exp(-x))$;
$u_{\cdot}$ is a uniform random number. Where there is nobody to divide by, the ratio is 0.
"""


def model_text(odd: str) -> str:
    """Give the ODD description as it stands alone: without marks of generated parts and links to other pages."""
    text = re.sub(r"<!-- .*? -->\n?", "", odd)
    return re.sub(r"\[([^\]]+)\]\(((?!http)[^)]+)\)", r"\1 (docs/\2 of the source)", text)


def escaped(text: object) -> str:
    """Write plain text so that LaTeX prints it as it is."""
    marks = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}"}
    marks |= {">": r"\textgreater{}"} | {c: rf"\{c}" for c in "&%$#_{}"}
    plain = "".join(marks.get(c, c) for c in str(text))
    return plain.encode("latin-1", "xmlcharrefreplace").decode("latin-1").replace("&#", r"\&\#")


def parameters_text(table: "pd.DataFrame") -> str:
    """Write the parameters that differ from the defaults as a LaTeX table."""
    head = ("of", "parameter", "value", "default", "unit", "meaning", "source")
    widths = "p{2.6cm}p{4.2cm}p{1.8cm}p{1.4cm}p{2.2cm}p{5cm}p{4.6cm}"
    rows = (" & ".join(_broken(escaped(_shown(row[name])), name) for name in head) for row in table.to_dict("records"))
    body = " \\\\\n".join(rows)
    return (
        f"\\begin{{landscape}}\\footnotesize\n\\begin{{longtable}}{{{widths}}}\n\\toprule\n{' & '.join(head)} \\\\\n"
        f"\\midrule\\endhead\n\\bottomrule\\endfoot\n{body}{' ' if body else ''}\\\\\n\\end{{longtable}}\n\\end{{landscape}}\n"
    )


def _broken(text: str, column: str) -> str:
    """Let long dotted paths break at their dots."""
    return text.replace(".", r".\allowbreak{}").replace(r"\_", r"\_\allowbreak{}") if column == "parameter" else text


def _shown(value: Any) -> str:
    return (
        f"{value:g}"
        if isinstance(value, float)
        else ", ".join(map(str, value))
        if isinstance(value, list)
        else str(value)
    )


def equations_text(all_equations: Iterable[Equation]) -> str:
    """Write every rule: its words, its equation, and what its symbols stand for."""
    return EQUATIONS + "\n".join(_rule(equation) for equation in all_equations)


def _rule(equation: Equation) -> str:
    head, _, formula = equation.words.partition(": ")
    cited = re.search(r"\([EI]\d[^()]*\)", equation.words)
    formula = formula.replace(cited[0], "") if cited else formula
    repeated = bool(equation.lines) and any(mark in formula for mark in "=/_(")  # the formula in ASCII says the same
    words = f"{head} {cited[0] if cited else ''}".strip() + "." if repeated else equation.words
    text = f"\\paragraph{{{escaped(equation.rule)}}} {escaped(' '.join(words.split()))}\n"
    if not equation.lines:
        return text
    lines = " \\\\\n".join(f"{left} &= {right}" for left, right in (*equation.inputs, *equation.lines))
    parts = [f"${symbol}$ {escaped(name)}" for symbol, name in _named(equation)]
    parts += [f"${symbol} = {_power_of_ten(value)}$" for symbol, value in equation.constants.items()]
    return f"{text}\\begin{{align*}}\n{lines}\n\\end{{align*}}\n" + (f"Here {', '.join(parts)}.\n" if parts else "")


def _named(equation: Equation) -> Iterator[tuple[str, str]]:
    """Give the letters of an equation that the declarations define, with the names that they stand for."""
    for symbol, dotted in equation.symbols.items():
        name = dotted.rpartition(".")[2]
        if dotted.startswith(("state.", "self.", "params.")) and "'" not in symbol and symbol != symbol_of("", name):
            yield symbol, name.replace("_", " ")


def _power_of_ten(value: float) -> str:
    return re.sub(r"1e([-+]?\d+)", lambda parts: f"10^{{{int(parts[1])}}}", f"{value:g}")


def main_text(manifest: Mapping[str, Any], seeds: str) -> str:
    """Write the LaTeX file that puts the parts together."""
    libraries = ", ".join(f"{name} {version}" for name, version in manifest["versions"].items() if name != "machine")
    own = manifest.get("policies") or manifest.get("config", {}).get("plugins", {})
    policies = "; ".join(f"{escaped(name)} (digest {digest})" for name, digest in own.items())
    commands = manifest.get("commands") or [manifest["command"]]
    items = "\n".join(f"\\item \\texttt{{{escaped(c)}}}" for c in commands)
    return (
        PREAMBLE + "\\section*{Methods}\n"
        f"The results were simulated with partnership-dynamics, model {escaped(manifest['model'])} (version and digest of the "
        f"model's source text): {escaped(seeds)}. "
        f"The policies' common random numbers are drawn by address: the same seed gives the same draws under every policy. "
        f"{'Own policies, outcomes and rules: ' + policies + '. ' if policies else ''}"
        f"Made with {escaped(libraries)}, by\n\\begin{{itemize}}\\raggedright\n{items}\n\\end{{itemize}}\n"
        "The parameters that differ from their defaults, or vary, follow; after them the equations.\n"
        "\\input{parameters}\n\\input{equations}\n\\nocite{*}\n\\bibliographystyle{plain}\n\\bibliography{references}\n"
        "\\end{document}\n"
    )
