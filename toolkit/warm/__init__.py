"""Run notebooks in watched forks of one warm server: a papermill engine, and the guard of every kernel."""

from toolkit.warm.client import Kernel, ServerLost, Stopped, WarmServer, available, leftover

__all__ = ["Kernel", "ServerLost", "Stopped", "WarmServer", "available", "leftover"]
