"""A notebook and checked parameters to an executed report and its run record."""

from toolkit.report._execute import FREE, Limits, environment
from toolkit.report._inputs import file_hash, lock_hash, notebook_hash, source_hash, still
from toolkit.report._notebook import load, tidy, write, write_json
from toolkit.report._page import clean, page, render
from toolkit.report._parameters import Parameter, parameters, parse
from toolkit.report._run import Run, inputs, plain, run, show_inputs

__all__ = [
    "FREE", "Limits", "Parameter", "Run", "clean", "environment", "file_hash", "inputs", "load", "lock_hash", "notebook_hash", "page",
    "parameters", "parse", "plain", "render", "run", "show_inputs", "source_hash", "still", "tidy", "write", "write_json",
]  # fmt: skip
