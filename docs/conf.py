"""The site: Sphinx, with pages in Markdown."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "pytest-concurrency"
author = "the pytest-concurrency developers"
copyright = f"{author}"  # noqa: A001 - as Sphinx calls it
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "tables"]
exclude_patterns = ["changes"]
smartquotes = False  # options begin with two dashes

myst_enable_extensions = ["colon_fence", "linkify"]
myst_heading_anchors = 4
myst_linkify_fuzzy_links = False

default_role = "literal"  # docstrings have single backticks
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = "pytest-concurrency"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
pygments_style = "tango"
pygments_dark_style = "monokai"
