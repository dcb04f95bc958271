"""Extending: what is there stays, and the end is that of a larger sweep."""

import pytest

import sim
from sim.analysis.means import averages
from sim.core.errors import InputError
from sim.sweeps.operations import extend
from sim.sweeps.spec import Executor
from tests.sweeps.helpers import Count, fingerprints, shards, swept

SERIAL = Executor(name="serial")


@pytest.mark.parametrize(("inputs", "n_new", "complete"), [
    (["replications=8"], 36, {"replications": 8}),
    pytest.param(["policies=[connecting]"], 30, {"policies": ["neutral", "adaptive", "connecting"]}, marks=pytest.mark.slow),
    pytest.param(["policies=[neutral,connecting]"], 30, {"policies": ["neutral", "adaptive", "connecting"]}, marks=pytest.mark.slow),
    pytest.param(["space.start.trust=[0.3,0.45,0.6,0.9]"], 20,
                 {"space": {"start.trust": [0.3, 0.45, 0.6, 0.9], "size.partners": [6, 8]}}, marks=pytest.mark.slow),
    (["replications=6", "policies=[connecting]", "space.size.partners=[6,7,8]"], 102,
     {"replications": 6, "policies": ["neutral", "adaptive", "connecting"], "space": {"start.trust": [0.3, 0.6, 0.9], "size.partners": [6, 7, 8]}}),
])  # fmt: skip
def test_extending_reruns_nothing_and_ends_where_a_larger_sweep_would(tmp_path, inputs, n_new, complete):
    folder, count = tmp_path / "s", Count()
    swept(folder, record=[])
    saved = shards(folder)
    extend(folder, inputs, SERIAL, count, "extend")
    swept(tmp_path / "whole", record=[], **complete)
    left, right = (sim.load(tmp_path / n).runs.drop(columns="point") for n in ("s", "whole"))

    assert count.done == n_new
    assert saved.items() <= shards(folder).items()
    assert left.equals(right)
    assert len(list(folder.glob("design-*"))) == 1


def test_a_sobol_sweep_grows_along_the_sequence(tmp_path):
    data = {"space": {"start.trust": {"low": 0.3, "high": 0.9}}, "design": {"name": "sobol", "n": 4}, "record": []}
    swept(tmp_path / "s", **data)
    count = Count()
    extend(tmp_path / "s", ["design.n=8"], SERIAL, count, "extend")
    swept(tmp_path / "whole", **(data | {"design": {"name": "sobol", "n": 8}}))

    assert count.done == 40
    assert fingerprints(tmp_path / "s") == fingerprints(tmp_path / "whole")


def test_a_design_file_grows_by_new_rows(tmp_path):
    file, folder = tmp_path / "d.csv", tmp_path / "s"
    file.write_text("start.trust\n0.3\n0.6\n")
    swept(folder, space={}, design={"name": "file", "path": str(file)}, record=[])
    file.write_text("start.trust\n0.9\n0.6\n")
    count = Count()
    extend(folder, [f"design.path={file}"], SERIAL, count, "extend")

    assert count.done == 10
    assert sim.load(folder).points["start.trust"].tolist() == [0.3, 0.6, 0.9]


@pytest.mark.parametrize(("inputs", "words"), [
    (["scenario.rules.leak.rate=0.5"], "scenario would change finished runs"),
    (["policies=[nobody]"], "there is no policy"),
    (["replications=many"], "replications"),
])  # fmt: skip
def test_what_cannot_be_extended_is_refused_and_nothing_changes(reference, inputs, words):
    before = (reference / "manifest.json").read_bytes()

    with pytest.raises(InputError, match=words):
        extend(reference, inputs, SERIAL, Count(), "extend")
    assert before == (reference / "manifest.json").read_bytes()


def test_a_latin_hypercube_cannot_be_extended(tmp_path):
    swept(tmp_path / "s", space={"start.trust": "range"}, design={"name": "latin_hypercube", "n": 4}, record=[])

    with pytest.raises(InputError, match="does not hold all points"):
        extend(tmp_path / "s", ["design.n=8"], SERIAL, Count(), "extend")


def test_averages_do_not_depend_on_how_the_runs_were_cut_or_called(tmp_path, with_other_ids):
    data = {"space": {"start.trust": [0.3, 0.6], "grant.budget": [5, 15]}, "months": 2, "record": ["series"]}
    swept(tmp_path / "parts", **data, replications=3)
    extend(tmp_path / "parts", ["space.start.trust=[0.3,0.45,0.6]"], SERIAL, Count(), "extend")
    extend(tmp_path / "parts", ["replications=20"], SERIAL, Count(), "extend")
    data["space"]["start.trust"] = [0.3, 0.45, 0.6]
    with_other_ids()
    swept(tmp_path / "whole", **data, replications=20)
    one, other = sim.load(tmp_path / "parts"), sim.load(tmp_path / "whole")
    text = "SELECT policy, avg(tension) AS m FROM series WHERE month > 1 GROUP BY policy ORDER BY policy"

    for over in (["policy"], ["start.trust", "policy"]):
        assert averages(one, "private_value", over).equals(averages(other, "private_value", over))
    assert one.sql(text, threads=1).equals(other.sql(text, threads=1))
