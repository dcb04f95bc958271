"""Further sectors: data of a scenario, beside the four."""

# expected == actual
import json

import numpy as np
import pytest

import sim
from sim.core.declare import parameters
from sim.core.errors import InputError
from sim.engine.batch import Batch
from sim.integrations.points import outcomes_at
from sim.model.outcomes import SERIES, SUMMARY, monthly_named, outcome_named
from sim.model.sectors import NOT_NAMES, SECTORS, Private, SectorProfile, Sectors, sector_names
from tests.helpers import ALIKE, exactly, wholly

FINANCE = {"like": "private", "share": 0.2, "goals": -0.5, "need": 1.3, "wants": {"academic": 0.5}}
TWO = {"media": {"share": 0.1}, "finance": FINANCE}


def with_sectors(**sectors):
    return sim.load_scenario({"sectors": sectors})


def first_day(scenario, **changes):
    """Give a first day on which members of a sector do not differ."""
    plain = {**ALIKE, "sectors.within": 0.0, **changes}
    return Batch(scenario.replace(**plain), [1, 2], "neutral").state


def test_a_sector_takes_what_it_does_not_say_from_the_sector_it_is_like():
    finance = with_sectors(private={"turnover": 3.0}, finance=FINANCE).sectors.finance
    wants = {"public": 0.15, "private": 0.25, "academic": 0.5, "nonprofit": 0.15}
    own = {"share": 0.2, "goals": -0.5, "need": 1.3, "turnover": 3.0, "wants": wants, "home": "private"}

    assert Private().model_dump() | own == finance.model_dump()


def test_a_sector_that_is_like_no_other_is_plain():
    plain = with_sectors(media={}).sectors.media

    assert SectorProfile().model_dump() | {"home": None} == plain.model_dump()


def test_what_changes_the_base_later_does_not_reach_the_copy():
    changed = with_sectors(finance=FINANCE).replace(**{"sectors.private.culture": 0.9, "sectors.finance.share": 0.4})

    assert (-0.77, 0.4) == (changed.sectors.finance.culture, changed.sectors.finance.share)


def test_every_way_to_add_a_sector_gives_the_same_scenario(tmp_path):
    (tmp_path / "case.yaml").write_text("sectors.finance: {like: private, share: 0.2, goals: -0.5}\n")
    profile = {"like": "private", "share": 0.2, "goals": -0.5}
    added = sim.Scenario().replace(**{"sectors.finance": profile})

    assert added == with_sectors(finance=profile) == sim.load_scenario(str(tmp_path / "case.yaml"))
    assert added == sim.Scenario(sectors=Sectors(finance=profile)) == sim.Scenario.model_validate(added.model_dump())
    assert added == sim.load_scenario({"sectors": {"finance": profile}}, "sectors.finance.goals=-0.5")


def test_sectors_are_numbered_by_the_alphabet_however_they_are_listed():
    one, other = with_sectors(**TWO), with_sectors(finance=FINANCE, media={"share": 0.1})
    read = sim.Scenario.model_validate(json.loads(json.dumps(one.model_dump(), sort_keys=True)))

    assert (*SECTORS, "finance", "media") == sector_names(one.sectors) == sector_names(read.sectors)
    assert list(one.model_dump()["sectors"]) == list(other.model_dump()["sectors"])
    assert json.dumps(one.model_dump()) == json.dumps(other.model_dump())


def test_places_follow_the_quota_of_all_sectors():
    shares = {"public": {"share": 0.0}, "private": {"share": 0.5}, "academic": {"share": 0}, "nonprofit": {"share": 0}}
    scenario = with_sectors(**shares, media={"share": 0.2}, finance={"share": 0.3})
    state = first_day(scenario, **{"size.partners": 10})

    assert [1] * 5 + [4] * 3 + [5] * 2 == state.sector[:, 0].tolist()


def test_traits_are_those_of_the_profile():
    state = first_day(
        with_sectors(**TWO),
        **{"sectors.distance": 0.5, "sectors.contrast": 1.0, "start.need": 60.0, "sectors.goals_by_sector": 1.0},
    )
    finance, firm, media = (np.flatnonzero(state.sector[:, 0] == k)[0] for k in (4, 1, 5))

    assert exactly([-0.38, -0.25, -0.385, -0.425]) == state.dna[finance, :, 0]
    assert [0.0] * 4 == state.dna[media, :, 0].tolist()
    assert exactly([78.0, 60.0]) == [state.need[finance, 0], state.need[media, 0]]
    assert exactly(np.array([0.15, 0.25, 0.5, 0.15]) / 1.05) == state.goals[finance, :, 0]
    assert state.expertise[firm].tolist() == state.expertise[finance].tolist()
    assert exactly([0.25] * 4) == state.expertise[media, :, 0]


@pytest.mark.parametrize("domains", [2, 3, 5, 8])
def test_a_sector_has_the_home_domains_of_its_home_or_none(domains):
    scenario = with_sectors(media={"share": 0.2}, **{s: {"share": 0.2} for s in SECTORS}, finance={"home": "academic"})
    state = first_day(scenario, **{"size.partners": 24, "size.domains": domains})
    media, academic, finance = (state.expertise[state.sector[:, 0] == k][0, :, 0] for k in (5, 2, 4))

    assert exactly([1.0 / domains] * domains) == media
    assert academic.tolist() == finance.tolist()


