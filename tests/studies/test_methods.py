"""The paper kit: what it says, and that its archive gives the same bytes again."""

import json
import re
import shutil
import subprocess
import sys
import zipfile

import bibtexparser
import pandas as pd
import pytest

import sim
from sim.cli.main import main as partnership
from sim.storage.digests import SIM
from sim.storage.sealed import sealed
from sim.studies.methods.kit import ODD, REFERENCES
from sim.studies.methods.parameters import changed_parameters
from sim.studies.methods.text import escaped, model_text

ROOT = SIM.parent
OWN = '''"""Match with a share of the budget, help with the rest."""
import shares_of_mine


def allocate(seen, budget, memory):
    return seen.spend(inside=budget * shares_of_mine.SHARE, intervene=budget * (1 - shares_of_mine.SHARE)), memory
'''


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A comparison with a policy of the user's own, in two files, and its kit."""
    place = tmp_path_factory.mktemp("paper")
    (place / "mine.py").write_text(OWN)
    (place / "shares_of_mine.py").write_text("SHARE = 0.5\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        sim.compare("denim_alliance", ["neutral", "mine.py"], 3, 3, 0, folder="results")
        sim.methods("results", to="kit")
    return place


@pytest.fixture
def unpacked(results, tmp_path, monkeypatch):
    """The archive in an empty folder, where the policy's own file is not."""
    zipfile.ZipFile(results / "kit" / "archive.zip").extractall(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_kit_holds_what_a_paper_needs(results):
    names = {p.name for p in (results / "kit").iterdir()}

    assert names >= {"model.md", "parameters.csv", "parameters.tex", "equations.tex", "equations.csv", "references.bib"}
    assert names >= {"methods.tex", "versions.csv", "archive.zip", "manifest.json"}


def test_the_kit_names_model_seeds_command_and_digests(results):
    text = (results / "kit" / "methods.tex").read_text()
    manifest = json.loads((results / "results" / "manifest.json").read_text())

    assert manifest["model"] in text
    assert "3 replications of each policy from seed 0" in text
    assert f"mine.py (digest {manifest['policies']['mine.py']})" in text
    assert f"numpy {manifest['versions']['numpy']}" in text
    assert "sim.compare(scenario='denim" in text.replace(r"\_", "_")


def test_parameters_that_differ_carry_the_source_that_the_scenario_names(results):
    table = pd.read_csv(results / "kit" / "parameters.csv").set_index("parameter")

    assert table.loc["size.partners", ["value", "default", "unit"]].tolist() == ["51", "24", "members"] or (
        table.loc["size.partners", "value"] == 51
    )
    assert "UN partnership registry" in table.loc["size.partners", "source"]
    assert "shares are an assumption" in table.loc["sectors.private.share", "source"]
    assert "rules.leak.rate" not in table.index


def test_what_a_sweep_varies_and_a_policy_changes_are_parameters_too():
    scenario = sim.Scenario().model_dump(mode="json")
    space = {"start.trust": [0.3, 0.6], "policy.pause": {"low": 0, "high": 6}}
    experiment = {"policies": ["neutral", {"name": "adaptive", "pause": 3}], "space": space}
    table = changed_parameters({"experiment": experiment, "scenarios": {"neutral": scenario}})

    assert table["parameter"].tolist() == ["pause", "start.trust", "policy.pause"]
    assert table["of"].tolist() == ["policy adaptive", "design", "design"]
    assert table["value"].tolist()[:2] == [3, [0.3, 0.6]]


def test_values_that_differ_by_run_are_parameters_too():
    scenario = sim.Scenario().model_dump(mode="json")
    columns = {"start.trust": [k / 100 for k in range(20)]}
    table = changed_parameters({"scenario": scenario, "policies": ["neutral"], "columns": columns})

    assert table[["of", "parameter", "value"]].values.tolist() == [["design", "start.trust", "0 to 0.19, 20 values"]]


def test_the_archive_unpacked_elsewhere_gives_the_same_bytes(unpacked):
    again = sim.reproduce("results", to="again")

    assert again.holds, again.text()
    files = again.files.set_index("file")["verdict"]
    assert {"summary.parquet", "differences.csv", "retention.png", "retention.svg", "manifest.json"} <= set(files.index)
    assert "policies/mine.py" in files.index


def test_a_changed_number_is_found_by_name(unpacked, capsys):
    table = unpacked / "results" / "means.csv"
    content = table.read_bytes().rstrip()
    table.write_bytes(content[:-1] + (b"1" if content.endswith(b"2") else b"2") + b"\n")
    changed = partnership_code(["reproduce", "results", "to=again"])

    assert changed == 1
    said = capsys.readouterr().out
    assert "Not the same bytes: results and again." in said
    assert "  means.csv: differs" in said


def partnership_code(arguments):
    try:
        return partnership(arguments)
    except SystemExit as stopped:
        return stopped.code


def test_an_archive_of_the_same_results_has_the_same_bytes(results, tmp_path):
    sim.methods(results / "results", to=tmp_path / "kit")

    one, other = ((place / "kit" / "archive.zip").read_bytes() for place in (results, tmp_path))
    assert one == other


def test_the_archive_describes_itself_as_a_research_object(unpacked):
    graph = {e["@id"]: e for e in json.loads((unpacked / "ro-crate-metadata.json").read_text())["@graph"]}
    root = graph["./"]

    listed = {part["@id"] for part in root["hasPart"]}
    assert {"reproduce.py", "requirements.txt", "results/", "methods/", "results/summary.parquet"} <= listed
    assert all((unpacked / name).exists() for name in listed)
    assert graph["#run"]["result"] == {"@id": "results/"}
    assert graph["#program"]["softwareVersion"] == json.loads((unpacked / "results/manifest.json").read_text())["model"]


def test_the_wheel_in_the_archive_is_the_package_that_ran(unpacked):
    (wheel,) = (unpacked / "software").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}

    assert content["sim/model/step.py"] == (SIM / "model" / "step.py").read_bytes()
    assert {"sim/_configs/scenario/denim_alliance.yaml", "sim/_docs/ODD.md", "sim/py.typed"} <= content.keys()
    assert any(name.endswith("METADATA") for name in content)
    assert f"./software/{wheel.name}" in (unpacked / "requirements.txt").read_text()


def test_a_policy_given_as_an_object_cannot_be_run_again_from_a_folder(tmp_path, monkeypatch):
    class Odd(sim.Policy):
        """Do nothing, oddly."""

        name = "odd"

        def allocate(self, seen, budget, memory):
            return seen.spend(), memory

    folder = sim.run(None, Odd, months=2).save(tmp_path / "results")
    with pytest.raises(ValueError, match=r"policy odd: was given as a Python object.*only a policy given as a file"):
        sim.reproduce(folder, tmp_path / "again")


@pytest.mark.parametrize("call", [sim.methods, lambda folder: sim.reproduce(folder, folder / "again")])
def test_a_folder_of_something_else_is_refused_in_one_line(call, tmp_path):
    with pytest.raises(ValueError, match=r"holds no results; name a folder that compare, run or sweep saved"):
        call(tmp_path)
    made_by = {"model": "0.0+x", "versions": {}, "files": {}}
    (tmp_path / "manifest.json").write_text(json.dumps(sealed({"command": "partnership validate", **made_by})))
    with pytest.raises(
        ValueError, match="these are results of validate; methods takes those of compare, run and sweep"
    ):
        call(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps(sealed({"command": "partnership run", **made_by})))
    with pytest.raises(ValueError, match=r"was made by model 0.0\+x, this is"):
        call(tmp_path)


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["a", "other=1"], ["to=x"]])
def test_the_commands_say_what_they_take(arguments, capsys):
    assert partnership(["methods", *arguments]) == 2
    assert "methods takes one folder of results, and to=" in capsys.readouterr().err
    assert partnership(["reproduce", "somewhere"]) == 2
    assert "to=results/again" in capsys.readouterr().err


