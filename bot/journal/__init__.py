"""The journal: pictures of the moments that decided something, and the answer to "why?" for each round.

- ``keeper``: takes pictures from whoever looks, writes them in a thread of its own, and makes their rows
- ``files``: where the pictures lie, how they are named, cut, written and found again
- ``retention``: how long they stay
- ``gathering`` and ``story``: everything the record knows of one round, in the order of time
- ``telling``, ``sheet``, ``page``: the story for a terminal, as one picture, as one page
"""
