"""From a policy's name, file or object to a policy at work: found, checked and paid for."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from pydantic import ValidationError

from sim.arrays import flag
from sim.effort import MECHANISMS, Effort, cost_of
from sim.messages import InputError, near, readable
from sim.observation import Observation
from sim.plugins import PluginError, find, guarded, looks_like_path
from sim.policies import POLICIES, Policy

PolicyLike = str | Mapping[str, Any] | Policy | type[Policy] | Callable[..., Any]
"""A name, ``file.py[:Name]``, ``{name: ..., setting: ...}``, a policy, its class, or a function allocate."""

PER_PARTNER = ("match_outside", "track", "intervene", "priority")


class PolicyError(InputError):
    """A policy is unknown or does what no orchestrator can; the message says what and what to do."""


def find_policy(spec: PolicyLike) -> Policy:
    """Give the policy that a name, path, mapping, class or function stands for."""
    if isinstance(spec, Policy):
        return spec
    if isinstance(spec, Mapping):
        settings = dict(spec)
        name = settings.pop("name", "neutral")
        if not isinstance(name, str):
            raise PolicyError(f"policies: the name of a policy is a text, not {name!r}; give it as {{name: adaptive}}")
        return _make(_look_up(name), settings)
    return _make(_look_up(spec) if isinstance(spec, str) else spec, {})


def is_shipped(spec: PolicyLike) -> bool:
    """Tell whether a text or mapping names a policy that ships, so that no other code runs to find it."""
    name = spec.get("name", "neutral") if isinstance(spec, Mapping) else spec
    return name in {policy.name for policy in POLICIES}


def label(spec: PolicyLike) -> str:
    """Name a policy in tables: its name, with the settings that differ from its defaults."""
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

    def allocate(self, seen: Observation, budget: Any, memory: Any) -> tuple[Effort, Any]:
        return self.function(seen, budget, memory)


def _make(found: Any, settings: dict[str, Any]) -> Policy:
    if isinstance(found, Policy):
        found, settings = type(found), {**found.model_dump(), **settings}
    name = getattr(found, "name", "") or getattr(found, "__name__", "policy")
    if inspect.isclass(found) and issubclass(found, Policy):
        if not found.name:
            found.name = found.__name__
        if not isinstance(found.name, str) or found.targeting not in (None, "estimate", "random", "oracle"):
            raise PolicyError(f"policy {found.__name__}: name is a text, targeting is estimate, random or oracle")
        return _with_settings(found, settings)
    if callable(found):
        module = getattr(found, "__module__", name)
        known = module.removeprefix("_plugin_") if module.startswith("_plugin_") else name  # a file, or a function
        kind = type(name, (_Function,), {"name": known, "__doc__": found.__doc__})
        return _with_settings(kind, {"function": found, **settings})
    raise PolicyError(f"{name} is neither a policy nor a function allocate(seen, budget, memory)")


def planned_pause(policy: Any, seen: Observation) -> tuple[Any, Any]:
    """Give the strength of the policy's strategic pause this month, and the budget that it leaves."""
    since = seen.month - seen.initiation_months
    full = seen.prices.pause * seen.n_members
    planned = flag((since > 0) & (since <= policy.pause)) * flag(full > 0)
    if not planned.any():
        return planned, seen.budget
    planned = planned * np.minimum(seen.budget / np.maximum(full, 1e-12), 1.0)
    return planned, seen.budget - planned * full


def largest(action: str, n_domains: int) -> float:
    """Give the largest value that an action may have."""
    return {"match_inside": float(n_domains), "sham": np.inf, "priority": np.inf}.get(action, 1.0)


def _with_settings(kind: type[Policy], settings: dict[str, Any]) -> Policy:
    """Make a policy; whatever stops a user's class becomes one line."""

    def made() -> Policy:
        try:
            policy = kind(**settings)
        except ValidationError as error:
            raise PolicyError(readable(error, f"policy {kind.name}", kind)) from error
        if not kind.model_fields.keys() <= vars(policy).keys():
            raise PolicyError(f"policy {kind.name}: its __init__ sets no settings; call super().__init__(**settings)")
        return policy

    return guarded(f"policy {kind.name}", made, PolicyError)


