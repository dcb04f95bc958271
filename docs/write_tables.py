"""Write the generated parts of the documents from the code: ``python docs/write_tables.py``.

With ``--all`` the parts that take longer are written again too: the comparison of the tutorial and its picture. With
``--check`` nothing is written; the exit code is 1 if a page has drifted.
"""

import ast
import contextlib
import inspect
import io
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from sim import POLICIES, Scenario, load_scenario, simulate
from sim.cli.main import main as partnership
from sim.cli.options import COMMANDS, module_of
from sim.config.case import CASE, MOVES, RUMOUR
from sim.config.roster import SIZES
from sim.core.declare import parameters, variables
from sim.model import random_streams
from sim.model.dated_events import KINDS
from sim.model.dated_events import SIZES as SIZES_OF
from sim.model.invariants import IDENTITIES
from sim.model.members import Member
from sim.model.outcomes import SERIES, SUMMARY
from sim.model.state import Flows, State

HERE = Path(__file__).resolve().parent
PAGES = sorted(HERE.glob("*.md"))
SIM = HERE.parent / "sim"
RULES = SIM / "model" / "rules"


def table(head: str, rows: Iterable[tuple[Any, ...]]) -> str:
    """Lay out a table in Markdown."""
    titles = head.split(" | ")
    lines = [f"| {head} |", "|" + "---|" * len(titles)]
    lines += [
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows
    ]
    return "\n".join(lines)


def span(low: Any, high: Any) -> str:
    """Write a range; empty without limits."""
    open_low, open_high = low in (None, -float("inf")), high in (None, float("inf"))
    return (
        ""
        if open_low and open_high
        else f"{'' if open_low else f'{low:g}'} to {'' if open_high else f'{high:g}'}".strip()
    )


def variable_table() -> str:
    """List the variables of State and Flows."""
    rows = []
    for cls in (State, Flows):
        for name, f in variables(cls).items():
            kind = "fixed" if f["fixed"] else ("flow" if cls is Flows else "")
            rows.append((f"`{name}`", f["symbol"], f["axes"], f["unit"], span(f["low"], f["high"]), kind, f["doc"]))
    return table("variable | symbol | axes | unit | range | kind | meaning", rows)


def parameter_table() -> str:
    """List the parameters of a scenario."""
    rows = (
        (f"`{q.path}`", q.symbol, q.default, q.unit, span(q.low, q.high), q.doc, q.source)
        for q in parameters(Scenario())
    )
    return table("parameter | symbol | default | unit | range | meaning | source", rows)


def policy_table() -> str:
    """List the policies with their first sentence."""
    rows = ((f"`{p.name}`", (inspect.getdoc(p) or "").splitlines()[0]) for p in POLICIES)
    return table("policy | what it does", rows)


def outcome_table() -> str:
    """List the outcomes, of a run and of a month."""
    rows = [(f"`{o.name}`", "run", o.unit, o.better, o.doc) for o in SUMMARY]
    rows += [(f"`{o.name}`", "month", o.unit, o.better, o.doc) for o in SERIES]
    return table("outcome | of a | unit | better | meaning", rows)


def roster_table() -> str:
    """List the columns of a roster."""
    meaning = {"size": f"a number, or {', '.join(SIZES)}", "segment": "its name or number, or none"}
    rows = []
    for name, field in Member.model_fields.items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict)
        lows = [m.ge for m in field.metadata if hasattr(m, "ge")]
        highs = [m.le for m in field.metadata if hasattr(m, "le")]
        values = "a date or month" if name in MOVES else meaning.get(name, span(*(lows or [None]), *(highs or [None])))
        rows.append((f"`{name}`", values, field.description))
    return table("column | values | meaning", rows)


def case_table() -> str:
    """List what a case says besides what any scenario may say."""
    return table("key | what it says", ((f"`{name}`", text) for name, text in CASE.items()))


def example(name: str) -> str:
    """Show an example that ships."""
    return f"```yaml\n{(HERE / 'examples' / f'{name}.yaml').read_text(encoding='utf-8').strip()}\n```"


