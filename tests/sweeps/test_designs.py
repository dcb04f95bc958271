"""Designs, spaces and constraints: exact cases, and words for what cannot be used."""

import signal

import numpy as np
import pytest
from scipy.stats import qmc

from sim.core.errors import InputError
from sim.model.scenario import Scenario
from sim.sweeps.designs import DESIGNS
from sim.sweeps.designs.constraints import holds
from sim.sweeps.designs.sampled import Sobol
from sim.sweeps.designs.space import Dimension, Space, space_of
from sim.sweeps.plan import points_of
from sim.sweeps.spec import check

TRUST, LEAK = "start.trust", "rules.leak.rate"


def design(tmp_path, **data):
    request = check("test", data, tmp_path)
    return points_of(request.experiment, request.scenarios)


def test_a_grid_crosses_all_levels_the_last_fastest(tmp_path):
    rows = design(tmp_path, space={TRUST: [0.3, 0.6], LEAK: {"low": 0.0, "high": 0.2, "steps": 3}})

    assert rows[[TRUST, LEAK]].to_numpy().tolist() == [
        [0.3, 0],
        [0.3, 0.1],
        [0.3, 0.2],
        [0.6, 0],
        [0.6, 0.1],
        [0.6, 0.2],
    ]
    assert rows["point"].tolist() == list(range(6))


def test_an_empty_space_is_one_point(tmp_path):
    assert design(tmp_path)["point"].tolist() == [0]


def test_one_at_a_time_starts_from_the_scenarios_own_values(tmp_path):
    own = Scenario().rules.leak.rate
    rows = design(tmp_path, space={TRUST: [0.3, 0.6, 0.9], LEAK: [own, 0.1]}, design="one_at_a_time")

    assert rows[[TRUST, LEAK]].to_numpy().tolist() == [[0.6, own], [0.3, own], [0.9, own], [0.6, 0.1]]


def test_a_latin_hypercube_visits_every_part_of_every_dimension_once(tmp_path):
    rows = design(
        tmp_path, space={TRUST: {"low": 0.2, "high": 0.4}, LEAK: "range"}, design={"name": "latin_hypercube", "n": 10}
    )

    assert sorted(np.floor((rows[TRUST] - 0.2) / 0.02 + 1e-9).astype(int)) == list(range(10))
    assert sorted(np.floor(rows[LEAK] * 10).astype(int)) == list(range(10))


@pytest.mark.parametrize(("name", "options", "larger"), [
    ("sobol", {"n": 16}, {"n": 32}), ("saltelli", {"n": 8}, {"n": 16}), ("morris", {"trajectories": 4}, {"trajectories": 8}),
])  # fmt: skip
def test_larger_sequences_begin_with_the_smaller_ones(tmp_path, name, options, larger):
    space = {
        TRUST: {"low": 0.3, "high": 0.9},
        "grant.initiation": {"low": 1, "high": 9},
        "targeting": ["estimate", "random"],
    }
    small = design(tmp_path, space=space, design={"name": name, **options})
    large = design(tmp_path, space=space, design={"name": name, **larger})

    assert len(large) > len(small)
    assert small.equals(large.iloc[: len(small)])


def test_saltelli_has_a_base_sample_and_one_row_a_dimension_more(tmp_path):
    rows = design(
        tmp_path, space={TRUST: {"low": 0.3, "high": 0.9}, LEAK: "range"}, design={"name": "saltelli", "n": 8}
    )
    a, a_trust, a_leak, b = (rows.iloc[k::4][[TRUST, LEAK]].to_numpy() for k in range(4))

    assert len(rows) == 8 * (2 + 2)
    assert np.array_equal(a_trust, np.stack([b[:, 0], a[:, 1]], axis=1))
    assert np.array_equal(a_leak, np.stack([a[:, 0], b[:, 1]], axis=1))


def test_morris_changes_one_dimension_a_step(tmp_path):
    rows = design(
        tmp_path, space={TRUST: {"low": 0.3, "high": 0.9}, LEAK: "range"}, design={"name": "morris", "trajectories": 5}
    )
    moved = (np.abs(np.diff(rows[[TRUST, LEAK]].to_numpy(), axis=0)) > 1e-12).sum(axis=1)

    assert len(rows) == 5 * 3
    assert all(moved[k] == 1 for k in range(len(moved)) if (k + 1) % 3)


