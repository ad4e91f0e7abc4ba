"""One report: a notebook and checked parameter values in, a page and a run record out."""

from toolkit.report.execute import FREE, Limits, environment
from toolkit.report.html import clean, page, render
from toolkit.report.notebook import read_json, tidy, write_json
from toolkit.report.provenance import Parameter, changed_input, lock_hash, parameters, parse, source_hash
from toolkit.report.runner import Run, inputs, plain, run, show_inputs

__all__ = [
    "FREE", "Limits", "Parameter", "Run", "changed_input", "clean", "environment", "inputs", "lock_hash", "page", "parameters",
    "parse", "plain", "read_json", "render", "run", "show_inputs", "source_hash", "tidy", "write_json",
]  # fmt: skip
