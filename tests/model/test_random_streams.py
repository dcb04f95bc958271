# expected == actual
import math

import numpy as np
import pytest

from sim.engine.batch import Batch
from sim.model import random_streams
from sim.model.random_streams import Draws, RandomStreams, exponential, high_uniform, low_uniform, mix, normal
from tests.helpers import scenario

MASK = 2**64 - 1
GAMMA = 0x9E3779B97F4A7C15

BLOCKS = {
    name: value
    for name, value in vars(random_streams).items()
    if name.isupper() and not name.startswith("_") and isinstance(value, int) and name != "PARTNERSHIP"
}
WIDTH = {"DNA": 4, "EXPERTISE": 8, "GOALS": 8}

MONTHLY = ("leak", "quit", "turnover", "evidence", "outside_match", "enter", "lottery")


def finalise(z):
    """Work the finaliser of SplitMix64 in Python's own whole numbers."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def drawn_at(seed, slot, month, block):
    """Work one address by hand: the run's key, then its stream at slot, month and block."""
    key = finalise((finalise(seed) + GAMMA) & MASK)
    return finalise((key + ((slot << 40) + (month << 8) + block) * GAMMA) & MASK)


def uniforms(n_slots=1000, seeds=range(100), month=3, block=random_streams.LEAK_QUIT):
    return high_uniform(RandomStreams(list(seeds), n_slots, 2).partner(month, block))


def correlation(a, b):
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize(
    ("seed", "position", "expected"),
    [
        (0, 1, 0xE220A8397B1DCDAF),
        (0, 2, 0x6E789E6AA1B965F4),
        (1234567, 1, 6457827717110365317),
    ],
)
def test_splitmix64_gives_its_known_answers(seed, position, expected):
    state = (seed + position * GAMMA) & MASK

    assert expected == int(mix(np.array([state], dtype=np.uint64))[0])
    assert expected == finalise(state)


def test_a_draw_is_splitmix64_at_the_address_of_seed_slot_month_and_block():
    streams = RandomStreams([0, 7, 2**63 - 1], 5, 3)
    bits = streams.partner(17, random_streams.EVIDENCE_SUCCESSOR)

    assert drawn_at(0, 0, 17, 2) == int(bits[0, 0])
    assert drawn_at(7, 4, 17, 2) == int(bits[4, 1])
    assert drawn_at(2**63 - 1, 3, 17, 2) == int(bits[3, 2])


def test_partnerships_and_domains_draw_at_addresses_beyond_all_partners():
    streams, first = RandomStreams([7, 8], 5, 3), 1 << 22

    assert drawn_at(8, first, 2, random_streams.SURVEY) == int(streams.partnership(2, random_streams.SURVEY)[0, 1])
    assert drawn_at(7, first + 3, 2, random_streams.TABLES) == int(streams.domain(2, random_streams.TABLES)[2, 0])


@pytest.mark.parametrize("kind", ["partner", "partnership", "domain"])
def test_a_draw_does_not_depend_on_the_size_of_the_batch(kind):
    small, large = RandomStreams([5, 6], 3, 2), RandomStreams([9, 5, 6, 1, 2], 40, 8)
    few, many = getattr(small, kind)(4, 11), getattr(large, kind)(4, 11)

    assert np.array_equal(few, many[: few.shape[0], 1:3])


def test_draws_do_not_depend_on_runs_or_slots():
    small, large = Draws(RandomStreams([5, 6], 3, 6), 4), Draws(RandomStreams([9, 5, 6], 40, 6), 4)
    names = (*MONTHLY, "shortfall_error", "risk_error", "capture_error")

    assert [] == [n for n in names if not np.array_equal(getattr(small, n), getattr(large, n)[:3, 1:])]
    assert np.array_equal(small.successor(), large.successor()[:3, 1:])
    for race in ("seek", "offer"):
        for domain in range(6):
            assert np.array_equal(getattr(small, race)(domain), getattr(large, race)(domain)[:3, 1:])


