import re
import shutil
import sys
from pathlib import Path

import pytest

import sim

RULES = Path(sim.__file__).parent / "model" / "rules"
WITH_PARAMETERS = sorted(file for file in RULES.glob("*.py") if "(Declared)" in file.read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("mypy", path=Path(sys.executable).parent) is None, reason="needs mypy")
def test_a_misspelt_parameter_in_any_rule_fails_the_type_check(tmp_path):
    from mypy import api

    misspelt = {}
    for file in WITH_PARAMETERS:
        text = file.read_text(encoding="utf-8")
        name = re.search(r"params\.(\w+)", text)[1]
        misspelt[file.name] = f"{name}_misspelt"
        (tmp_path / f"rule_{file.name}").write_text(text.replace(f"params.{name}", f"params.{name}_misspelt", 1))
    configuration = tmp_path / "mypy.ini"
    configuration.write_text(f"[mypy]\nstrict = true\nignore_missing_imports = true\nmypy_path = {RULES.parents[2]}\n")

    out, err, status = api.run(
        [
            "--config-file",
            str(configuration),
            "--cache-dir",
            str(tmp_path / "cache"),
            *map(str, tmp_path.glob("rule_*.py")),
        ]
    )

    assert status == 1, err
    assert len(WITH_PARAMETERS) > 10
    for file, name in misspelt.items():
        assert re.search(rf'rule_{file}:\d+: error: "\w+" has no attribute "{name}"', out), f"{file}: {name}\n{out}"


def test_a_new_variable_joins_the_table_of_members_unless_it_says_not():
    from dataclasses import dataclass
    from typing import Any

    from sim.core.declare import table_columns, variable

    @dataclass
    class Variables:
        mood: Any = variable("partner", unit="1", doc="One value per partner")
        hidden: Any = variable("partner", unit="1", doc="One value per partner", table="")
        plan: Any = variable("run", unit="1", doc="One value per run")
        skills: Any = variable("partner,domain", unit="1", doc="Several values per partner")
        size: Any = variable("partner", unit="1", doc="Never changes", fixed=True)

    assert table_columns(Variables) == ("mood",)
    assert table_columns(Variables, fixed=True) == ("size",)
