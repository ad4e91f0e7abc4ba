"""What went wrong, where, and what to do next.

>>> try:
...     raise UnknownCode("no figure 'gdp-jp'", remedy="Register it first")
... except ToolkitError as error:
...     print(error.remedy)
Register it first
"""

from __future__ import annotations

from functools import partial

__all__ = [
    "FetchFailed", "NotBelieved", "NotComparable", "NotWritten", "ReportFailed", "RowCap", "SchemaError", "ToolkitError",
    "UnknownCode",
]  # fmt: skip
__dir__ = __all__.copy


class ToolkitError(Exception):
    """Base of every error that a caller may want to catch.

    Parameters
    ----------
    problem : str
        What is wrong, naming the value and the place (file:line, column, key).
    remedy : str
        The next step, as an instruction: "Add ...", "Run ...", "Pass ...".

    Examples
    --------
    >>> print(ToolkitError("data/gdp.csv: no column 'value'", remedy="Add the column"))
    data/gdp.csv: no column 'value'
      -> Add the column
    """

    def __init__(self, problem: str, *, remedy: str) -> None:
        super().__init__(f"{problem}\n  -> {remedy}")
        self.problem = problem
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        """Keep problem and remedy when an error comes from another process."""
        return partial(type(self), remedy=self.remedy), (self.problem,)


class UnknownCode(ToolkitError, KeyError):
    """A code, key or name that is in no list."""

    __str__ = ToolkitError.__str__  # KeyError would print the repr, with its \\n


class SchemaError(ToolkitError, ValueError):
    """A file or value whose form is not what it should be."""


class NotWritten(ToolkitError, OSError):
    """A file that cannot be written, because of permissions or the disk; it would fail every report."""

    __str__ = ToolkitError.__str__  # OSError would print its number


class NotComparable(ToolkitError, ValueError):
    """Quantities that differ in basis, price base, unit, valuation or period."""


class ReportFailed(ToolkitError):
    """A notebook that did not run to its end."""


class FetchFailed(ToolkitError):
    """A service that did not answer in time: try later, or work from what is stored."""


class NotBelieved(ToolkitError, ValueError):
    """An answer that is not what it should be: cut off, an error page, the wrong form."""


class RowCap(NotBelieved):
    """An answer that stops at the service's row limit: ask for less at a time."""
