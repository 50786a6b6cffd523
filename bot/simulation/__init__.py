"""Strategies on drawn or recorded rounds, without a screen: kernels, exact odds, backtest, sweeps."""