@pytest.mark.parametrize("kind", [d for d in DESIGNS if d.name != "file"], ids=lambda d: d.name)
def test_every_design_stays_within_the_space_and_repeats(tmp_path, kind):
    space = {TRUST: {"low": 0.3, "high": 0.9}, "start.need": {"low": 20, "high": 200, "scale": "log"},
             "size.segments": [1, 3, 12], "policy.pause": [0, 6]}  # fmt: skip
    rows = design(tmp_path, space=space, design=kind.name)

    assert rows.equals(design(tmp_path, space=space, design=kind.name))
    assert rows[TRUST].between(0.3, 0.9).all()
    assert rows["start.need"].between(20, 200).all()
    assert set(rows["size.segments"]) <= {1, 3, 12}
    assert rows["size.segments"].dtype == np.int64


def test_choices_and_whole_numbers_take_equal_parts_of_the_unit():
    units = np.array([0.0, 0.24, 0.26, 0.5, 0.75, 1.0])

    assert Dimension("x", 0, ("a", "b", "c", "d")).at(units).tolist() == ["a", "a", "b", "c", "d", "d"]
    assert Dimension("x", 0, low=1, high=4, is_integer=True).at(units).tolist() == [1, 1, 2, 3, 4, 4]
    assert Dimension("x", 0, low=1, high=100, log=True).at(np.array([0.0, 0.5, 1.0])) == pytest.approx([1, 10, 100])


def test_named_cases_set_their_parameters_together(tmp_path):
    mix = {"even": {TRUST: 0.5, LEAK: 0.1}, "wary": {TRUST: 0.3, LEAK: 0.2}}
    rows = design(tmp_path, space={"mix": mix, "start.goodwill": [4, 8]})

    assert rows[["mix", TRUST, LEAK]].to_numpy().tolist() == [["even", 0.5, 0.1]] * 2 + [["wary", 0.3, 0.2]] * 2


def test_rows_that_are_the_same_share_a_point():
    space = Space((Dimension(TRUST, 0.6, (0.3, 0.6)),))
    from sim.sweeps.plan import _numbered

    assert _numbered(space.at(np.array([[0.9], [0.1], [0.8], [0.2]]))).tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(("constraint", "expected"), [
    ("start.trust < 0.5", [True, False, False]),
    ("rules.leak.rate * 2 <= start.trust - 0.05", [True, True, False]),
    ("not start.trust < 0.5 and rules.leak.rate != 0.3", [False, True, True]),
    ("0.2 < start.trust < 0.6 or rules.leak.rate == 0.45", [True, False, True]),
    ("-start.trust / 2 > -0.25", [True, False, False]),
    ("start.goodwill >= 8", [True, True, True]),
])  # fmt: skip
def test_constraints_compare_parameters(constraint, expected):
    values = {
        "start.trust": np.array([0.3, 0.8, 0.9]),
        "rules.leak.rate": np.array([0.1, 0.2, 0.45]),
        "start.goodwill": 8.0,
    }

    assert (holds(constraint, values) & np.ones(3, bool)).tolist() == expected


@pytest.mark.parametrize("constraint", [
    "__import__('os').system('true')", "start.trust", "1", "[start.trust] < 1", "start.trust < 'a'", "f(start.trust) < 1",
    "start.trust ** 99 < 1", "(lambda: 1)() < 2", "start.trust <", "", "start.trust.__class__ == 1", "x" * 2000, "True < 2",
    "start.trust if 1 else 2", "start['trust'] < 1", "~start.trust < 1",
])  # fmt: skip
def test_a_constraint_is_never_anything_but_a_comparison(constraint):
    with pytest.raises(InputError, match="constraint"):
        holds(constraint, {"start.trust": 0.5})


def test_a_constraint_reads_each_scenario_as_it_is(tmp_path):
    loose = tmp_path / "loose.yaml"
    loose.write_text("rules: {leak: {rate: 0.5}}\n")
    space = {"scenario": ["neutral", str(loose)], TRUST: [0.3, 0.6]}
    rows = design(tmp_path, space=space, constraints=["rules.leak.rate < start.trust"])

    assert rows[["scenario", TRUST]].to_numpy().tolist() == [
        ["neutral", 0.3],
        ["neutral", 0.6],
        [str(loose), 0.6],
    ]


