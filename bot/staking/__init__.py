"""Strategies: rounds and settlements in, next stake and target out."""

from bot.staking.orders import Order, Settlement, StakingOptions, Strategy
from bot.staking.strategies import build, known_names

__all__ = ["Order", "Settlement", "StakingOptions", "Strategy", "build", "known_names"]