def at_work(policy: Policy) -> Callable[[Observation, Any], tuple[Effort, dict[str, Any], Any]]:
    """Put a policy to work: add its strategic pause, check what it returns, price it, refuse what it cannot pay.

    A user's policy gets a copy of what is seen; the shipped ones are known to leave it alone.
    """
    shipped = type(policy) in POLICIES

    def act(seen: Observation, memory: Any) -> tuple[Effort, dict[str, Any], Any]:
        planned, rest = planned_pause(policy, seen)
        shown = seen if shipped and rest is seen.budget else seen.shown(rest)
        answer = guarded(
            f"policy {policy.name}, month {seen.month}",
            lambda: policy.allocate(shown, shown.budget, memory),
            PolicyError,
        )
        if not (isinstance(answer, tuple) and len(answer) == 2):
            raise PolicyError(
                f"policy {policy.name}, month {seen.month}: allocate returned {type(answer).__name__}; "
                "it returns two things: return seen.spend(...), memory"
            )
        return *_checked(answer[0], seen, policy.name, planned), answer[1]

    return act


def begin(policy: Policy) -> Any:
    """Give a policy's memory at month 1."""
    return guarded(f"policy {policy.name}, start", policy.start, PolicyError)


def _read(given: Any) -> tuple[Any, Any, Any]:
    """Take an action as an array; gives its least and its largest value too."""
    values = np.asarray(given, dtype=float)
    return values, values.min(initial=np.inf), values.max(initial=-np.inf)


def _checked(effort: Any, seen: Observation, name: str, planned: Any) -> tuple[Effort, dict[str, Any]]:
    """Check shapes, numbers, ranges and the budget of an effort; gives it as arrays, and what it costs."""
    if not isinstance(effort, Effort):
        raise PolicyError(
            f"policy {name} returned {type(effort).__name__}; allocate returns (effort, memory), "
            "with effort made by seen.spend(...)"
        )
    n_runs, n_partners = seen.budget.shape[-1], seen.members.shape[0]
    arrays: dict[str, Any] = {}
    known: dict[int, tuple[Any, Any, Any]] = {}  # actions that are not taken are often one array
    where = f"policy {name}, month {seen.month}"
    for field in (*MECHANISMS, "priority"):
        given = getattr(effort, field)
        if id(given) not in known:
            known[id(given)] = guarded(where, lambda given=given: _read(given), PolicyError)  # type: ignore[misc]
        values, low, high = known[id(given)]
        allowed = [(), (1,), (1, 1), (1, n_runs)] + [(n_partners, n_runs)] * (field in PER_PARTNER)
        if values.shape not in allowed:
            raise PolicyError(
                f"policy {name}, month {seen.month}: {field} has shape {values.shape}; allowed are a number, "
                f"{' or '.join(map(str, allowed[3:]))}: (1, runs) or, per member, (partners, runs)"
            )
        most = largest(field, seen.n_domains)
        if not (low >= -1e-12 and high <= most + 1e-9 and np.isfinite(low + high)):
            raise PolicyError(
                f"policy {name}, month {seen.month}: {field} lies in {low:g} to {high:g}; allowed is 0 to {most:g}"
            )
        arrays[field] = values if values.ndim == 2 else values.reshape(1, 1)
    arrays["pause"] = np.maximum(arrays["pause"], planned)
    whole = {k: v if k in PER_PARTNER or v.shape[-1] == n_runs else v + seen.budget * 0.0 for k, v in arrays.items()}
    effort = Effort(**whole)
    costs = cost_of(effort, seen.prices, seen.members)
    over = np.max(sum(costs.values()) - seen.budget)
    if over > 1e-9:
        run = int(np.argmax(sum(costs.values()) - seen.budget))
        parts = ", ".join(
            f"{k} {c[0, run]:.3g}" for k, c in ((k, c + seen.budget * 0.0) for k, c in costs.items()) if c[0, run] > 0
        )
        raise PolicyError(
            f"policy {name}, month {seen.month}: spends {seen.budget[0, run] + over:.4g} of a budget of "
            f"{seen.budget[0, run]:.4g} effort ({parts}); spend less, or in shares of the budget"
        )
    return effort, costs
