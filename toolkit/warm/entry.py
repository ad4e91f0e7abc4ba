"""The entry point by which papermill finds the engine; it must not import papermill, which is importing it."""

from __future__ import annotations

from typing import Any

__all__ = ["WarmEngine"]


class WarmEngine:
    """Loads the engine when a notebook is run with it."""

    @classmethod
    def execute_notebook(cls, *arguments: Any, **options: Any) -> Any:
        """Run a notebook in a fork of the warm server."""
        from toolkit.warm import engine

        return engine.WarmEngine.execute_notebook(*arguments, **options)