def test_draws_at_the_tables_do_not_depend_on_how_many_domains_there_are():
    few, many = (Draws(RandomStreams([5, 6], 3, n), 4) for n in (2, 8))

    assert np.array_equal(few.seek(1), many.seek(1))
    assert np.array_equal(few.offer(1), many.offer(1))
    assert np.array_equal(few.tables, many.tables[:, :2])


def test_asking_twice_draws_once():
    draws = Draws(RandomStreams([5, 6], 3, 2), 4)

    assert np.array_equal(draws.leak, draws.leak)
    assert np.array_equal(draws.lottery, Draws(RandomStreams([5, 6], 3, 2), 4).lottery)


def test_every_decision_has_draws_of_its_own():
    month = Draws(RandomStreams([5, 6], 50, 8), 4)
    draws = {name: getattr(month, name) for name in (*MONTHLY, "shortfall_error", "risk_error", "capture_error")}
    draws["successor"] = month.successor()
    draws |= {f"seek {d}": month.seek(d) for d in range(8)} | {f"offer {d}": month.offer(d) for d in range(8)}

    distinct = {values.tobytes() for values in draws.values()}
    assert len(draws) == len(distinct)


def test_all_blocks_are_different_numbers_below_256():
    taken = [value + k for name, value in BLOCKS.items() for k in range(WIDTH.get(name, 1))]

    assert len(BLOCKS) >= 26
    assert len(taken) == len(set(taken))
    assert 0 <= min(taken) <= max(taken) < 256


def test_blocks_keep_the_numbers_they_were_given():
    inputs = {
        "LEAK_QUIT": 0, "TURNOVER_ERRORS": 1, "EVIDENCE_SUCCESSOR": 2, "OUTSIDE": 3, "SEEK": 4, "OFFER": 5, "ENTER": 6,
        "LOTTERY": 7, "SEEK_MORE": 8, "OFFER_MORE": 9, "SURVEY": 16, "TABLES": 17,
        "SEGMENT": 32, "RESOURCES": 33, "SENSITIVITY": 34, "MISSION": 35, "NEED": 36, "ASPIRATION": 37, "PATIENCE": 38,
        "READINESS": 39, "DNA": 64, "EXPERTISE": 80, "GOALS": 96, "RELIABILITY": 112, "TRUST": 113,
        "PROPOSAL": 128,
    }  # fmt: skip

    assert inputs == {name: BLOCKS[name] for name in inputs}


def test_partner_slots_stay_below_the_partnerships_and_months_fit_their_place():
    assert 5000 + 5000 < random_streams.PARTNERSHIP
    assert (1200 << 8) | 255 < 1 << 40


@pytest.mark.parametrize("read", [high_uniform, low_uniform])
def test_uniforms_have_the_mean_the_variance_and_the_evenness_of_uniforms(read):
    values = read(RandomStreams(list(range(100)), 1000, 2).partner(3, random_streams.LEAK_QUIT)).ravel()
    counts = np.bincount((values * 20).astype(int), minlength=20)
    chi_square = ((counts - 5000.0) ** 2 / 5000.0).sum()

    assert 0.0 <= values.min() < 1e-3
    assert 1.0 - 1e-3 < values.max() < 1.0
    assert abs(values.mean() - 0.5) < 4 * (1 / 12 / values.size) ** 0.5
    assert abs(values.var() - 1 / 12) < 4 * (1 / 180 / values.size) ** 0.5
    assert chi_square < 19 + 4 * 38**0.5


def test_neighbours_of_every_kind_are_uncorrelated():
    limit = 4 / 1e5**0.5
    here = uniforms()
    bits = RandomStreams(list(range(100)), 1000, 2).partner(3, random_streams.LEAK_QUIT)
    neighbours = {
        "partner": (here[:-1], here[1:]),
        "seed": (here[:, :-1], here[:, 1:]),
        "month": (here, uniforms(month=4)),
        "block": (here, uniforms(block=random_streams.LEAK_QUIT + 1)),
        "half": (here, low_uniform(bits)),
        "part": (normal(bits, 0), normal(bits, 1)),
        "month and block": (uniforms(month=0, block=255), uniforms(month=1, block=0)),
    }

    assert {} == {k: c for k, (a, b) in neighbours.items() if abs(c := correlation(a, b)) > limit}