def test_whole_numbers_for_a_number_are_numbers(tmp_path):
    rows = design(tmp_path, space={"start.need": [20, 40], "size.partners": [6.0, 8.0]})

    assert (rows["start.need"].dtype, rows["size.partners"].dtype) == (float, int)


def test_constraints_leave_points_out(tmp_path):
    rows = design(tmp_path, space={TRUST: [0.3, 0.6], LEAK: [0.1, 0.4]}, constraints=["rules.leak.rate < start.trust"])

    assert rows[[TRUST, LEAK]].to_numpy().tolist() == [[0.3, 0.1], [0.6, 0.1], [0.6, 0.4]]


BAD = [
    ({"space": {"start.trsut": [0.5]}}, "did you mean start.trust"),
    ({"space": {TRUST: [0.5, 1.5]}}, "start.trust = 1.5: allowed is a number from 0.02 to 0.98"),
    ({"space": {TRUST: [float("nan")]}}, "start.trust = nan"),
    ({"space": {TRUST: ["much"]}}, "start.trust = 'much'"),
    ({"space": {TRUST: [True]}}, "start.trust = True"),
    ({"space": {TRUST: []}}, "has no values"),
    ({"space": {TRUST: [0.5, 0.5]}}, "0.5 twice"),
    ({"space": {TRUST: 0.5}}, "takes a list of values"),
    ({"space": {TRUST: {"low": 0.5, "hihg": 0.9}}}, "takes a list of values"),
    ({"space": {TRUST: {"low": 0.9, "high": 0.5}}}, "low must be below high"),
    ({"space": {LEAK: {"low": 0, "high": 1, "scale": "log"}}}, "where low is above 0"),
    ({"space": {TRUST: {"low": 0.1, "steps": 1}}}, "steps = 1"),
    ({"space": {"size.segments": [2.5]}}, "takes whole numbers"),
    ({"space": {"policy": "neutral"}}, "takes a list of choices"),
    ({"space": {"scenario": ["nowhere"]}}, "there is no such scenario"),
    ({"space": {"mix": {"a": {TRUST: 0.5}, "b": {LEAK: 0.5}}}}, "every case sets the same parameters"),
    ({"space": {"mix": {"a": {TRUST: 0.5}, "b": {TRUST: 0.5}}}}, "same values as another case"),
    ({"space": {"seed": {"a": {TRUST: 0.5}, "b": {TRUST: 0.6}}}}, "is a column of the tables"),
    ({"space": {"Retention_60": {"a": {TRUST: 0.5}, "b": {TRUST: 0.6}}}}, "is a column of the tables"),
    ({"space": {"MIX": {"a": {TRUST: 0.5}}, "mix": {"a": {LEAK: 0.5}}}}, "set by two dimensions"),
    ({"space": {"policy": ["neutral", {"name": "adaptive"}]}}, "takes names only"),
    ({"policies": [{}]}, "give names, files"),
    ({"space": {"my mix": {"a": {TRUST: 0.5}}}}, "letters, digits"),
    ({"space": {"mix": {"a": {TRUST: 0.5}}, TRUST: [0.1]}}, "set by two dimensions"),
    ({"space": {TRUST: [0.5]}, "design": "sobl"}, "did you mean sobol"),
    ({"space": {TRUST: "range"}, "design": {"name": "sobol", "n": -1}}, "design.n = -1"),
    ({"space": {TRUST: "range"}, "design": {"name": "sobol", "m": 1}}, "no such parameter"),
    ({"space": {TRUST: "range"}, "design": {"name": "saltelli", "n": 12}}, "not a power of 2"),
    ({"space": {TRUST: "range"}, "design": {"name": "morris", "levels": 5}}, "is odd"),
    ({"design": "sobol"}, "the space is empty"),
    ({"space": {TRUST: [0.3]}, "constraints": ["start.trust > 0.5"]}, "no points left"),
    ({"space": {TRUST: [0.3]}, "constraints": ["start.trsut > 0.5"]}, "did you mean start.trust"),
    ({"space": {TRUST: "range", LEAK: "range"}, "design": "morris", "constraints": ["rules.leak.rate < 0.1"]}, "needs all its points"),
    ({"space": {f"sectors.{s}.share": [0, 1] for s in ("public", "private", "academic", "nonprofit")}}, "needs a share above 0"),
    ({"space": {"shocks.forced_exit.month": [3], "shocks.forced_exit.member": [1, 30]}}, "is not a member"),
    ({"space": {TRUST: [0.3]}, "replicats": 3}, "did you mean replications"),
    ({"space": {"policy": ["neutral"]}, "policies": ["adaptive"]}, "name them in one place"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "words"), BAD, ids=[w for _, w in BAD])
