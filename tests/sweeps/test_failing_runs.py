"""Runs that fail: named, left, tried again when asked."""

import pandas as pd
import pytest

import sim
from sim.analysis.failures import where_none_failed
from sim.cli.main import main
from sim.core.errors import InputError, RunsFailed
from sim.studies.report.sweep import sweep_page
from sim.studies.sweep import refuse_failed
from sim.sweeps import operations
from sim.sweeps.operations import extend, resume, retry_failed
from sim.sweeps.spec import Executor
from tests.sweeps.helpers import Count, fingerprints, swept

SERIAL = Executor(name="serial")


FRAGILE = """
from pathlib import Path
import numpy as np

def allocate(seen, budget, memory):
    if np.any(budget > 19) and Path({flag!r}).exists():
        raise ValueError("more than I can spend")
    return seen.spend(safeguard=0.1 * budget), memory
"""


THRIFTY = """
from pathlib import Path
import numpy as np

def allocate(seen, budget, memory):
    if np.any(budget > Path({most!r}).stat().st_size):
        raise ValueError("more than I spend")
    return seen.spend(), memory
"""


@pytest.fixture
def fragile(tmp_path):
    flag, file = tmp_path / "broken", tmp_path / "fragile.py"
    file.write_text(FRAGILE.format(flag=str(flag)))
    flag.write_text("")
    data = {"policies": ["neutral", str(file)], "space": {"grant.budget": [6, 12, 20]}, "replications": 4, "record": []}
    return flag, file, data


def test_a_failing_run_is_named_and_the_others_go_on(fragile, tmp_path):
    flag, _, data = fragile
    count = swept(tmp_path / "s", **data)
    sweep = sim.load(tmp_path / "s")

    assert (count.done, count.failed) == (20, 4)
    assert set(sweep.failures["policy"]) == {"fragile"}
    assert sweep.failures["error"].str.contains("more than I can spend").all()
    assert sweep.failures["error"].str.contains("line 7 of fragile.py").all()
    assert sorted(sweep.failures["seed"]) == [0, 1, 2, 3]
    assert swept(tmp_path / "s", **data).done == 0, "a failed run is not tried again unasked"

    assert retry_failed(tmp_path / "s", SERIAL, Count()) == (4, 4)
    flag.unlink()
    repeated = Count()
    assert retry_failed(tmp_path / "s", SERIAL, repeated) == (4, 0)
    assert repeated.done == 4
    assert len(sim.load(tmp_path / "s").runs) == 24
    swept(tmp_path / "clean", **data)
    assert fingerprints(tmp_path / "s") == fingerprints(tmp_path / "clean")
    assert retry_failed(tmp_path / "s", SERIAL, Count()) == (0, 0)


def test_a_run_that_fails_again_is_named_once(tmp_path):
    most, file = tmp_path / "most", tmp_path / "thrifty.py"
    file.write_text(THRIFTY.format(most=str(most)))
    most.write_text("x" * 10)
    data = {"policies": [str(file)], "space": {"grant.budget": [6, 12, 20]}, "replications": 4, "record": []}
    assert swept(tmp_path / "s", **data).failed == 8
    most.write_text("x" * 15)
    count = Count()

    assert retry_failed(tmp_path / "s", SERIAL, count) == (8, 4)
    assert (count.total, count.tried) == (8, 0)
    assert sorted(sim.load(tmp_path / "s").failures["seed"]) == [0, 1, 2, 3]
    assert len(sim.load(tmp_path / "s").runs) == 8


def test_a_retry_that_was_killed_before_its_line_is_taken_over(fragile, tmp_path):
    flag, _, data = fragile
    swept(tmp_path / "s", **data)
    flag.unlink()
    retry_failed(tmp_path / "s", SERIAL, Count())
    log = tmp_path / "s" / "done.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))

    assert retry_failed(tmp_path / "s", SERIAL, Count()) == (0, 0)
    assert sim.load(tmp_path / "s").failures.empty


