"""The page's server: one port of this machine, one browser, from the first request to Ctrl+C."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from bot.calibration.guard import KEY, Guard
from bot.domain.errors import MissingPart

HOST = "127.0.0.1"
#: How long open connections of the page may take to end.
GOODBYE_S = 2


def bound(port: int) -> socket.socket:
    """A socket of this machine alone, at ``port`` (0: a free one). Raises ``MissingPart`` if taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(64)
    except (OSError, OverflowError) as error:
        listening.close()
        raise MissingPart(
            f"the page cannot listen at port {port} ({error}): leave --port out and a free one is taken"
        ) from error
    return listening


def page_address(port: int, key: str) -> str:
    """Where the page opens, once."""
    return f"http://{HOST}:{port}/?{KEY}={key}"


class PageServer:
    """Serves one page. ``build`` makes its content for a browser that comes; ``folder`` is for scratch files.

    ``key`` and ``secret`` are random words of the caller's.
    """

    def __init__(
        self,
        build: Callable[[], None],
        picture: Callable[[], bytes | None],
        listening: socket.socket,
        folder: Path,
        key: str,
        secret: str,
    ) -> None:
        # Read by the framework when it is imported: nothing of it may land in the person's working folder.
        os.environ.setdefault("NICEGUI_STORAGE_PATH", str(folder / "page"))
        os.environ.setdefault("MPLBACKEND", "agg")
        import uvicorn
        from fastapi import FastAPI, Response
        from nicegui import ui

        self._listening = listening
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

        @app.get("/picture")
        def give_picture() -> Response:
            content = picture()
            headers = {"Cache-Control": "no-store"}
            if content is None:
                return Response(status_code=503, headers=headers)
            return Response(content, media_type="image/jpeg", headers=headers)

        ui.run_with(
            app,
            root=build,
            title="Calibrate a table · crashbot",
            favicon=FAVICON,
            dark=True,
            reconnect_timeout=10.0,
            tailwind=False,
            show_welcome_message=False,
            gzip_middleware_factory=None,
        )
        config = uvicorn.Config(
            Guard(app, listening.getsockname()[1], key, secret),
            log_level="error",
            access_log=False,
            lifespan="on",
            server_header=False,
            timeout_graceful_shutdown=GOODBYE_S,
        )
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Serve until :meth:`stop` or Ctrl+C, which ends it in order and is no error."""
        with closing(self._listening), suppress(KeyboardInterrupt):
            asyncio.run(self._server.serve(sockets=[self._listening]))

    def stop(self) -> None:
        """End :meth:`run` soon; from any thread."""
        self._server.should_exit = True


FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" '
    'fill="#10151d"/><path d="M5 25 Q18 24 25 8" stroke="#54d6a0" stroke-width="3.5" fill="none" '
    'stroke-linecap="round"/><circle cx="25" cy="8" r="3.4" fill="#54d6a0"/></svg>'
)