def event_table() -> str:
    """List the kinds of dated events."""
    moves: list[tuple[str, str, str]] = [(f"`{kind}`", "", text) for kind, text in MOVES.items()]
    rumour = ("`rumour`", f"{RUMOUR:g} by default", "as `trust`, against the partnership")
    rows = ((f"`{kind}`", span(*SIZES_OF[kind]) if len({*SIZES_OF[kind]}) > 1 else "", KINDS[kind]) for kind in KINDS)
    return table("kind | size | what happens", [*moves, *rows, rumour])


def schedule() -> str:
    """List the processes of the month: the numbered comments of step.py."""
    text = (SIM / "model" / "step.py").read_text(encoding="utf-8")
    return "\n".join(f"{n}. {what}" for n, what in re.findall(r"^ +# (\d+) (.+)$", text, re.MULTILINE))


def submodel_table() -> str:
    """List the rules: file, function, and what its docstring says of it."""
    rows = []
    for path in sorted(RULES.glob("[!_]*.py")):
        module = import_module(f"sim.model.rules.{path.stem}")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                doc = inspect.getdoc(getattr(module, node.name)) or ""
                said = doc.partition("\n\nArgs:")[0].replace("``", "`")
                rows.append((f"`{path.stem}.{node.name}`", " ".join(said.split())))
    return table("submodel | equation", rows)


def stream_table() -> str:
    """List the blocks of random bits by number."""
    blocks = {
        k: v for k, v in vars(random_streams).items() if k.isupper() and isinstance(v, int) and k != "PARTNERSHIP"
    }
    drawn = [(blocks[k], k.lower().replace("_", " ")) for k in sorted(blocks, key=lambda k: blocks[k])]
    return table("block | what it decides", drawn)


def identity_table() -> str:
    """List the accounting identities."""
    rows = ((f"`{i.__name__}`", *(inspect.getdoc(i) or "").split(": ", 1)) for i in IDENTITIES)
    return table("identity | number | what holds", rows)


def command_help() -> str:
    """Give what every command says of itself."""
    texts = {name: import_module(f"sim.cli.{module_of(name)}").HELP for name in COMMANDS}
    return "\n".join(f"## {name}\n```\n{text.strip()}\n```\n" for name, text in texts.items())


def comparison() -> str:
    """Run the default comparison and give what it prints, without the last lines."""
    with tempfile.TemporaryDirectory() as place, contextlib.redirect_stdout(io.StringIO()) as printed:
        partnership(["compare", f"folder={place}/out"])
        if "--check" not in sys.argv:
            picture()
            shutil.copy(f"{place}/out/retention.png", HERE / "retention.png")
    return f"```\n{printed.getvalue().split('Tables, figures and the')[0].strip()}\n```"


def layers() -> list[str]:
    """Read the order of the packages from the test of the layers."""
    tree = ast.parse((HERE.parent / "tests" / "test_architecture.py").read_text(encoding="utf-8"))
    values = (n.value for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "LAYERS")
    return list(ast.literal_eval(next(values)))


