"""``partnership plan``: what a sweep would cost, measured now, before anything runs."""

HELP = """\
Say what a sweep would cost, before it runs: runs, time for 1 to k workers, disk, memory, and the first points.

  partnership plan experiment=pause_and_trust
  partnership plan experiment=pause_and_trust replications=1000 design.steps=9

Takes what `partnership sweep` takes, and writes nothing. Seconds per run are measured for about five seconds, on this
machine, with what else it is doing now; starting the workers takes some seconds more. What does not fit into memory
is refused.
"""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.core.cores import available
    from sim.sweeps.forecast import forecast, free_memory
    from sim.sweeps.operations import plan_of
    from sim.sweeps.spec import compose_experiment

    request = compose_experiment(arguments)
    plan = plan_of(request)
    experiment = plan.experiment
    n_runs = plan.runs_per_replication * experiment.replications
    print(experiment.question or "(no question given)")
    policies = list(plan.policies) or ["as the design says"]
    print(
        f"\n{plan.n_points:,} points x {plan.n_policies} policies x {experiment.replications:,} replications"
        f" = {n_runs:,} runs of {experiment.months} months"
    )
    print(f"policies: {', '.join(policies)}")
    excluded = "" if not experiment.constraints else f"; constraints: {'; '.join(experiment.constraints)}"
    print(f"design: {experiment.design.get('name', 'grid')}, {len(plan.rows):,} rows{excluded}")
    cost = forecast(plan)
    seconds, size = cost.seconds, cost.disk
    print(f"\nmeasured now: {seconds * 1e3:.3g} ms and {size:.3g} bytes per run, one worker")
    counts = sorted({1, 2, available(), request.executor.workers or 1})
    for k in counts:
        print(f"  {k} worker{'s' if k > 1 else ' '} about {_duration(n_runs * seconds / k)}")
    if max(counts) > available():
        print(f"  (this machine has {available()} cores free for it)")
    print(f"  disk about {_bytes(n_runs * size)} in {request.folder}/")
    free, workers = free_memory(), request.executor.workers or available()
    print(f"  memory about {_bytes(cost.own)}, and {_bytes(cost.worker)} for each worker")
    if free is not None and cost.own + workers * cost.worker > free:
        fit = max(1, int((free - cost.own) // cost.worker))
        print(f"  (this machine has {_bytes(free)} free: give executor.workers={fit})")
    if experiment.precision is not None:
        most = plan.runs_per_replication * experiment.precision.most
        print(f"  precision may add replications: at most {most:,} runs, {_duration(most * seconds)} with one worker")
    print("\nfirst points:")
    shown = plan.points.head(5).map(lambda v: f"{v:.4g}" if isinstance(v, float) else v)
    print(shown.to_string() if len(shown.columns) else "  (nothing varies: one point)")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.3g} {unit}" if size < 1000 else f"{size:.0f} {unit}"
        size /= 1000
    return ""
