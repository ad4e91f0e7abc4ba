"""What a set of flows says: shares, concentration, advantage, similarity, complexity, supply risk."""

from toolkit.indicators._advantage import balassa, matrix, michaely, symmetric
from toolkit.indicators._change import UnitValues, growth_contributions, unit_values
from toolkit.indicators._complexity import Complexity, complexity, proximity
from toolkit.indicators._flows import (
    YearToDate,
    balance,
    effective_number,
    frequency,
    growth,
    herfindahl,
    herfindahl_interval,
    import_dependence,
    shares,
    year_to_date,
)
from toolkit.indicators._pattern import complementarity, finger_kreinin, grubel_lloyd, intra_industry, trade_intensity
from toolkit.indicators._supply import SupplyRisk, supply_risk

__all__ = [
    "Complexity",
    "SupplyRisk",
    "UnitValues",
    "YearToDate",
    "balance",
    "balassa",
    "complementarity",
    "complexity",
    "effective_number",
    "finger_kreinin",
    "frequency",
    "growth",
    "growth_contributions",
    "grubel_lloyd",
    "herfindahl",
    "herfindahl_interval",
    "import_dependence",
    "intra_industry",
    "matrix",
    "michaely",
    "proximity",
    "shares",
    "supply_risk",
    "symmetric",
    "trade_intensity",
    "unit_values",
    "year_to_date",
]
