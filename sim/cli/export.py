"""``partnership export``: a table of a sweep for other programs."""

from sim.core.errors import InputError

HELP = """\
Write a table of a sweep for other programs: CSV, Excel, Stata, Parquet.

  partnership export folder=results/pause_and_trust                       # the runs, to runs.csv where you are
  partnership export folder=results/pause_and_trust table=points to=points.xlsx
  partnership export folder=results/pause_and_trust to=runs.csv sep=semicolon decimal=,
  partnership export folder=results/pause_and_trust to=runs.dta           # Stata; the labels hold the dotted names

Takes table= (runs, series, events, members, points, design, failures) and to= (a file: .csv, .tsv, .xlsx, .dta or
.parquet, or format=). For a CSV: sep= (comma, semicolon, tab, bar or a sign), decimal= (. or ,). names=plain writes
names with letters, digits and _ only, as R likes them. A file that is there is left alone unless overwrite=true. Excel
needs openpyxl. In Python: sim.load(folder).export("runs", "runs.xlsx").
"""

FORM = ("format", "sep", "decimal", "names", "overwrite")


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.cli.sweep import folder_and
    from sim.config.files import value_of
    from sim.studies.sweep import load

    folder, rest, _ = folder_and(arguments, "export")
    options = dict(a.partition("=")[::2] for a in rest)
    unknown = [k for k in options if k not in ("table", "to", *FORM)]
    if unknown:
        raise InputError(f"'{unknown[0]}': export takes folder=, table=, to=, {'=, '.join(FORM)}=")
    form = {key: options[key] for key in FORM if key in options}
    if "overwrite" in form:
        form["overwrite"] = value_of(f"overwrite={form['overwrite']}")
    table = options.get("table", "runs")
    to = options.get("to") or f"{table}.{options.get('format') or 'csv'}"
    rows = load(folder).export(table, to, **form)
    print(f"{rows:,} rows of {table} are in {to}")
