"""Plan files: a policy or plan in a YAML file of its own, which stands wherever a policy is named."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.config.files import read_yaml
from sim.config.yaml import dump_plain
from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.model.policies.base import Policy
from sim.model.policies.plan import Plan, rewritten

DEEPEST = 5
"""How many plan files may name each other in a row."""


def opened(spec: Any, folder: Path | None = None, depth: int = 0) -> Any:
    """Put what plan files say in place of their names.

    Args:
        spec: a policy as ``sim.find_policy`` takes it, or the name of a plan file, ``plan_b.yaml``; the policies of a
            plan may be plan files too.
        folder: where the names of files start from; by default the current folder.
        depth: how many files were opened on the way here.

    Raises:
        InputError: for a file that cannot be read, or that says no policy or plan.
    """

    def one(policy: Any) -> Any:
        if isinstance(policy, Mapping) and _is_file(policy.get("name")):
            return {**one(policy["name"]), **{key: value for key, value in policy.items() if key != "name"}}
        if not _is_file(policy):
            return policy
        if depth == DEEPEST:
            raise InputError(f"plan={policy}: more than {DEEPEST} plan files name each other; write the plan out")
        file = path_of(policy) if folder is None else folder / path_of(policy)
        stated = read_yaml(file, "plan", "{label: Plan A, steps: [{policy: safeguarding, until: 12}]}")
        if not {"name", "steps", "when"} & stated.keys():
            raise InputError(f"plan={file}: says no policy or plan; give name: adaptive, or steps: (docs/plans.md)")
        return opened(stated, file.parent, depth + 1)

    return rewritten(spec, one)


def brief(policy: Policy) -> Any:
    """Give a policy or plan as plain data that says only what differs from the defaults; a name alone is a text."""
    plain = policy.plain(labelled=False)
    if isinstance(policy, Plan):
        return {key: value for key, value in plain.items() if key in ("steps", "when") and (value or key == "steps")}
    fields = type(policy).model_fields
    stated = {key: value for key, value in plain.items() if key == "name" or value != fields[key].default}
    return stated if len(stated) > 1 else stated["name"]


def _is_file(name: Any) -> bool:
    return isinstance(name, str) and name.endswith((".yaml", ".yml"))


def plan_text(plan: Mapping[str, Any], comments: str) -> str:
    """Write a policy or plan as a file that ``opened`` reads, with comments above it."""
    return "".join(f"# {line}\n" if line else "#\n" for line in comments.splitlines()) + dump_plain(dict(plan))
