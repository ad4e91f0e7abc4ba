"""What analysts compute: indicators, gravity, tariffs, event studies, forecasts."""
