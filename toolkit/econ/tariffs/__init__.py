"""What a tariff is on a day, and what changing it does to one market."""

from toolkit.econ.tariffs.law import (
    AppliedRate,
    Layer,
    applied_rate,
    effective_protection,
    effective_rate,
    trade_weighted_rate,
)
from toolkit.econ.tariffs.market import Elasticity, elasticities, elasticity
from toolkit.econ.tariffs.simulation import Simulation, simulate

__all__ = [
    "AppliedRate",
    "Elasticity",
    "Layer",
    "Simulation",
    "applied_rate",
    "effective_protection",
    "effective_rate",
    "elasticities",
    "elasticity",
    "simulate",
    "trade_weighted_rate",
]