def test_what_cannot_be_swept_is_said_in_words(tmp_path, data, words):
    with pytest.raises(InputError, match=words):
        design(tmp_path, **data)


def csv_design(tmp_path, text, **data):
    file = tmp_path / "design.csv"
    file.write_text(text, encoding="utf-8")
    return design(tmp_path, design={"name": "file", "path": str(file)}, **data)


def test_a_design_of_ones_own_is_taken_row_by_row(tmp_path):
    rows = csv_design(tmp_path, "start.trust,scenario,size.partners\n0.3,neutral,12\n0.9,denim_alliance,24\n\n")

    assert rows.drop(columns=["row", "point"]).to_numpy().tolist() == [
        [0.3, "neutral", 12],
        [0.9, "denim_alliance", 24],
    ]


@pytest.mark.parametrize(("text", "words"), [
    ("", "needs a header and at least one row"),
    ("start.trust\n", "needs a header and at least one row"),
    ("start.trsut\n0.3\n", "did you mean start.trust"),
    ("start.trust,start.trust\n0.3,0.4\n", "the header has start.trust twice; give each column once"),
    ("start.trust,\n0.3,0.4\n", "column 2 has no name, and '0.4' in line 2; name it, or take it out"),
    ("start.trust\n0.3\n0.30\n", "line 3: is the same as line 2"),
    ("start.trust\n0.3\n1.2\n", "start.trust = 1.2: allowed"),
    ("start.trust\nmuch\n", "start.trust = 'much'"),
    ("start.trust\nNaN\n", "line 2: start.trust = NaN is not a value"),
    ("start.trust\n1e999\n", "line 2: start.trust = 1e999 is not a value"),
    ("start.trust,start.goodwill\n0.3\n", "line 2: start.goodwill is empty; give a value"),
    ("start.trust,start.goodwill\n0.3,4,5\n", "line 2: has 3 values for 2 columns"),
    ("start.trust,start.goodwill\n0.3,\n", "start.goodwill is empty"),
    ("size.segments\n2.5\n", "takes whole numbers"),
    ("policy\n1\n", "takes names only"),
    ("scenario\nnowhere\n", "there is no such scenario"),
])  # fmt: skip
def test_a_design_file_that_cannot_be_used_is_said_in_words(tmp_path, text, words):
    with pytest.raises(InputError, match=words):
        csv_design(tmp_path, text)


def test_a_design_file_must_be_there_and_be_text(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        design(tmp_path, design={"name": "file", "path": str(tmp_path / "none.csv")})
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        design(tmp_path, design={"name": "file", "path": str(tmp_path / "bytes.csv")})
    with pytest.raises(InputError, match="leave space out"):
        csv_design(tmp_path, "start.trust\n0.3\n", space={LEAK: [0.1]})
    with pytest.raises(InputError, match="data row 2 of the design breaks them"):
        csv_design(tmp_path, "start.trust\n0.3\n0.9\n", constraints=["start.trust < 0.5"])


def test_a_range_without_bounds_is_the_declared_one():
    (dimension,) = space_of({TRUST: "range"}, Scenario()).dimensions

    assert (dimension.low, dimension.high) == (0.02, 0.98)


def test_a_sobol_sequence_is_finished_before_an_interruption_is_heard(monkeypatch):
    done = []

    class Struck(qmc.Sobol):
        def __init__(self, *inputs, **more):
            signal.raise_signal(signal.SIGINT)  # SciPy would swallow it here, and go on with half of its tables
            super().__init__(*inputs, **more)
            done.append(self)

    monkeypatch.setattr(qmc, "Sobol", Struck)
    with pytest.raises(KeyboardInterrupt):
        Sobol(n=4).units(2)

    assert len(done) == 1
