"""What is particular to each game: law, growth, pauses."""

from bot.games.law import GAMES, Game, game

__all__ = ["GAMES", "Game", "game"]
