"""The value of information: what knowing a parameter before a choice is worth (Raiffa & Schlaifer 1961).

Of some options one is best on average over what is not known. Who knew more might choose another where that is better.
The expected value of perfect information (EVPI) is what knowing every parameter would add on average; that of partial
information (EVPPI) is what knowing some of them would add. Both are at least 0, in the unit of the objective.

Methods and their checks: ``docs/decisions/0028-value-of-information.md``.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.paired import DECIDED, adjust

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

PERMUTATIONS = 1999
"""Random orders of the parameter sets, in which a parameter is worth nothing."""

CURVED = 3
"""Degrees of freedom of the spline of one parameter, where there are parameter sets enough."""

PER_SET = 5
"""At least so many parameter sets for each degree of freedom of a regression."""

LEAST = 1e-10
"""Noise that is taken for none, as a share of the spread."""

BLOCKS = 20
"""Parts into which seeds are cut for the jackknife."""

COLUMNS = ("subject", "kind", "parameters", "value", "low", "high", "p", "p_adjusted", "worth")


@dataclasses.dataclass(frozen=True)
class Choice:
    """What every option gives in every parameter set.

    Attributes:
        options: their names.
        gains: what each gives, more is better; shape (parameter sets, seeds, options). Sets share their seeds.
        parameters: a row per parameter set, a column per parameter that varies.
    """

    options: tuple[str, ...]
    gains: Array
    parameters: "pd.DataFrame"

    @property
    def means(self) -> Array:
        """What each option gives in each parameter set, mean over seeds."""
        return np.asarray(np.nanmean(self.gains, axis=1))

    @property
    def best(self) -> str:
        """The option that is best on average over the parameter sets."""
        return self.options[int(self.means.mean(axis=0).argmax())]

    def without_sets(self, left_out: NDArray[np.bool_]) -> "Choice":
        """Leave out some parameter sets."""
        return dataclasses.replace(self, gains=self.gains[~left_out], parameters=self.parameters[~left_out])

    def without_seeds(self, left_out: NDArray[np.bool_]) -> "Choice":
        """Leave out some seeds."""
        return dataclasses.replace(self, gains=self.gains[:, ~left_out])


def value_of_information(choice: Choice, subjects: Mapping[str, Sequence[str]], level: float = 0.95) -> "pd.DataFrame":
    """Give what is worth finding out before a choice.

    Args:
        choice: what every option gives in every parameter set.
        subjects: what could be found out: name -> the parameters that would be known then.
        level: of the intervals, a share.

    Returns:
        A row for everything together (EVPI) and for each subject (EVPPI), those of most value first: ``kind``
        (everything, section, parameter), its ``value`` with its interval ``low`` to ``high`` (jackknife over parameter
        sets and over seeds), ``p``: how often a subject is worth as much where the sets are in random order;
        ``p_adjusted`` (Holm over the subjects), and ``worth``: whether it is worth finding out, which is decided at 5 %
        for the whole table.
    """
    import pandas as pd

    named = {name: list(paths) for name, paths in subjects.items()}
    values, low, high = _with_intervals(choice, list(named.values()), level)
    first = {"subject": "everything", "kind": "everything", "parameters": len(choice.parameters.columns)}
    rows: list[dict[str, Any]] = [first | {"worth": low[0] > 0.0}]
    for name, paths in named.items():
        kind = "parameter" if paths == [name] else "section"
        rows.append({"subject": name, "kind": kind, "parameters": len(paths), "p": chance_of(choice, paths)})
    table = pd.DataFrame(rows, columns=list(COLUMNS)).assign(value=values, low=low, high=high)
    known = table["p"].notna().to_numpy()
    table["p_adjusted"] = table["p"].astype(float)
    table.loc[known, "p_adjusted"] = adjust(table.loc[known, "p"].to_numpy(dtype=float))
    table["worth"] = [
        bool(w) if p != p else p <= DECIDED for w, p in zip(table["worth"], table["p_adjusted"], strict=True)
    ]
    ranked = table[known].sort_values(["worth", "value"], ascending=False, kind="stable")
    return pd.concat([table[~known], ranked], ignore_index=True)


def evpi(choice: Choice) -> float:
    """Give the expected value of perfect information: of knowing every parameter, but not the seed.

    What is decided on is the mean over seeds. Its noise would make options look best by turns, so the spread of the
    means over parameter sets is shrunk by what the noise adds to it.
    """
    return float(_values(choice, ())[0])


def evppi(choice: Choice, paths: Sequence[str]) -> float:
    """Give the expected value of knowing some parameters, by regression on them (Strong, Oakley & Brennan 2014)."""
    return float(_values(choice, _bases(choice, [paths]))[1])


def _bases(choice: Choice, subjects: Sequence[Sequence[str]]) -> list[Array]:
    """Give the basis of each subject's parameters; it depends on the parameter sets alone, and not on the runs."""
    values, names = choice.parameters.to_numpy(dtype=float), list(choice.parameters)
    return [basis(values[:, [names.index(path) for path in paths]]) for paths in subjects]


