"""What determines a search: all that its trials depend on, and what they are judged by; keys and folders by it."""

import dataclasses
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sim.model.outcomes import own_facts
from sim.model.policies.registry import PolicyLike, find_policy, label
from sim.model.scenario import stated_defaults
from sim.studies.identity import Identity, identify
from sim.studies.policy_search.spec import SearchSpec
from sim.studies.policy_search.trials import RANDOM, import_optuna
from sim.studies.validation.region import region_digest, region_facts

JUDGEMENT = ("trials", "test_replications", "region", "judged")
"""Options that no trial depends on: a search in a folder continues when they change."""


def describe(spec: SearchSpec) -> dict[str, Any]:
    """Say all that the trials depend on, except how many there are, as plain data.

    Raises:
        InputError: if Optuna is missing, or a policy's file cannot be read.
    """
    import_optuna()
    identity = identify(_trial_config(spec), *spec.policies, *spec.scenario.plugins)
    about = {**identity.config, "digests": dict(identity.digests), "model": identity.model}
    return dict(json.loads(json.dumps(about)))  # as the log gives it back


def search_key(spec: SearchSpec) -> str:
    """Give eight digits of all that the trials depend on."""
    import_optuna()
    return identify(_trial_config(spec), *spec.policies, *spec.scenario.plugins).key


def default_folder(spec: SearchSpec, key: str) -> Path:
    """Name the folder of a search: the same for more trials."""
    names = [Path(space.name.partition(" ")[0].partition(":")[0]).stem for space in spec.spaces]
    return Path("results") / f"search-{'-'.join(names)}-{key}"


def _trial_config(spec: SearchSpec) -> dict[str, Any]:
    open_options = {"policies", "space", *(() if spec.constraints else ("constraints",))}
    plain = spec.model_dump(mode="json", exclude={*JUDGEMENT, "region_from", *open_options})
    if spec.goals.robust:
        plain |= {"region": spec.region, "plausible_region": region_digest(spec.region_from)}
    spaces = [
        {
            "policy": space.name,
            "fixed": find_policy(space.spec).plain(labelled=False),
            "parameters": [dataclasses.asdict(q) for q in space.parameters],
        }
        for space in spec.spaces
    ]
    return plain | {
        **({"held": names} if (names := stated_defaults(spec.scenario)) else {}),
        "spaces": spaces,
        "sampler": f"independent TPE of optuna {version('optuna')} after {RANDOM} at random",
    }


def configuration(spec: SearchSpec) -> dict[str, Any]:
    """Give all that determines a search and its judgement, as plain data."""
    judgement = {name: getattr(spec, name) for name in JUDGEMENT}
    config = {**_trial_config(spec), **judgement, "plausible_region": region_digest(spec.region_from)}
    config |= region_facts(spec.region_from)
    config |= {"own_outcomes": facts} if (facts := own_facts(spec.scenario)) else {}
    return config | {"policies": [_as_given(policy) for policy in spec.policies], "space": dict(spec.space)}


def identity_of(spec: SearchSpec) -> Identity:
    """Take the identity of the whole result: trials, judgement, and the plausible region."""
    return identify(configuration(spec), *spec.policies, *spec.scenario.plugins)


def _as_given(policy: PolicyLike) -> Any:
    """Write a policy as the options of a search name it."""
    return dict(policy) if isinstance(policy, Mapping) else policy if isinstance(policy, str) else label(policy)
