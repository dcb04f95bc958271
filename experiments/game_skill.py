"""Does skill beat chance in the class game? ``python experiments/game_skill.py`` prints a table for each story.

Every player decides as the page allows: ten half-years, ten points of each month's effort, perhaps a pause at first.
All of them play the same 100 seeds. The players: doing nothing; the same even plan all the time; 20 random plans; the
best of these for each outcome, chosen on other seeds (experience); the shipped policies, which also see what members
do; and perfect information. Nothing is adjusted to make the order come out.
"""

import argparse
from collections.abc import Iterator

import numpy as np
import pandas as pd

import sim
from sim.core.intervals import mean_interval
from sim.lab.by_hand import ByHand, play
from sim.lab.stories import MONTHS, STORIES, scenario_named
from sim.model.policies import POLICIES

LEVERS = ("safeguard", "bundle", "match_inside", "match_outside", "intervene")
OUTCOMES = ("members", "society_value")
POINTS, HALF_YEAR = 10, 6
EVEN = ByHand(**dict.fromkeys(LEVERS, 1 / len(LEVERS)))
OTHER_SEEDS = 1000
"""The first of the seeds on which the best of the random plans is chosen."""

Game = dict[str, np.ndarray]


def random_plan(draws: np.random.Generator) -> list[ByHand]:
    """Draw a plan: each point goes to a lever or is saved; a pause begins, and goes on, as a coin falls."""
    hands, paused = [], True
    for _ in range(MONTHS // HALF_YEAR):
        points = np.bincount(draws.integers(len(LEVERS) + 1, size=POINTS), minlength=len(LEVERS) + 1)
        paused = paused and bool(draws.integers(2))
        hand = ByHand(hold=float(paused), **{lever: points[k] / POINTS for k, lever in enumerate(LEVERS)})
        hands += [hand] * HALF_YEAR
    return hands


def by_hand(story: str, seeds: range, hands: list[ByHand]) -> Game:
    """Play a plan with every seed."""
    monthly, summary = play(scenario_named(story), seeds, hands, MONTHS)
    return {"members": monthly["n_members"][-1], "society_value": summary["society_value"]}


def by_policy(story: str, seeds: range, policy: str) -> Game:
    """Let a shipped policy decide with every seed."""
    tables = sim.simulate(scenario_named(story), list(seeds), policy, MONTHS, record=("summary", "series"))
    assert tables.series is not None
    members = tables.series.loc[tables.series["month"] == MONTHS, "n_members"]
    return {"members": members.to_numpy(float), "society_value": tables.summary["society_value"].to_numpy(float)}


def players(story: str, seeds: range, plans: int) -> Iterator[tuple[str, Game]]:
    """Let everybody play."""
    others = range(OTHER_SEEDS, OTHER_SEEDS + len(seeds))
    draws = np.random.default_rng(0)
    random = [random_plan(draws) for _ in range(plans)]
    games = [by_hand(story, seeds, plan) for plan in random]
    known = [by_hand(story, others, plan) for plan in random]
    nothing = by_hand(story, seeds, [])
    better = [sum(game[o].mean() > nothing[o].mean() for game in games) for o in OUTCOMES]
    print(f"random plans that do better than doing nothing: members {better[0]}, value {better[1]} of {plans}")
    yield "doing nothing", nothing
    yield f"random plans (mean of {plans})", {o: np.mean([game[o] for game in games], axis=0) for o in OUTCOMES}
    yield "even plan", by_hand(story, seeds, [EVEN] * MONTHS)
    for outcome in OUTCOMES:
        yield f"best random plan for {outcome}", games[int(np.argmax([game[outcome].mean() for game in known]))]
    for policy in POLICIES:
        if policy.name != "neutral":
            yield policy.name, by_policy(story, seeds, policy.name)


def compare(story: str, seeds: range, plans: int) -> pd.DataFrame:
    """Give of each player the means, and the difference from doing nothing with the same seeds with its interval."""
    rows, nothing = [], {}
    for player, game in players(story, seeds, plans):
        nothing = nothing or game
        row = {"player": player}
        for outcome in OUTCOMES:
            gaps = game[outcome] - nothing[outcome]
            low, high = mean_interval(gaps) if gaps.any() else (0.0, 0.0)
            row |= {outcome: game[outcome].mean(), f"{outcome} more": gaps.mean(), f"{outcome} low": low,
                    f"{outcome} high": high}  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows).set_index("player")


def main() -> None:
    """Print a table for each story."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stories", nargs="*", default=[story.scenario for story in STORIES])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--plans", type=int, default=20)
    args = parser.parse_args()
    for story in args.stories:
        print(f"\n{story}: means of {args.seeds} seeds; more than doing nothing, with its 95 % interval")
        print(compare(story, range(args.seeds), args.plans).round(2).to_string())


if __name__ == "__main__":
    main()
