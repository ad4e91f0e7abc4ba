"""A notebook and checked parameters to an executed report and its run record."""

from toolkit.report._notebook import tidy, write, write_json
from toolkit.report._page import clean, render
from toolkit.report._parameters import Parameter, parameters, parse
from toolkit.report._run import Run, file_hash, run, show_inputs, source_hash

__all__ = [
    "Parameter", "Run", "clean", "file_hash", "parameters", "parse", "render", "run", "show_inputs", "source_hash",
    "tidy", "write", "write_json",
]  # fmt: skip
