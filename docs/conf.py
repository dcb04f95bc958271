"""The documentation site: ``python -m sphinx -W --keep-going docs site``. Nothing in it comes from elsewhere.

Its first page shows the model alive where the app was exported before: ``partnership lab export=docs/live/app/``.
"""

from pathlib import Path

from sim import __version__

project, release = "partnership-dynamics", __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
highlight_language = "text"
html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
html_show_sphinx = html_show_copyright = False
exclude_patterns = ["live"]
if (Path(__file__).parent / "live/app/index.html").is_file():
    html_extra_path = ["live"]
    tags.add("live")  # noqa: F821 (Sphinx gives it)
