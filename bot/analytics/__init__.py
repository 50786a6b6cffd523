"""Summaries, comparisons, trends, status and alerts over the recorded rounds."""
