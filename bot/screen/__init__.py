"""Pixels become readings: capture, layout, readers, phases."""