def _values(choice: Choice, bases: Sequence[Array]) -> Array:
    """Give EVPI, and EVPPI of each subject, by the basis of its parameters."""
    over_best, noise = _over_best(choice)
    centre = over_best.mean(axis=0)
    around = over_best - centre
    fitted = (_fitted_gains(q, around[None], centre)[0] for q in bases)
    return np.array([_gain(centre, shrunk(around, noise)), *fitted])


def chance_of(choice: Choice, paths: Sequence[str], seed: int = 0) -> float:
    """Give how often parameters look worth as much by chance: where the parameter sets are in random order.

    Args:
        choice: what every option gives in every parameter set.
        paths: the parameters.
        seed: selects the random orders.
    """
    over_best, _ = _over_best(choice)
    centre, rng, n = over_best.mean(axis=0), np.random.default_rng(seed), len(over_best)
    orders = np.stack([np.arange(n), *(rng.permutation(n) for _ in range(PERMUTATIONS))])
    values = _fitted_gains(_bases(choice, [paths])[0], (over_best - centre)[orders], centre)
    return float(np.mean(values >= values[0] * (1.0 - 1e-12)))


def basis(values: Array) -> Array:
    """Give an orthonormal basis of additive natural cubic splines, as curved as the number of parameter sets allows.

    Three degrees of freedom for each parameter, or two, or a straight line, so that there are at least five parameter
    sets for each; if lines are too many, the first principal components stand for the parameters.

    Args:
        values: of the parameters, shape (parameter sets, parameters).

    Returns:
        Shape (parameter sets, degrees of freedom), every column with mean 0.
    """
    values = values[:, np.ptp(values, axis=0) > 0.0]
    n, k = values.shape
    most = max(1, n // PER_SET)
    scaled = (values - values.mean(axis=0)) / values.std(axis=0) if k else values
    if k > most:
        left, size, _ = np.linalg.svd(scaled, full_matrices=False)
        return np.asarray(left[:, :most][:, size[:most] > 1e-9 * size[0]])
    freedom = max(1, min(CURVED, most // max(k, 1)))
    columns = [column for j in range(k) for column in _spline(scaled[:, j], freedom)]
    if not columns:
        return np.empty((n, 0))
    centred = np.stack([column - column.mean() for column in columns], axis=1)
    left, size, _ = np.linalg.svd(centred / np.linalg.norm(centred, axis=0), full_matrices=False)
    return np.asarray(left[:, size > 1e-7 * size[0]])


def _spline(x: Array, freedom: int) -> list[Array]:
    """Give a natural cubic spline of x, its knots at even quantiles (Hastie, Tibshirani & Friedman 2009, 5.2.1)."""
    knots = np.unique(np.quantile(x, np.linspace(0.0, 1.0, freedom + 1)))
    if len(knots) < 3:
        return [x]
    last = knots[-1]

    def bend(knot: float) -> Array:
        return np.asarray((np.maximum(x - knot, 0.0) ** 3 - np.maximum(x - last, 0.0) ** 3) / (last - knot))

    return [x, *(bend(knot) - bend(knots[-2]) for knot in knots[:-2])]


def shrunk(values: Array, noise: Array) -> Array:
    """Shrink values around 0, so that their covariance is what it would be without noise.

    In each direction of its own (of the covariance beside that of the noise) the spread is multiplied by the root of
    1 - noise / spread, or 0 where that is negative: the covariance is that of the truth, without bias but for the limit
    at 0, and normal values are distributed as the truth.

    Args:
        values: centred; shape (..., sets, options).
        noise: the covariance of the noise in them; shape (..., options, options).
    """
    n, k = values.shape[-2:]
    spread = np.swapaxes(values, -1, -2) @ values / max(n - 1, 1)
    least = np.maximum(LEAST * np.trace(spread, axis1=-2, axis2=-1), LEAST**2)[..., None, None]
    size, axes = np.linalg.eigh(noise + least * np.eye(k))
    root = np.sqrt(size)[..., None, :] * axes
    whitened = axes / np.sqrt(size)[..., None, :]
    ratio, turn = np.linalg.eigh(np.swapaxes(whitened, -1, -2) @ spread @ whitened)
    left = np.sqrt(np.maximum(0.0, 1.0 - 1.0 / np.maximum(ratio, LEAST)))
    return np.asarray(values @ whitened @ turn * left[..., None, :] @ np.swapaxes(root @ turn, -1, -2))


def _fitted_gains(q: Array, values: Array, centre: Array) -> Array:
    """Regress on a basis, and give the gain of choosing by the fit; shape of ``values`` (orders, sets, options)."""
    n, freedom = q.shape
    if freedom == 0 or n - 1 - freedom < 1:
        return np.zeros(len(values))
    fit = q @ (q.T @ values)
    rest = values - fit
    noise = np.swapaxes(rest, -1, -2) @ rest / (n - 1 - freedom) * freedom / (n - 1)
    return _gain(centre, shrunk(fit, noise))


def _gain(centre: Array, around: Array) -> Array:
    """Give what the best option in each parameter set adds to the option that is best on average, mean over sets."""
    return np.asarray(np.maximum((centre + around).max(axis=-1), 0.0).mean(axis=-1))


def _over_best(choice: Choice) -> tuple[Array, Array]:
    """Give each other option's means over the best option's, and the covariance of the noise of seeds in them.

    Sets share their seeds, so what a seed adds in every set is no part of the spread over sets: the noise is what is
    left after the means of sets and of seeds.
    """
    gains, best = choice.gains, int(choice.means.mean(axis=0).argmax())
    over = np.delete(gains, best, axis=2) - gains[:, :, [best]]
    n_sets, n_seeds, n_others = over.shape
    means = np.nanmean(over, axis=1)
    if n_seeds < 2:
        return means, np.zeros((n_others, n_others))
    rest = over - means[:, None] - np.nanmean(over, axis=0) + np.nanmean(means, axis=0)
    rest = np.nan_to_num(rest).reshape(-1, n_others)
    return means, rest.T @ rest / max((n_sets - 1) * (n_seeds - 1), 1) / n_seeds


def _with_intervals(choice: Choice, subjects: Sequence[list[str]], level: float) -> tuple[Array, Array, Array]:
    """Give values with intervals: Student's t by the jackknife (Tukey 1958), over parameter sets and over seeds."""
    from scipy.stats import t

    bases = _bases(choice, subjects)
    values = _values(choice, bases)
    sets = choice.parameters.groupby(list(choice.parameters.columns), sort=False).ngroup().to_numpy()
    seeds = np.arange(choice.gains.shape[1]) % BLOCKS
    fewer_sets = (choice.without_sets(sets == k) for k in range(sets.max() + 1))
    variance = _jackknife([_values(fewer, _bases(fewer, subjects)) for fewer in fewer_sets])
    if len(seeds) > 1:
        parts = [_values(choice.without_seeds(seeds == k), bases) for k in range(seeds.max() + 1)]
        variance = variance + _jackknife(parts)
    half = t.ppf(0.5 + level / 2, max(sets.max(), 1)) * np.sqrt(variance)
    return values, np.maximum(values - half, 0.0), values + half


def _jackknife(values: Sequence[Array]) -> Array:
    """Give the variance of estimates from their values with one part left out."""
    return np.asarray(np.var(values, axis=0) * (len(values) - 1))
