"""What a Python call gives, as the plain data that worker processes and folders can hold."""

import inspect
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.config.yaml import plain
from sim.core.errors import InputError
from sim.core.plugins import find
from sim.engine.simulate import scenario_from
from sim.model.policies import Policy
from sim.model.policies.plan import SHIPPED, Plan, is_plan, rewritten
from sim.model.scenario import Scenario


def plain_options(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Scenario]]:
    """Turn the options of ``sim.sweep`` into plain data.

    Args:
        options: options of an experiment; ``scenario`` may be a ``Scenario`` or what its file says, ``policies`` (and
            the values of ``space["policy"]``) policies, their classes or functions, ``design`` a table.

    Returns:
        The options as plain data, and the scenarios that were given as objects by the names they got.

    Raises:
        InputError: if an object cannot be found again by worker processes; the message says what to do.
    """
    data, scenarios = plain(options), dict[str, Scenario]()
    if isinstance(data.get("scenario"), (Scenario, Mapping)):
        scenarios["scenario"] = scenario_from(data["scenario"])
        data["scenario"] = "scenario"
    if isinstance(space := data.get("space"), dict):
        if isinstance(space.get("scenario"), list):
            space["scenario"] = [_named(s, k, scenarios) for k, s in enumerate(space["scenario"], 1)]
        if isinstance(space.get("policy"), list):
            space["policy"] = [portable(p) for p in space["policy"]]
    if isinstance(data.get("policies"), list):
        data["policies"] = [portable(p) for p in data["policies"]]
    elif isinstance(data.get("policies"), (str, Policy, type)) or callable(data.get("policies")):
        data["policies"] = [portable(data["policies"])]
    if hasattr(data.get("design"), "columns"):
        data["design"] = _table(data["design"])
    return data, scenarios


def portable(policy: Any) -> Any:
    """Give a policy as a name or ``file.py:name``, with its parameters, so that worker processes can find it.

    Args:
        policy: a policy as ``simulate`` takes it.

    Raises:
        InputError: if it is not defined at the top level of a file.
    """
    policy = policy.as_mapping() if isinstance(policy, Plan) else policy
    if is_plan(policy):
        return rewritten(policy, portable)
    if isinstance(policy, (str, Mapping)):
        return policy
    if isinstance(policy, Policy):
        function = getattr(policy, "function", None)
        fields = policy.model_dump(mode="json", exclude={"function"}, exclude_defaults=True)
        name = policy._spec or portable(function if function is not None else type(policy))
        return {"name": name, **fields} if fields else name
    if inspect.isclass(policy) and issubclass(policy, Policy):
        return policy.name if policy in SHIPPED else _reference(policy, _file_of(policy))
    if callable(policy):
        return _reference(policy, _file_of(policy))
    raise InputError(f"policies: {policy!r} is not a policy; give a name, a file, a policy, its class or a function")


def _file_of(definition: Any) -> str:
    """Give the file in which a class or function is written; empty for a notebook's cell."""
    functions = vars(definition).values() if inspect.isclass(definition) else [definition]
    codes = [f.__code__ for f in functions if inspect.isfunction(f)]
    module = getattr(sys.modules.get(getattr(definition, "__module__", "")), "__file__", None)
    named = [c.co_filename for c in codes if c.co_qualname.startswith(definition.__qualname__)]
    file = named[0] if named else module or ""
    return file if file.endswith(".py") and os.path.isfile(file) else ""


def _reference(definition: Any, file: str) -> str:
    name = getattr(definition, "__qualname__", type(definition).__name__)
    advice = (
        "workers cannot find it. Write it as a function or class at the top level of a file, and give it, or "
        "'file.py:name', to the sweep"
    )
    if not file:
        raise InputError(f"policies: {name} is not in a file (a notebook's cell has none): {advice}")
    if not name.isidentifier():
        raise InputError(f"policies: {name} is made inside another function or has no name of its own: {advice}")
    module = sys.modules.get(definition.__module__)
    if getattr(module, "__package__", "") and getattr(module, name, None) is definition:
        return f"{definition.__module__}:{name}"
    path = Path(os.path.abspath(file))
    here = Path.cwd()
    spec = f"{path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()}:{name}"
    loaded = find(spec, ())
    if getattr(loaded, "__qualname__", "") != name:
        raise InputError(f"policies: {spec} is not the {name} that was given: {advice}")
    return spec


def _named(scenario: Any, place: int, scenarios: dict[str, Scenario]) -> Any:
    if not isinstance(scenario, (Scenario, Mapping)):
        return scenario
    name = f"scenario_{place}"
    scenarios[name] = scenario_from(scenario)
    return name


def _table(table: Any) -> dict[str, Any]:
    """Give a pandas table as the columns of a design."""
    return {"name": "file", "path": "", "columns": {str(c): table[c].tolist() for c in table.columns}}
