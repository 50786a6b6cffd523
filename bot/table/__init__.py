"""Readings become rounds: the round tracker, the history strip, and what the screen says of a bet."""