def test_a_sector_without_members_moves_nothing_by_a_bit():
    own = sim.load_scenario("denim_alliance", "size.partners=12")
    more = own.replace(**{"sectors.finance": {"like": "private", "share": 0.0}})
    one, other = (sim.simulate(s, 3, "adaptive", 24) for s in (own, more))

    assert one.summary.equals(other.summary[one.summary.columns])
    assert one.series.equals(other.series[one.series.columns])
    assert one.events.equals(other.events)
    assert other.summary["private_finance"].isna().all()


def test_a_scenario_has_the_outcomes_of_its_own_sectors():
    tables = sim.simulate(with_sectors(**TWO), 3, "adaptive", 6, record=("summary", "series", "members", "events"))
    series, members = tables.series, tables.members
    created = sum(series[f"created_{s}"] for s in (*SECTORS, "finance", "media"))
    captured = members.groupby(["seed", "sector"])["needs_met"].mean() * 0.0
    last = members[members["month"] == 6].groupby(["seed", "sector"])["needs_met"].mean()

    assert [o.name for o in SUMMARY] + ["private_finance", "private_media"] == list(tables.summary.columns[2:])
    more = ["created_finance", "created_media", "captured_finance", "captured_media"]
    assert [o.name for o in SERIES] + more == list(series.columns[3:])
    assert exactly(series["value_created"]) == created
    assert exactly(last.xs("finance", level="sector")) == tables.summary["private_finance"]
    assert {*SECTORS, "finance", "media"} == set(members["sector"]) == set(captured.index.get_level_values("sector"))
    assert {"finance"} <= set(tables.events["sector"]) <= {*members["sector"], ""}


def test_fairness_counts_every_sector_that_has_founders():
    row = sim.simulate(with_sectors(**TWO), 1, months=12).summary.iloc[0]
    values = [row[f"private_{s}"] for s in (*SECTORS, "finance", "media")]

    assert exactly(min(values) / max(values)) == row["private_fairness"]


def test_parameters_of_a_sector_may_differ_by_run():
    shares, needs = [0.1, 0.6, 0.1], [1.0, 1.0, 2.0]
    columns = {"sectors.finance.share": shares, "sectors.finance.need": needs}
    scenario = with_sectors(finance=FINANCE).replace(**{"sectors.contrast": 1.0})
    swept = sim.simulate(scenario, [5, 5, 5], months=6, columns=columns).summary
    single = [
        sim.simulate(scenario.replace(**{"sectors.finance.share": s, "sectors.finance.need": n}), [5], months=6).summary
        for s, n in zip(shares, needs, strict=True)
    ]

    assert [one["private_finance"][0] for one in single] == swept["private_finance"].tolist()
    assert 3 == swept["private_finance"].nunique()


def test_at_least_one_sector_has_a_share():
    nobody = {s: {"share": 0.0} for s in SECTORS}
    alone = with_sectors(finance={"share": 1.0}, **nobody)

    assert {4.0} == set(first_day(alone).sector.ravel())
    with pytest.raises(InputError, match="at least one sector needs a share above 0"):
        with_sectors(finance={"share": 0.0}, **nobody)
    with pytest.raises(InputError, match="columns, run 1: sectors: at least one sector needs a share above 0"):
        sim.simulate(alone, 2, months=2, columns={"sectors.finance.share": [0.5, 0.0]})


def test_declarations_follow():
    declared = {q.path: q for q in parameters(with_sectors(finance=FINANCE))}
    plain = {q.path: q for q in parameters(sim.Scenario())}

    assert (0.2, 0, 1) == tuple(getattr(declared["sectors.finance.share"], a) for a in ("default", "low", "high"))
    assert (0.5, "private") == tuple(declared[f"sectors.finance.{p}"].default for p in ("wants.academic", "home"))
    assert {p.replace("finance", "private") for p in declared if "finance" in p} <= {*plain, "sectors.private.home"}
    assert plain.keys() == {p for p in declared if "finance" not in p}


def test_outcomes_are_found_by_name():
    facts = outcome_named("private_finance"), monthly_named("created_finance"), monthly_named("captured_finance")

    assert ["value/founder", "value per founder", "value"] == [fact.unit for fact in facts]
    assert all(o is outcome_named(o.name) for o in SUMMARY)
    assert all(o is monthly_named(o.name) for o in SERIES)
    assert None is outcome_named("retntion") is monthly_named("created")
    names = {o.name.removeprefix("private_") for o in (*SUMMARY, *SERIES) if o.name.startswith("private_")}
    assert names <= {*SECTORS, *NOT_NAMES}


