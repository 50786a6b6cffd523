"""The stage: a display, the casino, a browser window for each table, the click log, and the window faults."""