# Texts


def test_the_description_stands_alone():
    text = model_text(ODD.read_text(encoding="utf-8"))

    assert ODD == ROOT / "docs" / "ODD.md" or ODD.parent.name == "_docs"
    assert "## 3 Process overview and scheduling" in text
    assert "<!--" not in text
    assert not re.search(r"\]\((?!http)", text)


def test_latex_prints_what_is_special_to_it():
    assert escaped("50 % of a_b & c#1 {x} ~ ^ \\ <y>") == (
        r"50 \% of a\_b \& c\#1 \{x\} \textasciitilde{} \textasciicircum{} \textbackslash{} \textless{}y\textgreater{}"
    )


def test_every_environment_and_brace_of_the_latex_is_closed(results):
    for name in ("methods.tex", "parameters.tex", "equations.tex"):
        text = (results / "kit" / name).read_text(encoding="utf-8")
        bare = re.sub(r"\\[{}\\]", "", re.sub(r"(?m)^%.*$", "", text))
        assert bare.count("{") == bare.count("}"), name
        assert len(re.findall(r"\\left\b", text)) == len(re.findall(r"\\right\b", text)), name
        opened = re.findall(r"\\begin\{([a-z*]+)\}", text)
        assert sorted(opened) == sorted(re.findall(r"\\end\{([a-z*]+)\}", text)), name


