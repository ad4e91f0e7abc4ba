"""Notebooks run in forks of one warm process, under watch: a papermill engine and the guard of every kernel."""

from toolkit.warm.client import Kernel, Lost, Stopped, Zygote, available, leftover

__all__ = ["Kernel", "Lost", "Stopped", "Zygote", "available", "leftover"]