def test_neighbours_are_uncorrelated_in_size_too():
    here = abs(uniforms() - 0.5)

    assert abs(correlation(here[:-1], here[1:])) < 4 / 1e5**0.5
    assert abs(correlation(here, abs(uniforms(month=4) - 0.5))) < 4 / 1e5**0.5


def test_no_two_addresses_share_a_draw():
    streams = RandomStreams(list(range(20)), 50, 2)
    draws = [streams.partner(month, block) for month in range(10) for block in range(10)]

    assert 100 * 50 * 20 == np.unique(np.stack(draws)).size


def test_uniforms_read_the_upper_and_the_lower_half_of_the_bits():
    bits = np.array([[0x80000000_40000000]], dtype=np.uint64)

    assert 0.5 == high_uniform(bits)[0, 0]
    assert 0.25 == low_uniform(bits)[0, 0]


@pytest.mark.parametrize("part", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("share", "quantile"),
    [(0.5, 0.0), (0.8413447460685429, 1.0), (0.975, 1.959963984540054), (0.005, -2.5758293035489004)],
)
def test_sixteen_bits_are_read_as_a_quantile_of_the_normal(part, share, quantile):
    bits = np.array([[int(share * 65536) << (16 * part)]], dtype=np.uint64)

    assert quantile == pytest.approx(float(normal(bits, part)[0, 0]), abs=1e-3)


def test_normals_are_symmetric_standard_and_within_4_and_a_half():
    everything = normal(np.arange(65536, dtype=np.uint64)[None, :], 0)

    assert everything[0, ::-1].tolist() == pytest.approx((-everything[0]).tolist(), abs=1e-9)
    assert 1.0 == pytest.approx(everything.std(), abs=1e-3)
    assert 4.0 < everything.max() < 4.5


def test_exponentials_have_mean_1_and_read_each_part_of_their_bits():
    every = exponential(np.arange(65536, dtype=np.uint64), 0)
    packed = np.array([sum(k << (16 * k) for k in range(4))], dtype=np.uint64)
    parts = [exponential(packed, part)[0] for part in range(4)]

    assert 1.0 == pytest.approx(every.mean(), abs=1e-4)
    assert [-math.log((k + 0.5) / 65536) for k in range(4)] == pytest.approx(parts, rel=1e-12)


def test_a_race_is_won_in_proportion_to_the_rates_of_the_runners():
    draws = Draws(RandomStreams(list(range(50_000)), 2, 2), 3)
    draws = draws.seek(0)
    wins = (3.0 / draws[0] > 1.0 / draws[1]).mean()

    assert abs(wins - 0.75) < 4 * (0.75 * 0.25 / 1e5) ** 0.5


def test_a_run_has_the_same_bits_alone_and_in_company():
    small = scenario(size__partners=6)
    alone, company = (Batch(small, seeds, "fixed_mix") for seeds in ([4], [9, 4, 1, 2]))
    for _ in range(12):
        alone.advance()
        company.advance()

    fields = ("ledger", "goodwill", "inside", "trust_for", "member", "tension", "society_value")
    ours, theirs = ([getattr(batch.state, name)[..., k] for name in fields] for batch, k in ((alone, 0), (company, 1)))
    assert [] == [name for name, a, b in zip(fields, ours, theirs, strict=True) if not np.array_equal(a, b)]


def test_candidates_who_never_join_change_nothing():
    fields = ("ledger", "goodwill", "member", "disclosure")
    without, waiting = (Batch(scenario(size__partners=6, size__candidates=n), [4, 5], "fixed_mix") for n in (0, 3))
    for _ in range(12):
        without.advance()
        waiting.advance()

    assert [] == [n for n in fields if not np.array_equal(getattr(without.state, n), getattr(waiting.state, n)[:6])]
