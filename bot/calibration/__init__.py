"""The local page of ``crashbot calibrate``: boxes drawn on a live picture of the screen.

- ``draft``: what was drawn so far, kept on disk at once
- ``watcher``: the thread that looks at the screen, reads, learns and tests the hand
- ``guard``: who may talk to the page: one browser, on this machine
- ``server``: the page's server, from start to end
- ``page``: what the person sees; ``assets`` holds the part that runs in the browser
"""
