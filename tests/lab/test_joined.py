"""Scripts and styles joined for an export: nothing is lost, and a mistake in an import is told."""

import json
import re

import pytest

from sim.lab.folders import PAGES
from sim.lab.joined import as_function, joined, with_imports

FILES = {f.relative_to(PAGES).as_posix(): f.read_bytes() for f in sorted(PAGES.rglob("*")) if f.is_file()}


def test_a_script_becomes_a_function_that_gives_what_it_exports():
    text = """import { h, s as svg } from "../ui/dom.js";
/** @type {import("./other.js").Other} */
const load = () => import("./learn.js");
export const A = 1, B = 2;
export async function open() {}
"""
    assert (
        as_function("rooms/first.js", text, ["B"])
        == """"rooms/first.js": ((use, later) => {
const { h, s: svg } = use("ui/dom.js");
/** @type {import("./other.js").Other} */
const load = () => later("rooms/learn.js");
const A = 1, B = 2;
async function open() {}
return { A, open, B };
}),
"""
    )


def test_each_script_comes_after_those_that_it_imports():
    texts = {"rooms/first.js": 'import { h } from "../ui/dom.js";', "ui/dom.js": "", "other.js": ""}

    assert with_imports(texts, ["rooms/first.js"]) == ["ui/dom.js", "rooms/first.js"]


def test_a_circle_of_imports_and_a_missing_script_are_told():
    with pytest.raises(ValueError, match=r"scripts import each other: a\.js > b\.js > a\.js"):
        with_imports({"a.js": 'import { b } from "./b.js";', "b.js": 'import { a } from "./a.js";'}, ["a.js"])
    with pytest.raises(ValueError, match=r"a.js imports b.js, which is not there"):
        with_imports({"a.js": 'import { b } from "./b.js";'}, ["a.js"])


def test_an_export_has_every_script_and_style_in_a_few_files():
    made = joined(FILES)
    scripts = [name for name in made if name.endswith(".js")]
    text = "".join(made[name].decode() for name in scripts)

    assert sorted(scripts) == [
        "appearance.js", "offline.js", "resampler.js", "rooms.js", "start.js", "worker.js"]  # fmt: skip
    kept = {name for name in FILES if name.endswith(".js")} - {"appearance.js", "offline.js"}
    assert set(re.findall(r'^"([a-z_/]+\.js)": \(', text, re.MULTILINE)) == kept
    assert re.findall(r"^(?:import|export) (?!const scripts).*", text, re.MULTILINE) == []
    assert len(made["style.css"]) == sum(len(data) for name, data in FILES.items() if name.endswith(".css"))
    page = made["index.html"].decode()
    assert re.findall(r'(?:src|href)="(\w[^"]+\.(?:js|css))"', page) == ["start.js", "style.css", "appearance.js"]


def test_the_first_page_does_not_wait_for_the_other_rooms():
    made = joined(FILES)

    assert '"rooms/board.js": (' not in made["start.js"].decode()
    assert '"rooms/board.js": (' in made["rooms.js"].decode()
    assert len(made["start.js"]) < 0.45 * len(made["start.js"] + made["rooms.js"])


def test_the_offline_worker_keeps_every_file_and_is_new_when_one_has_changed():
    made, other = joined(FILES), joined(FILES | {"shell.js": FILES["shell.js"] + b"// changed"})
    kept = re.search(r"const FILES = (\[.*?\]);", made["offline.js"].decode())

    assert set(json.loads(kept[1])) == {"./", *made} - {"index.html", "offline.js"}
    assert made["offline.js"] != other["offline.js"]
