"""The tariff that applies on a day, and the effect of changing it on one market.

>>> applied_rate("cars", origin="JPN", as_of="2025-09-16").rate_pct
Decimal('15')
"""

from toolkit.econ.tariffs.law import (
    AppliedRate,
    Layer,
    applied_rate,
    effective_protection,
    effective_rate,
    trade_weighted_rate,
)  # fmt: skip
from toolkit.econ.tariffs.market import Elasticity, elasticities, elasticity
from toolkit.econ.tariffs.simulation import Simulation, simulate

__all__ = [
    "AppliedRate", "Elasticity", "Layer", "Simulation", "applied_rate", "effective_protection", "effective_rate",
    "elasticities", "elasticity", "simulate", "trade_weighted_rate",
]  # fmt: skip
__dir__ = __all__.copy
