"""What a tariff is on a day, and what changing it does to one market."""

from toolkit.tariffs._elasticity import Elasticity, elasticities, elasticity
from toolkit.tariffs._law import AppliedRate, Layer, applied_rate
from toolkit.tariffs._rates import effective_protection, effective_rate, trade_weighted_rate
from toolkit.tariffs._result import Simulation
from toolkit.tariffs._simulate import simulate

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
