"""What went wrong, where, and what to do next."""

from __future__ import annotations

from functools import partial


class ToolkitError(Exception):
    """Base of every error that a caller may want to catch.

    Parameters
    ----------
    problem : str
        What is wrong, naming the value and the place (file:line, column, key).
    remedy : str
        The one next step, as an order: "Add ...", "Run ...", "Pass ...".

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
        """Let an error come over from another process as it is."""
        return partial(type(self), remedy=self.remedy), (self.problem,)


class UnknownCode(ToolkitError, KeyError):
    """A code, key or name that no list holds."""

    __str__ = ToolkitError.__str__  # KeyError would print the repr, with its \\n


class SchemaError(ToolkitError, ValueError):
    """A file or value that is not in the form it claims."""


class NotWritten(ToolkitError, OSError):
    """A file that permissions or the disk did not let be written: what fails one report fails them all."""

    __str__ = ToolkitError.__str__  # OSError would print its number


class NotComparable(ToolkitError, ValueError):
    """Quantities that differ in basis, price base, unit, valuation or period."""


class ReportFailed(ToolkitError):
    """A notebook that did not run to its end."""


class FetchFailed(ToolkitError):
    """An answer that could not be had in time: try later, or work from what is stored."""


class NotBelieved(ToolkitError, ValueError):
    """An answer that came but is not what it claims: cut, an error page, the wrong form."""


class RowCap(NotBelieved):
    """An answer that stops at the service's row cap: ask for less at a time."""
