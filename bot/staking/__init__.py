"""Strategies: rounds and settlements in, next stake and target out."""

from bot.staking.orders import Order, Settlement, StakingOptions, Strategy
from bot.staking.registry import ParameterInfo, StrategyInfo, build, is_known, known_names, strategies

__all__ = [
    "Order",
    "ParameterInfo",
    "Settlement",
    "StakingOptions",
    "Strategy",
    "StrategyInfo",
    "build",
    "is_known",
    "known_names",
    "strategies",
]