def test_a_policy_that_fails_at_once_starts_nothing(fragile, tmp_path):
    _, file, data = fragile
    file.write_text("def allocate(seen, budget, memory):\n    return 3\n")

    with pytest.raises(InputError, match="the first run fails, so nothing was started: policy fragile, month 1"):
        swept(tmp_path / "s", **data)
    assert not (tmp_path / "s" / "manifest.json").exists()


def test_a_policy_changed_since_is_refused(fragile, tmp_path):
    _, file, data = fragile
    swept(tmp_path / "s", **data)
    file.write_text(file.read_text() + "\nBETTER = True\n")

    with pytest.raises(InputError, match=r"fragile.py has changed since these runs"):
        resume(tmp_path / "s", SERIAL, Count())
    with pytest.raises(InputError, match=r"fragile.py has changed since these runs were made \(fragile.py\): digest"):
        swept(tmp_path / "s", **data)


def test_a_policy_of_ones_own_leaves_the_ids_of_other_runs(fragile, tmp_path):
    _, file, data = fragile
    swept(tmp_path / "s", **(data | {"policies": ["neutral"]}))
    before = sim.load(tmp_path / "s").runs
    extend(tmp_path / "s", [f"policies=[{file}]"], SERIAL, Count(), "extend")
    sweep = sim.load(tmp_path / "s")

    assert sweep.rerun(before["run_id"][0]).compared == {"runs": 1}
    (tmp_path / "s" / "done.jsonl").unlink()
    resume(tmp_path / "s", SERIAL, Count())
    assert sweep.runs["run_id"].isin(before["run_id"]).sum() == len(before)


def test_a_report_names_failed_runs_first_and_judges_no_policy_where_one_failed(fragile, tmp_path):
    _, _, data = fragile
    swept(tmp_path / "s", **data)
    page = sweep_page(tmp_path / "s")
    (compared,) = (section for section in page.sections if section.title == "Policies over the whole design")

    assert page.answer[0].startswith("4 runs failed and are missing (partnership status folder=")
    assert page.answer[1] == "Left out of every comparison and ranking: 1 of 3 points, in which runs failed."
    assert "of 2 points" in page.answer[2]
    assert set(compared.data["robustness.csv"]["states"]) == {2}
    assert sim.load(tmp_path / "s").described.startswith("test, 20 runs, 4 failed, model ")


@pytest.mark.slow
def test_a_policy_that_failed_in_every_point_is_left_out_and_the_others_are_judged(fragile, tmp_path):
    _, _, data = fragile
    data |= {"policies": ["neutral", "adaptive", data["policies"][1]], "space": {"grant.budget": [20, 22, 24]}}
    data["changes"] = {"grant.initiation": 0}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "_try_out", lambda _: None)
        swept(tmp_path / "s", **data)
    page = sweep_page(tmp_path / "s")

    assert page.answer[1] == (
        "Left out of every comparison and ranking: policy fragile, of which runs failed in every point."
    )
    assert "Of 2 policies" in page.answer[2]


def test_where_every_point_has_a_failed_run_nothing_is_ranked():
    runs = pd.DataFrame({"policy": ["a", "b"], "point": [0, 0], "seed": [0, 0], "failed": [False, True]})

    assert list(where_none_failed(runs)["policy"]) == ["a"]
    with pytest.raises(InputError, match=r"no policy can be judged in any point; left out .* policy b, of which runs"):
        where_none_failed(runs[runs["failed"]])


def test_a_command_that_leaves_failed_runs_behind_ends_with_exit_code_3(fragile, tmp_path, capsys):
    flag, _, data = fragile
    swept(tmp_path / "s", **data)
    folder = f"folder={tmp_path / 's'}"

    assert main(["sweep", folder, "executor=serial"]) == 3
    assert main(["retry-failed", folder, "executor=serial"]) == 3
    assert "4 runs failed and are missing" in capsys.readouterr().out
    with pytest.raises(RunsFailed, match=r"4 runs failed .*more than I can spend.* so there is no result"):
        refuse_failed(sim.load(tmp_path / "s"))
    flag.unlink()
    assert main(["retry-failed", folder, "executor=serial"]) == 0
    assert sim.verify(tmp_path / "s").is_whole
    assert sim.load(tmp_path / "s").is_finished