def imported_packages(path: Path) -> set[str]:
    """Find the packages of ``sim`` that a file imports from."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    modules = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {module.split(".")[1] for module in modules if module.startswith("sim.")}


def layer_table() -> str:
    """List the packages in order, from the tree: what each holds and which it imports from."""
    order, rows = layers(), []
    for name in order:
        files = sorted((SIM / name).rglob("*.py"))
        used = set().union(*map(imported_packages, files)) - {name}
        about = ast.get_docstring(ast.parse((SIM / name / "__init__.py").read_text(encoding="utf-8"))) or ""
        rows.append((f"`{name}`", about.partition("\n")[0], ", ".join(n for n in order if n in used)))
    return table("package | what it holds | imports from", rows)


SHOWN = {
    "safeguarding": ("keep sensitive information", "#009E73", (0, (6, 2))),
    "adaptive_tracking": ("follow tensions, track and help", "#0072B2", "-"),
    "neutral": ("do nothing", "#444444", (0, (2, 2))),
    "connecting": ("only connect", "#C8420A", "-."),
}
"""Policies of the picture of the README: what they do, colour, line."""
RAISED = {"safeguarding": 27, "neutral": 8, "adaptive_tracking": -14, "connecting": -41}
"""Points by which a label is moved so that none overlap."""


def picture() -> dict[str, float]:
    """Draw the picture of the README: founders still taking part, a line a policy; give those left at the end."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    from sim.viz.style import RC, SOFT

    scenario, runs = load_scenario("denim_alliance"), 400
    ends: dict[str, float] = {}
    with mpl.rc_context(RC):
        figure, ax = plt.subplots(figsize=(9, 4.6))
        for policy, (words, colour, line) in SHOWN.items():
            series = simulate(scenario, seeds=range(runs), policy=policy).series
            by_month = series.groupby("month")["n_founders"]
            founders, spread = by_month.mean(), by_month.quantile([0.05, 0.95]).unstack()
            ends[policy] = founders.iloc[-1]
            ax.fill_between(founders.index, spread[0.05], spread[0.95], color=colour, alpha=0.06, lw=0)
            ax.plot(founders.index, founders, color=colour, ls=line, lw=2.4)
            text = f"{words}: {ends[policy]:.0f}\n({policy})"
            ax.annotate(
                text,
                (60, ends[policy]),
                (8, RAISED.get(policy, 0)),
                textcoords="offset points",
                va="center",
                color=colour,
            )
        ax.axvline(scenario.grant.months, color=SOFT, lw=1, ls=":")
        ax.annotate("the grant ends", (scenario.grant.months, 3), (6, 0), textcoords="offset points", color=SOFT)
        ax.set(xlim=(0, 60), ylim=(0, scenario.size.partners + 1), xticks=range(0, 61, 12))
        ax.set_xlabel("month")
        ax.set_ylabel("founding members still taking part")
        title = "Simulated: founding members still taking part, by what the orchestrator does"
        ax.set_title(title, loc="left", fontsize=12)
        note = f"{scenario.title}, simulated, not its history. Lines: mean of {runs} runs; bands: nine runs in ten."
        ax.text(0, -0.2, note, transform=ax.transAxes, color=SOFT, fontsize=9)
        figure.savefig(HERE / "founders.png", dpi=150, bbox_inches="tight", metadata={"Software": None})
        plt.close(figure)
    return ends


TABLES: dict[str, Callable[[], str]] = {
    "variables": variable_table,
    "parameters": parameter_table,
    "policies": policy_table,
    "outcomes": outcome_table,
    "schedule": schedule,
    "submodels": submodel_table,
    "streams": stream_table,
    "identities": identity_table,
    "commands": command_help,
    "layers": layer_table,
    "roster": roster_table,
    "case": case_table,
    "events": event_table,
    "example": partial(example, "alliance"),
    "numbers": partial(example, "alliance_numbers"),
}
SLOW: dict[str, Callable[[], str]] = {"comparison": comparison}


def rewritten(text: str) -> str:
    """Give a page with its generated parts written again."""
    for name, make in (TABLES | (SLOW if "--all" in sys.argv else {})).items():
        mark = f"<!-- generated: {name} -->"
        if mark in text:
            before, rest = text.split(mark, 1)
            after = rest.split("<!-- end -->", 1)[1]
            text = f"{before}{mark}\n{make()}\n<!-- end -->{after}"
    return text


def main() -> int:
    """Write or check every page."""
    drifted = []
    for page in PAGES:
        old = page.read_text(encoding="utf-8")
        new = rewritten(old)
        if new != old:
            drifted.append(page.name)
            if "--check" not in sys.argv:
                page.write_text(new, encoding="utf-8")
    print(f"{'drifted' if '--check' in sys.argv else 'rewritten'}: {', '.join(drifted) or 'none'}")
    return 1 if drifted and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