def test_describe_lists_a_scenarios_own_sectors(tmp_path, monkeypatch, capsys):
    from sim.cli.main import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "case.yaml").write_text("sectors: {finance: {like: private, share: 0.2}}\n")

    assert 0 == main(["describe", "sectors.finance.share", "scenario=case.yaml"])
    assert "sectors.finance.share  0.2  1  [0, 1]" in capsys.readouterr().out
    names = set(sim.describe(scenario="case.yaml").entries["name"])
    assert {"private_finance", "created_finance", "sectors.finance.wants.academic"} <= names
    assert "private_finance" not in set(sim.describe().entries["name"])


def test_other_tools_see_the_sector():
    import pandas as pd

    scenario = with_sectors(finance=FINANCE)
    points = pd.DataFrame({"sectors.finance.share": [0.1, 0.5]})
    means = outcomes_at(points, ["private_finance", "created_finance"], scenario=scenario, seeds=2, months=3)

    assert {"private_finance": (2,), "created_finance": (2, 3)} == {name: m.shape for name, m in means.items()}
    with pytest.raises(InputError, match=r"no outcome 'private_finance'; did you mean private_fairness"):
        outcomes_at(points, ["private_finance"], seeds=2, months=3)


def test_a_mesa_model_knows_the_sector():
    pytest.importorskip("mesa")
    scenario = with_sectors(**TWO)
    model = sim.PartnershipModel(scenario, "adaptive", seed=3, months=2)
    model.step()
    expected = sim.simulate(scenario, [3], "adaptive", 2).series.iloc[0]

    assert {*SECTORS, "finance", "media"} == {p.sector_name for p in model.partners}
    assert expected["created_finance"] == model.outcomes()["created_finance"]
    assert "captured_media" in model.datacollector.get_model_vars_dataframe()


@pytest.mark.parametrize(("sectors", "words"), [
    ({"privat": {"share": 0.2}}, "sectors: there is no 'privat'; did you mean private? A further sector needs a name less like it"),
    ({"finance": {}, "finances": {}}, "sectors: there is no 'finance'; did you mean finances? A further sector needs a name less like it"),
    ({"distanse": 0.3}, "sectors: distanse = 0.3: there is no parameter of that name (did you mean distance?), and a further sector takes "
     "a profile, as distanse: {like: private, share: 0.2}"),
    ({"Finance": {}}, "sectors: 'Finance' is not a name for a further sector; give 2 to 20 lower-case letters, digits and _, as finance"),
    ({"x" * 21: {}}, "sectors: 'xxx...xxx' is not a name for a further sector; ..."),
    ({"value": {}}, "sectors: 'value' has another meaning; give the further sector another name, as finance"),
    ({"copy": {}}, "sectors: 'copy' has another meaning; ..."),
    ({"null": {}}, "sectors: 'null' has another meaning; ..."),
    ({"finance": {"like": "bank"}}, "sectors: finance.like = 'bank': give one of public, private, academic, nonprofit, or leave it out"),
    ({"finance": {"like": "media"}, "media": {}}, "sectors: finance.like = 'media': give one of ..."),
    ({n: {} for n in ("bank", "court", "farm", "guild", "press")}, "sectors: bank, court, farm, guild, press: a scenario adds at most 4 "
     "sectors to the four"),
])  # fmt: skip
def test_what_is_no_sector_is_refused_in_words(sectors, words):
    with pytest.raises(InputError, match=wholly(f"scenario: {words}")):
        sim.load_scenario({"sectors": sectors})
    with pytest.raises(ValueError, match="sectors"):
        sim.Scenario.model_validate({"sectors": sectors})


@pytest.mark.parametrize(("profile", "words"), [
    ({"need": 300}, "scenario.sectors.finance.need = 300: allowed is a number from 0.02 to 50: ..."),
    ({"like": "private", "wants": 3}, "scenario.sectors.finance.wants = 3: takes 'name: value' lines below it, or {name: value}"),
    ({"share": "much"}, "scenario.sectors.finance.share = 'much': allowed is a number, not a text, from 0 to 1: ..."),
    ({"home": "bank"}, "scenario.sectors.finance.home = 'bank': input should be 'public', 'private', 'academic' or 'nonprofit'"),
    ({"needd": 1}, "scenario: sectors.finance.needd: 'sectors.finance' has no 'needd'; did you mean need or fee?"),
    ({"wants": {"finance": 1}}, "scenario: sectors.finance.wants.finance: 'sectors.finance.wants' has no 'finance'; known: ..."),
])  # fmt: skip
def test_a_profile_is_checked_like_any_other(profile, words):
    with pytest.raises(InputError, match=wholly(words)):
        sim.load_scenario({"sectors": {"finance": profile}})


def test_an_override_reaches_a_sector_of_the_file_and_adds_none():
    case = {"sectors": {"finance": FINANCE}}

    assert 0.4 == sim.load_scenario(case, "sectors.finance.share=0.4").sectors.finance.share
    for override, near in (("finanse.share=0.4", "did you mean finance"), ("guild={share: 0.4}", "known: ")):
        with pytest.raises(
            InputError, match=rf"no '\w+'; {near}.*\(a further sector is added in the scenario's file\)"
        ):
            sim.load_scenario(case, f"sectors.{override}")
    with pytest.raises(InputError, match=r"'scenario.sectors.finance' has no 'like'"):
        sim.load_scenario(case, "sectors.finance.like=public")
