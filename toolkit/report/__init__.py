"""A notebook and checked parameters to an executed report and its run record."""

from toolkit.report.execute import FREE, Limits, environment
from toolkit.report.hashes import file_hash, lock_hash, notebook_hash, source_hash, still
from toolkit.report.notebook import load, tidy, write, write_json
from toolkit.report.pages import clean, page, render
from toolkit.report.parameter import Parameter, parameters, parse
from toolkit.report.runner import Run, inputs, plain, run, show_inputs

__all__ = [
    "FREE", "Limits", "Parameter", "Run", "clean", "environment", "file_hash", "inputs", "load", "lock_hash", "notebook_hash", "page",
    "parameters", "parse", "plain", "render", "run", "show_inputs", "source_hash", "still", "tidy", "write", "write_json",
]  # fmt: skip
