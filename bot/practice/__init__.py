"""The practice casino: its rounds, ledger, pages and faults, and the stage that shows it in real windows.

It is the house, not the bot: it imports nothing of the bot, and the bot nothing of it.
"""
