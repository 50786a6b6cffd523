"""Puts the folder ``config`` into the wheel as ``bot/config``; all else stands in pyproject.toml."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["bot", "bot.*"]), "bot.config"],
    package_dir={"bot.config": "config"},
    package_data={
        "bot": ["py.typed"],
        "bot.config": ["*.toml", "games/*.toml"],
        "bot.practice": ["pages/**/*"],
    },
)