# References

NAME = r"(?:(?:van|De|Het|UN) )?[A-Z][\w'-]+(?: Global Compact| water collaboration)?"
CITATION = re.compile(rf"(({NAME}, )*{NAME}(?: (?:&|and) {NAME}(?: {NAME})?)?(?: et al\.)?),? \(?((?:19|20)\d\d)\b")
NO_WORKS = {"September", "November", "Amsterdam", "Python", "Alliance", "ARD", "April", "Mesa", "June", "October"}


def cited_texts():
    """Give every text that may cite: the package, the configurations and the documents."""
    files = [*SIM.rglob("*.py"), *SIM.rglob("en/*.toml"), *(ROOT / "configs").rglob("*.yaml")]
    files += [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    for file in sorted(files):
        yield file, " ".join(file.read_text(encoding="utf-8").split())


def labels(entry):
    """Give the ways in which a work is cited: all authors, or the first and others; with the year."""
    fields = {f.key: f.value for f in entry.fields}
    note = re.search(r"Cited as (.*)", fields.get("note", ""))
    if note:
        return {note[1]}
    people = [p.strip() for p in fields["author"].replace("\n", " ").split(" and ")]
    names = [p.strip("{}") if p.startswith("{") else p.partition(",")[0] for p in people]
    names = [re.sub(r"\{\\.([a-z])\}", r"\1", n) for n in names]
    year = fields["year"]
    several = f"{', '.join(names[:-1])} & {names[-1]} {year}" if len(names) > 1 else f"{names[0]} {year}"
    return {several, several.replace(" &", " and"), f"{names[0]} et al. {year}"}


def library():
    parsed = bibtexparser.parse_string(REFERENCES.read_text(encoding="utf-8"))
    assert not parsed.failed_blocks
    return parsed.entries


def test_every_citation_has_a_full_reference():
    known = set().union(*map(labels, library()))
    missing = {}
    for file, text in cited_texts():
        for found in CITATION.finditer(text):
            label = f"{found[1]} {found[3]}".replace("Business & ", "")
            if found[1].split()[0] not in NO_WORKS and not any(label.endswith(k) or k.endswith(label) for k in known):
                missing.setdefault(label, f"{file.relative_to(ROOT)}: {found[0]}")

    assert missing == {}


def test_every_reference_is_cited():
    everything = " ".join(text for _, text in cited_texts()).replace("(", "").replace(",", "")
    unused = [e.key for e in library() if not any(n.replace(",", "") in everything for n in labels(e))]

    assert unused == []


def test_references_are_complete_and_their_dois_well_formed():
    for entry in library():
        fields = {f.key: f.value for f in entry.fields}
        assert {"author", "title", "year"} <= fields.keys(), entry.key
        if entry.entry_type == "article":
            assert "journal" in fields, entry.key
        if "doi" in fields:
            assert re.fullmatch(r"10\.\d{4,5}/\S+", fields["doi"]), entry.key
    dois = [f.value for e in library() for f in e.fields if f.key == "doi"]
    assert len(set(dois)) == len(dois) >= 35


# Slow: other kinds of folder, a fresh environment, a real LaTeX


@pytest.mark.slow
def test_a_run_and_a_sweep_give_the_same_bytes_too(results, tmp_path, monkeypatch, drawn):
    monkeypatch.chdir(results)
    space = {"start.trust": [0.3, 0.6]}
    figures = {"trust": {"outcome": "retention", "x": "start.trust"}}
    options = {"policies": ["neutral", "mine.py"], "months": 6, "record": ["series"], "figures": figures}
    sim.run(policy="mine.py", months=6, folder=tmp_path / "run")
    sim.sweep(None, tmp_path / "sweep", space=space, replications=4, executor="serial", **options).save()
    for name in ("run", "sweep"):
        sim.methods(tmp_path / name, to=tmp_path / f"{name}-kit")
        place = tmp_path / f"{name}-unpacked"
        zipfile.ZipFile(tmp_path / f"{name}-kit" / "archive.zip").extractall(place)
        done = subprocess.run([sys.executable, "reproduce.py", "here"], cwd=place, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The same bytes: results and again." in done.stdout


@pytest.mark.slow
def test_an_extended_sweep_gives_the_same_rows_though_in_other_files(tmp_path):
    design = pd.DataFrame({"start.trust": [0.1 + k / 20 for k in range(10)], "note": "mine"})
    sim.sweep(design=design, replications=2, months=3, executor="serial", folder=tmp_path / "sweep")
    sim.extend(tmp_path / "sweep", replications=3, executor="serial")
    sim.extend(tmp_path / "sweep", policies=["connecting"], executor="serial")
    result = sim.reproduce(tmp_path / "sweep", to=tmp_path / "again")

    assert result.holds, result.text()
    assert "runs (all rows)" in result.files["file"].tolist()
    values = sim.methods(tmp_path / "sweep").parameters.set_index("parameter")["value"]
    assert values.to_dict() == {"start.trust": "0.1 to 0.55, 10 values"}


@pytest.mark.slow
def test_the_archive_runs_again_in_an_environment_of_its_own(tmp_path, drawn):
    sim.compare("denim_alliance", ["neutral", "adaptive"], 20, 12, 0, folder=tmp_path / "results")
    sim.methods(tmp_path / "results", to=tmp_path / "kit")
    zipfile.ZipFile(tmp_path / "kit" / "archive.zip").extractall(tmp_path / "unpacked")
    done = subprocess.run([sys.executable, "reproduce.py"], cwd=tmp_path / "unpacked", capture_output=True, text=True)
    if "No matching distribution" in done.stderr or "Could not find a version" in done.stderr:
        pytest.skip("no package index within reach has the versions that this environment has")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "The same bytes: results and again." in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX here")
def test_the_latex_compiles(results, tmp_path):
    for file in (results / "kit").iterdir():
        if file.suffix in (".tex", ".bib"):
            shutil.copy(file, tmp_path)
    for command in (["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "methods"], ["bibtex", "methods"]) * 2:
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    log = (tmp_path / "methods.blg").read_text(encoding="latin-1")

    assert (tmp_path / "methods.pdf").stat().st_size > 50_000
    assert "Warning--" not in log


@pytest.mark.slow
def test_a_sweep_without_figures_is_reproduced_without_figures(tmp_path):
    experiment = {
        "space": {"start.trust": [0.3, 0.6]},
        "figures": {"stay": {"outcome": "retention", "x": "start.trust"}},
    }
    sim.sweep(experiment, tmp_path / "one", replications=2, months=6, executor="serial", progress=False)
    again = sim.reproduce(tmp_path / "one", tmp_path / "two")

    assert again.holds, again.text()
    assert not (tmp_path / "two" / "figures").exists()
