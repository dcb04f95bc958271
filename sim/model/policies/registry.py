"""The registry: from a policy's name, file, mapping, class or function to the policy."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from sim.core.errors import InputError, near, readable
from sim.core.plugins import find, guarded, looks_like_path
from sim.core.sources import PluginError
from sim.model.arrays import Array
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.policies import POLICIES, Policy

PolicyLike = str | Mapping[str, Any] | Policy | type[Policy] | Callable[..., Any]
"""A name, ``file.py[:Name]``, ``{name: ..., parameter: ...}``, a policy, its class, or a function allocate."""


class PolicyError(InputError):
    """A policy is unknown or returned what is not valid; the message says why and what to do."""


def find_policy(spec: PolicyLike) -> Policy:
    """Return the policy that a name, file, mapping, class or function stands for.

    Args:
        spec: the name of a shipped policy; ``file.py`` or ``file.py:Name`` (its code is executed);
            ``{name: ..., parameter: value}``; a policy, its class, or a function allocate(seen, budget, memory).

    Raises:
        PolicyError: (an ``InputError``) for an unknown name, or parameters that are not valid.
        PluginError: (an ``InputError``) for a file that cannot be used.
    """
    if isinstance(spec, Policy):
        return spec
    if isinstance(spec, Mapping):
        parameters = dict(spec)
        name = parameters.pop("name", "neutral")
        if not isinstance(name, str):
            raise PolicyError(f"policies: the name of a policy is a text, not {name!r}; give it as {{name: adaptive}}")
        return _make(_look_up(name), parameters)
    return _make(_look_up(spec) if isinstance(spec, str) else spec, {})


def is_shipped(spec: PolicyLike) -> bool:
    """Tell whether a text or mapping names a policy that ships, so that no other code runs to find it."""
    name = spec.get("name", "neutral") if isinstance(spec, Mapping) else spec
    return isinstance(name, str) and name in {policy.name for policy in POLICIES}


def label(spec: PolicyLike) -> str:
    """Name a policy in tables: its name, with the policy parameters that differ from their defaults."""
    policy = find_policy(spec)
    fields = type(policy).model_fields
    changed = {k: v for k, v in policy.model_dump().items() if v != fields[k].default and k != "function"}
    return " ".join([policy.name, *(f"{k}={v}" for k, v in changed.items())])


def _look_up(name: str) -> Any:
    known = {policy.name: policy for policy in POLICIES}
    if name in known:
        return known[name]
    if looks_like_path(name):
        return _from_file(name)
    raise PolicyError(f"there is no policy '{name}'; {near(name, known)}; or give a file, such as my_policy.py")


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
        target, parameters = type(target), {**target.model_dump(), **parameters}
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
    if is_shipped(kind.name) and kind not in POLICIES:
        raise PolicyError(f"policy {kind.name}: a shipped policy has this name; give yours, or its file, another one")
    if not kind.name.isprintable():
        raise PolicyError(f"policy {kind.name!r}: give it a name of printable characters")

    def made() -> Policy:
        try:
            policy = kind(**parameters)
        except ValidationError as error:
            raise PolicyError(readable(error, f"policy {kind.name}", kind)) from error
        if not kind.model_fields.keys() <= vars(policy).keys():
            raise PolicyError(f"policy {kind.name}: call super().__init__(**parameters) in its __init__")
        return policy

    policy: Policy = guarded(f"policy {kind.name}", made, PolicyError)
    return policy
