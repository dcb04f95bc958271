"""``partnership import``: real member lists become a roster and spells, with a report on their quality."""

from typing import Any

HELP = """\
Turn real member lists into a roster and spells, say what is wrong with them, and show their facts beside the model's.

  partnership import members.csv                                  # one list with columns such as name, joined, left
  partnership import members_2019.csv members_2020.csv members_2021.csv    # dated lists: who is gone from the next left
  partnership import members.xlsx map=sectors.csv anonymise=true  # your codes of sectors; members numbered
  partnership import old.csv new.csv 'dates=[2020-01-31,2021-01-31]'
  partnership import list.csv 'columns={name: Signatory of, joined: Since when}'

Reads CSV (any separator, encoding and decimal sign), plain lists of names, workbooks (extra excel), YAML by tier, JSON.

Options (key=value, or --key value):
  map=FILE            a CSV file with the columns code,sector; without it, a file to fill in is written if one is needed
  dates=[...]         the date of each list, where names do not say it; or the day of one list with columns
  columns={...}       what a column holds: {name: ..., joined: ..., left: ..., status: ..., homepage: ...}; or none
  statuses=FILE       a CSV file with the columns status,meaning (member, suspended, fulfilled, left, ended)
  links=FILE          a CSV file with the columns from,to: names of one member
  partnership=NAME    of several in the list, the one of members.csv; or whose list it is, where no column says that
  start=, now=        first and last day that the list is followed
  day_first=true      01/09/2021 is 1 September (false: 9 January)
  bulk=               clean-up (many exits at once are not exits) or exits
  anonymise=true      number the members in all that is written
  scenario=, replications=   the model that the list is shown beside, and how many runs (0: none)
  folder=             where to save

Saves members.csv (the roster), case.yaml, spells.csv, changes.csv (nothing is lost in silence), quality.csv, facts.csv,
survival.csv, hazards.csv, report.md, a figure and a manifest. In Python: sim.import_lists(...).
"""

OPTIONS = (
    *("map", "dates", "columns", "statuses", "links", "partnership", "start", "now", "day_first", "bulk"),
    *("anonymise", "scenario", "replications", "folder"),
)
TEXTS = ("map", "statuses", "links", "partnership", "start", "now", "bulk", "scenario", "folder")


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.cases.importing import import_lists
    from sim.config.files import value_of
    from sim.core.errors import InputError, near, print_safe
    from sim.storage.results import command_line

    files, options = list[str](), dict[str, Any]()
    for argument in arguments:
        key, equals, text = argument.partition("=")
        if not equals or "/" in key or "." in key:
            files.append(argument)
        elif key not in OPTIONS:
            raise InputError(f"'{argument}': there is no such option; {near(key, OPTIONS)}")
        else:
            options[key] = text if key in TEXTS else value_of(argument)
    if not files:
        raise InputError("import: name at least one list, for example: partnership import members.csv")
    _check(options)
    runs = options.pop("replications", 20)
    result = import_lists(files, **options, seeds=runs, call=command_line("import", arguments))
    folder = result.save(options.get("folder") or None)
    print_safe(result.text())
    print(f"\nThe roster (members.csv), case.yaml, spells, changes, report.md and a figure are in {folder}/")


def _check(options: dict[str, Any]) -> None:
    """Refuse options of another kind."""
    from sim.core.errors import InputError

    empty = next((key for key in TEXTS if options.get(key) == ""), None)
    if empty is not None:
        raise InputError(f"{empty}= is empty; give a value, or leave it out")

    for key in ("anonymise", "day_first"):
        if not isinstance(options.get(key, True), bool):
            raise InputError(f"{key}={options[key]}: give true or false")
    columns = options.get("columns", {})
    if not isinstance(columns, dict) or not all(isinstance(v, str) for v in columns.values()):
        raise InputError("columns: give what columns hold, for example columns='{name: Signatory, joined: Since}'")
    runs = options.get("replications", 0)
    if isinstance(runs, bool) or not isinstance(runs, int) or runs < 0:
        raise InputError(f"replications={runs}: give a whole number from 0")
