"""Lifetimes for the tests of survival: a published trial, written by hand, drawn by chance and simulated."""

import numpy as np
import pandas as pd

import sim
from sim.analysis.survival import (
    lifetimes,
)
from tests.helpers import scenario

TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
"""Weeks in remission, + where still in it (Freireich et al. 1963; Gehan 1965)."""


MONTHS, FOUNDERS = 36, 10


def group(text, first_seed=0, **columns):
    """Read lifetimes, one subject per seed, with a + on those still there."""
    words = text.split()
    rows = {"month": [int(w.rstrip("+")) for w in words], "left": [not w.endswith("+") for w in words]}
    return pd.DataFrame({"seed": range(first_seed, first_seed + len(words)), **columns, **rows})


def members(*texts, policy="neutral"):
    """Read lifetimes of members, a text for each seed."""
    rows = [group(text).assign(seed=seed, policy=policy) for seed, text in enumerate(texts)]
    return pd.concat(rows, ignore_index=True)


def clustered(rng, n_seeds, members=12, months=24, shift=0.0):
    """Draw members that leave each month with a probability that all members of a seed share."""
    chance = rng.beta(2, 60, n_seeds)[:, None]
    times = rng.geometric(np.minimum(chance * np.exp(shift), 1), (n_seeds, members))
    rows = {"month": np.minimum(times, months).ravel(), "left": (times <= months).ravel()}
    return pd.DataFrame({"policy": "any", "seed": np.repeat(np.arange(n_seeds), members), **rows})


def restricted(chance, horizon=24):
    return (1 - (1 - chance) ** horizon) / chance


def simulate_hasty():
    """Simulate two policies with hasty partners and the same seeds, where others may join."""
    case = scenario(size__partners=FOUNDERS, size__candidates=3, start__goodwill=2.0)
    case = case.replace(**{"rules.membership.entry_rate": 0.02})
    made = [sim.simulate(case, 30, policy, MONTHS) for policy in ("neutral", "strategic_pause")]
    tables = {n: pd.concat([t[n] for t in made], ignore_index=True) for n in ("summary", "series", "events")}
    day = sim.simulate(case, 2, months=1, record="members").members
    return tables | {"founders": day[day["member"] < FOUNDERS], "candidates": day[day["member"] >= FOUNDERS]}


def simulated_lifetimes(runs):
    """Give the lifetimes of the founders in simulated runs."""
    return lifetimes(runs["summary"], runs["events"], runs["founders"], MONTHS)
