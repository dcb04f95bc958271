"""The registry: from a policy's name, file, mapping, class or function to the policy."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from sim.core.declare import Declared
from sim.core.errors import near, readable
from sim.core.plugins import find, guarded, looks_like_path
from sim.core.sources import PluginError
from sim.model.arrays import Array
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.policies.base import Policy, PolicyError
from sim.model.policies.plan import SHIPPED, Plan, ingredients, is_plan

__all__ = ["PolicyError", "PolicyLike", "changed", "find_policy", "is_shipped", "label", "with_inner"]

PolicyLike = str | Mapping[str, Any] | Policy | type[Policy] | Callable[..., Any]
"""A name, ``file.py[:Name]``, ``{name: ..., parameter: ...}``, a plan ``{steps: [...], when: [...]}``, a policy, its
class, or a function allocate; mappings may have a ``label``."""

NAMES = {policy.name: policy for policy in SHIPPED}


def find_policy(spec: PolicyLike) -> Policy:
    """Return the policy that a name, file, mapping, class or function stands for.

    Args:
        spec: the name of a shipped policy; ``file.py`` or ``file.py:Name`` (its code is executed);
            ``{name: ..., parameter: value, label: ...}``; a plan, ``{label: ..., steps: [...], when: [...]}``, in which
            ``steps.0.level: value`` sets a number of a step; a policy, its class, or a function
            allocate(seen, budget, memory).

    Raises:
        PolicyError: (an ``InputError``) for an unknown name, or parameters that are not valid.
        PluginError: (an ``InputError``) for a file that cannot be used.
    """
    if isinstance(spec, Policy):
        return spec
    if isinstance(spec, Mapping):
        parameters = dict(spec)
        name = parameters.pop("name", Plan.name if is_plan(spec) else "neutral")
        unknown = [
            key for key in parameters if "name" not in spec and key not in Plan.model_fields and "." not in str(key)
        ]
        if unknown and not is_plan(spec):
            known = near(unknown[0], ["name", *Plan.model_fields])
            raise PolicyError(
                f"policies: {unknown[0]}: {known}; in {spec!r}; a policy has a name, and a plan steps, as "
                "{label: Plan A, steps: [{policy: safeguarding, from: 15}]}"
            )
        if not isinstance(name, str):
            raise PolicyError(f"policies: the name of a policy is a text, not {name!r}; give it as {{name: adaptive}}")
    elif isinstance(spec, str):
        name, parameters = spec, {}
    elif spec is None or isinstance(spec, (list, tuple, bool, int, float)):
        raise PolicyError(f"policies: {spec!r} is not a policy; give a name, or {{label: Plan A, steps: [...]}}")
    else:
        return _make(spec, {})
    policy = _make(_look_up(name), parameters)
    if looks_like_path(name):
        policy._spec = name
    return policy


def changed(policy: Policy, values: Mapping[str, Any]) -> Policy:
    """Give a policy with other values of some parameters, such as ``level``, or ``steps.0.level`` of a plan.

    Raises:
        PolicyError: for parameters that are not valid.
    """
    other = _make(policy, dict(values))
    other._spec = policy._spec
    return other


def is_shipped(spec: PolicyLike) -> bool:
    """Tell whether a policy ships, or is a plan of such policies, so that no other code runs to find it."""
    names = (part.get("name", "neutral") if isinstance(part, Mapping) else part for part in ingredients(spec))
    return all(isinstance(name, str) and name in NAMES for name in names)


def label(spec: PolicyLike) -> str:
    """Name a policy in tables: its label, or its name with the policy parameters that differ from their defaults."""
    policy = find_policy(spec)
    if policy.label:
        return policy.label
    if isinstance(policy, Plan):
        return policy.title()
    fields = type(policy).model_fields
    changed = {k: v for k, v in policy.model_dump().items() if v != fields[k].default and k != "function"}
    return " ".join([policy.name, *(f"{k}={v}" for k, v in changed.items())])


def _look_up(name: str) -> Any:
    if name in NAMES:
        return NAMES[name]
    if looks_like_path(name):
        return _from_file(name)
    raise PolicyError(f"there is no policy '{name}'; {near(name, NAMES)}; or give a file, such as my_policy.py")


def _from_file(spec: str) -> Any:
    """Take the named object, or else the only policy class, or else the function allocate."""
    if ":" in spec:
        return find(spec, ())
    module_policies = find(spec, ("__dict__",))
    own = [
        v
        for v in module_policies.values()
        if inspect.isclass(v)
        and issubclass(v, Policy)
        and v is not Policy
        and v.__module__ == module_policies.get("__name__")
    ]
    if len(own) == 1:
        return own[0]
    if callable(module_policies.get("allocate")):
        return module_policies["allocate"]
    names = ", ".join(c.__name__ for c in own)
    raise PluginError(
        f"{spec}: needs a function allocate(seen, budget, memory) or one subclass of sim.Policy"
        + (f"; it has several ({names}): name one as {spec}:{own[0].__name__}" if own else "")
    )


class _Function(Policy):
    """A plain function allocate(seen, budget, memory) as a policy."""

    function: Any = None

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        result: tuple[Effort, Any] = self.function(seen, budget, memory)
        return result


def _make(target: Any, parameters: dict[str, Any]) -> Policy:
    if isinstance(target, Policy):
        target, parameters = type(target), {**_fields(target), **parameters}
    name = getattr(target, "name", "") or getattr(target, "__name__", "policy")
    if inspect.isclass(target) and issubclass(target, Policy):
        if not target.name:
            target.name = target.__name__
        if not isinstance(target.name, str) or target.targeting not in (
            None,
            "estimate",
            "random",
            "perfect_information",
        ):
            raise PolicyError(
                f"policy {target.__name__}: name is a text, targeting is estimate, random or perfect_information"
            )
        return _with_parameters(target, parameters)
    if callable(target):
        module = getattr(target, "__module__", name)
        shown = module.removeprefix("_plugin_") if module.startswith("_plugin_") else name  # a file, or a function
        kind = type(name, (_Function,), {"name": shown, "__doc__": target.__doc__})
        return _with_parameters(kind, {"function": target, **parameters})
    raise PolicyError(f"{name} is neither a policy nor a function allocate(seen, budget, memory)")


def _with_parameters(kind: type[Policy], parameters: dict[str, Any]) -> Policy:
    """Make a policy; whatever stops a user's class becomes one line."""
    if kind.name in NAMES and kind not in SHIPPED:
        raise PolicyError(f"policy {kind.name}: a shipped policy has this name; give yours, or its file, another one")
    if not kind.name.isprintable():
        raise PolicyError(f"policy {kind.name!r}: give it a name of printable characters")

    title = str(parameters.get("label", "")).strip()
    where = f"policy {kind.name}" + (f" '{title[:60]}'" if title.isprintable() and title else "")
    if title in NAMES and title != kind.name:
        raise PolicyError(f"label = {title!r}: a shipped policy has this name; give {kind.name} another label")
    parameters = with_inner(parameters, where)

    def made() -> Policy:
        try:
            policy = kind(**parameters)
        except ValidationError as error:
            raise PolicyError(readable(error, where, kind)) from error
        if not kind.model_fields.keys() <= vars(policy).keys():
            raise PolicyError(f"policy {kind.name}: call super().__init__(**parameters) in its __init__")
        return policy

    policy: Policy = guarded(f"policy {kind.name}", made, PolicyError)
    return policy


