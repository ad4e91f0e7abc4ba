"""The engine as papermill finds it by its entry point: nothing of papermill is imported here, since papermill is just then importing this."""

from __future__ import annotations

from typing import Any


class WarmEngine:
    """Stands for the engine until a notebook is run with it."""

    @classmethod
    def execute_notebook(cls, *arguments: Any, **options: Any) -> Any:
        """Run a notebook in a fork of the warm process."""
        from toolkit.warm import engine

        return engine.WarmEngine.execute_notebook(*arguments, **options)
