"""A user's own tables: pages that this software was not written for, calibrated with boxes.

- ``definition``: what a table is and where its fields are; the folder that keeps it
- ``anchor``: pieces of the page that hold still: is it there, where is it, is it the same
- ``wild``: reading a number whose font and colours nobody told
- ``phases``: betting, flying and crashed from what the number does, and the looks that were learned
- ``strip``: the history of an unknown page
- ``panel``, ``look``: what the controller sees of a bet panel
- ``eye``: all of it as one look
- ``guess``: where the fields may be, for a person to accept
"""
