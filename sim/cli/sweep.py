"""``partnership sweep``: simulate an experiment; the same command resumes it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from sim.config.files import names_in
from sim.core.errors import SOME_FAILED, InputError
from sim.sweeps.runner import Bar
from sim.sweeps.spec import Executor

T = TypeVar("T")

HELP = f"""\
Run an experiment: many partnerships over what varies. Stopped at any moment, the same command resumes it.

  partnership sweep experiment=pause_and_trust
  partnership sweep experiment=pause_and_trust replications=20 folder=results/quick
  partnership sweep experiment=my_experiment.yaml executor=serial
  partnership sweep folder=results/quick                      # resume what a folder holds
  partnership sweep 'space.start.trust=[0.3,0.6,0.9]' 'policies=[neutral,adaptive]' folder=results/trust
  partnership sweep experiment=pause_and_trust design=sobol design.n=256
  partnership sweep experiment=grant_length executor=dask executor.address=tcp://127.0.0.1:8786

Experiments that ship: {", ".join(names_in("experiment"))}.

Takes key=value; these override what the experiment says:
  folder=PATH                 results/NAME by default
  scenario=NAME               and any parameter for all runs: scenario.rules.leak.rate=0.1
  policies=[...]              every point is simulated under each of them
  space.PATH=[values]         a dimension; or {{low: 0, high: 1, scale: log}}, or range; null takes it out;
                              PATH is a parameter, or scenario, policy, policy.PARAMETER
  design=NAME                 {", ".join(names_in("design"))}
  design.n=, design.steps=, design.path= ...    see configs/design/
  constraints=['rules.leak.rate < start.trust']
  replications=               runs of each policy and point; months=, seed=
  engine=compiled                many times faster, equal to within 1e-9; needs the extra `fast`
  precision.half_width=0.01   add replications until the 95 % half-width of precision.outcome (precision.policy against
                              precision.baseline) is below this, up to precision.most
  record=[series,events]      tables to keep besides the runs (members too)
  config=FOLDER/config.yaml   in place of experiment=: run what a folder of results says
  executor=NAME               serial, processes (executor.workers=2) or dask (executor.address=)
  other_model=true            resume in a folder from another version of the model

Writes runs/ (and series/, events/) as Parquet shards, the design, the configuration, a manifest, and the figures
that the experiment asks for. Ends with exit code 3 if runs failed; the others are kept, and partnership status names
those that failed. Read it in Python: sim.load("results/pause_and_trust").runs
"""


def main(arguments: list[str]) -> int:
    """Run the command; gives the exit code."""
    from sim.storage.results import command_line
    from sim.sweeps.operations import resume, start
    from sim.sweeps.spec import compose_experiment

    arguments, other_model = _flag(arguments, "other_model")
    request = compose_experiment(arguments)
    names = {a.partition("=")[0].partition(".")[0] for a in arguments}
    resumes = names <= {"folder", "executor"} and "folder" in names
    if not names - {"folder", "executor"} and not resumes:
        raise InputError("say what to sweep: experiment=NAME, or space.PATH=[values]; see partnership sweep --help")
    with_bar(
        request.folder,
        lambda bar: (
            resume(request.folder, request.executor, bar, other_model)
            if resumes
            else start(request, bar, command_line("sweep", arguments), other_model)
        ),
    )
    return show(request.folder)


def with_bar(folder: Path, work: Callable[[Bar], T]) -> T:
    """Do work that shows a progress bar; if it is interrupted, say how many runs are saved and how to continue."""
    with Bar() as bar:
        try:
            result = work(bar)
        except KeyboardInterrupt as stop:
            raise KeyboardInterrupt(
                f"{bar.done:,} runs done now are saved in {folder}/; the same command continues"
            ) from stop
    print(f"{bar.done:,} runs done now{f', {bar.failed} failed' if bar.failed else ''}.")
    return result


def show(folder: Path) -> int:
    """Draw the figures of a sweep, and print what there is; gives the exit code: 3 if runs failed."""
    from sim.studies.sweep import Sweep
    from sim.viz.figures.sweep import draw_all

    sweep = Sweep(folder)
    pictures = draw_all(sweep)
    print(sweep.text())
    for picture in pictures:
        print(f"  {picture}")
    print(f"partnership report {folder} makes a page of it: means, differences, the best policy by place.")
    return SOME_FAILED if sweep.status().failed else 0


def folder_and(arguments: Sequence[str], command: str) -> tuple[Path, list[str], Executor]:
    """Take the folder and the executor out of a command's arguments; the rest is given back."""
    from sim.sweeps.spec import compose_experiment

    where = [a for a in arguments if a.partition("=")[0].partition(".")[0] in ("folder", "executor")]
    rest = [a for a in arguments if a not in where]
    if rest and "=" not in rest[0] and not any(a.startswith("folder=") for a in where):
        where, rest = [*where, f"folder={rest[0]}"], rest[1:]
    if not any(a.startswith("folder=") for a in where):
        raise InputError(f"{command} needs a folder: partnership {command} folder=results/NAME")
    request = compose_experiment(where)
    return request.folder, rest, request.executor


def _flag(arguments: Sequence[str], name: str) -> tuple[list[str], bool]:
    from sim.config.files import value_of

    flags = [a for a in arguments if a.startswith(f"{name}=")]
    values = [value_of(a) for a in flags]
    if any(not isinstance(v, bool) for v in values):
        raise InputError(f"{flags[-1]}: give true or false")
    return [a for a in arguments if a not in flags], bool(values and values[-1])
