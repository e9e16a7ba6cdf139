"""How Sphinx builds the project's pages: `python -m sphinx -W -c docs . test-output/docs`.

The folder that is read is the project's own, so that links between its Markdown files hold.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import attntopo

project = "AttnTopo"
author = project_copyright = "The AttnTopo authors"
release = version = attntopo.__version__

extensions = ["sphinx.ext.autodoc", "numpydoc", "myst_parser", "tools.package_faces"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**"]
exclude_patterns = [".*", "attntopo", "pages", "test-output", "tests"]  # folders not to look into
templates_path: list[str] = []

# `name` in a docstring is a link where there is something of that name, and code anyhow.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
numpydoc_show_class_members = False
numpydoc_validation_checks = {"PR02", "PR03"}  # what is documented is there, in its order
myst_heading_anchors = 3  # by the rules of GitHub

html_theme = "alabaster"
html_theme_options = {"description": "The shape of attention in Vision Transformers"}
html_show_sourcelink = False
