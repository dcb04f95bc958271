"""Does the page calculate what Python does? ``python experiments/dock_page.py FOLDER`` compares an exported app.

FOLDER is what ``partnership lab export=FOLDER/`` wrote. Node runs its modules with its own runner, from seeds and
parameters alone: every story under every policy, and random values of the sliders (200 by default), a few seeds each.
Every outcome of a run is compared with ``simulate`` (NumPy). The largest difference is printed; more than 1e-9 of a
number, or 1e-12 near 0, is an error, and so is a number that reads differently in three digits.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.simulate import simulate
from sim.lab.folders import PAGES
from sim.lab.stories import scenario_named

RUNNER = """
import fs from "fs";
import path from "path";
import { pathToFileURL } from "url";
const [, , folder, job, to, pages] = process.argv;
const load = (name) => import(pathToFileURL(path.join(pages, "engine", name)).href);
const { Runs } = await load("runs.js");
const read = (name) => JSON.parse(fs.readFileSync(path.join(folder, name), "utf8")), kept = new Map();
const model = { ...read("model.json"), ...read("engine.json") };
const once = (key, make) => kept.get(key) ?? (kept.set(key, make()), kept.get(key));
const bundle = {
  places: model.places, layouts: model.layouts,
  module: (key) => once(key, () => new WebAssembly.Module(fs.readFileSync(`${folder}/modules/${key}.wasm`))),
};
const answers = JSON.parse(fs.readFileSync(job, "utf8")).map(({ story, policy, values, seeds }) => {
  const partnership = { ...model.partnerships[story][policy], watch: [] };
  const { summary } = new Runs(bundle, partnership, { seeds, months: model.months, values }).simulate();
  return Object.fromEntries(Object.entries(summary).map(([name, numbers]) => [name, [...numbers].map(String)]));
});
fs.writeFileSync(to, JSON.stringify(answers));
"""


def main() -> None:
    """Compare, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="an exported app")
    parser.add_argument("--samples", type=int, default=200, help="random values of the sliders (default: 200)")
    parser.add_argument("--seeds", type=int, default=4, help="runs of each case (default: 4)")
    options = parser.parse_args()
    model = json.loads((options.folder / "model.json").read_text(encoding="utf-8"))
    jobs = list(cases(model, options.samples, list(range(options.seeds))))
    worst, n, wrong = 0.0, 0, list[str]()
    for job, answer in zip(jobs, in_node(options.folder, jobs), strict=True):
        expected = simulate(
            scenario_named(job["story"]).replace(**job["values"]), job["seeds"], job["policy"], model["months"]
        ).summary
        for name, texts in answer.items():
            page, right = np.array([float(t) for t in texts]), expected[name].to_numpy(float)
            near = np.isclose(page, right, rtol=1e-9, atol=1e-12, equal_nan=True)
            alike = [f"{a:.3g}" == f"{b:.3g}" for a, b in zip(page, right, strict=True)]
            with np.errstate(all="ignore"):
                worst = max(worst, float(np.nanmax(np.abs(page - right) / np.maximum(np.abs(right), 1e-3), initial=0)))
            n += len(page)
            if not (near.all() and all(alike)):
                wrong.append(f"{job['story']}, {job['policy']}, {job['values']}: {name} {page} {right}")
    print(f"{len(jobs)} cases, {n:,} numbers: largest relative difference {worst:.1e}; {len(wrong)} that differ")
    for line in wrong[:20]:
        print(f"  {line}")
    sys.exit(bool(wrong))


def cases(model: Mapping[str, Any], samples: int, seeds: list[int]) -> Any:
    """Give every story under every policy, and random values of a few sliders."""
    stories, policies = ([one["id"] for one in model[kind]] for kind in ("stories", "policies"))
    for story in stories:
        for policy in policies:
            yield {"story": story, "policy": policy, "values": {}, "seeds": seeds}
    draw = random.Random(1)
    for _ in range(samples):
        moved = draw.sample(model["sliders"], draw.randint(1, len(model["sliders"])))
        values = {s["path"]: s["low"] + s["step"] * draw.randint(0, round((s["high"] - s["low"]) / s["step"]))
                  for s in moved}  # fmt: skip
        values = {path: round(value, 6) for path, value in values.items()}
        yield {"story": draw.choice(stories), "policy": draw.choice(policies), "values": values, "seeds": seeds}


def in_node(folder: Path, jobs: list[Any]) -> Any:
    """Run cases with the page's own runner."""
    with tempfile.TemporaryDirectory() as place:
        script, job, answers = (Path(place) / name for name in ("run.mjs", "job.json", "answers.json"))
        script.write_text(RUNNER, encoding="utf-8")
        job.write_text(json.dumps(jobs), encoding="utf-8")
        subprocess.run(["node", script, folder.resolve(), job, answers, PAGES], check=True)
        return json.loads(answers.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
