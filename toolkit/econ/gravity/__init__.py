"""Gravity models: estimation of what determines trade, and counterfactual trade.

>>> import pandas as pd
>>> panel = pd.DataFrame({"trade": [4.0, 2.0, 3.0, 9.0], "rta": [0.0, 0.0, 1.0, 1.0]})
>>> result = estimate(panel, y="trade", x=["rta"])
>>> round(result["rta"].estimate, 4), result.rows.used
(0.6931, 4)
"""

from toolkit.econ.gravity.equilibrium import Equilibrium, counterfactual
from toolkit.econ.gravity.estimation import estimate, separation
from toolkit.econ.gravity.guide import Printed, as_printed, balance
from toolkit.econ.gravity.result import Coefficient, Combination, Estimate, table
from toolkit.econ.gravity.rows import Dropped, Rows
from toolkit.econ.gravity.tables import Table

__all__ = [
    "Coefficient", "Combination", "Dropped", "Equilibrium", "Estimate", "Printed", "Rows", "Table", "as_printed",
    "balance", "counterfactual", "estimate", "separation", "table",
]  # fmt: skip
__dir__ = __all__.copy