def _fields(group: Declared) -> dict[str, Any]:
    """Give the values of a group by the names that configurations use."""
    return {field.alias or name: getattr(group, name) for name, field in type(group).model_fields.items()}


def with_inner(parameters: Mapping[str, Any], where: str = "policy plan") -> dict[str, Any]:
    """Set what dotted names such as ``steps.0.level`` name, inside what the others give.

    Raises:
        PolicyError: if there is no such place; the message begins with ``where``.
    """
    data: Any = {name: value for name, value in parameters.items() if "." not in name}
    for name, value in parameters.items():
        if "." in name:
            data = _set(data, name.split("."), value, f"{where}: there is no {name}")
    return dict(data)


def _set(inside: Any, path: list[str], value: Any, problem: str) -> Any:
    """Copy, with another value at a path; a policy on the way is made again."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(inside, list):
        if not (key.isascii() and key.isdigit() and int(key) < len(inside)):
            raise PolicyError(f"{problem}; entries are numbered from 0, and there are {len(inside)}")
        return [_set(item, rest, value, problem) if k == int(key) else item for k, item in enumerate(inside)]
    if isinstance(inside, Policy):
        return changed(inside, {".".join(path): value})
    if isinstance(inside, Declared):
        inside = _fields(inside)
    if isinstance(inside, str):
        inside = {"name": inside}
    if not isinstance(inside, Mapping) or (rest and key not in inside):
        raise PolicyError(f"{problem}; {near(key, inside) if isinstance(inside, Mapping) else 'it has no parts'}")
    return {**inside, key: _set(inside.get(key), rest, value, problem)}
