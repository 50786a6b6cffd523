"""The time from outside: a small SNTP client (RFC 4330) that asks a server which the person named."""

from __future__ import annotations

import secrets
import socket
import struct
from collections.abc import Callable
from typing import Protocol

from bot.domain.clock import NS_PER_S
from bot.domain.errors import BadInput, MissingPart

PORT = 123
_PACKET = struct.Struct("!B B B b 11I")
#: Seconds from the start of the NTP era 0 (1900) and 1 (2036) to the Unix epoch.
_ERA_0_S, _ERA_1_S = 2_208_988_800, 2_208_988_800 - 2**32
_CLIENT = 0b00_100_011  # no warning, version 4, mode 3
_SERVER_MODE, _ALARM = 4, 3


class OutsideTime(Protocol):
    """Asks a time server."""

    def ask(self, server: str) -> int:
        """UTC in nanoseconds when it answered. Raises ``MissingPart`` when nothing valid comes."""
        ...


class SntpClient:
    """One question, one answer, which must carry the random number of the question."""

    def __init__(
        self, timeout_s: float = 3.0, random_bytes: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._timeout_s, self._random_bytes = timeout_s, random_bytes

    def ask(self, server: str) -> int:
        host, port = _address(server)
        nonce = self._random_bytes(8)
        question = bytes([_CLIENT]) + bytes(39) + nonce
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
            with socket.socket(family, kind, protocol) as channel:
                channel.settimeout(self._timeout_s)
                channel.connect(address)
                channel.send(question)
                answer = channel.recv(1_024)
        except OSError as error:
            raise MissingPart(
                f"the time server {server} does not answer ({error}): try again later"
            ) from error
        return _read(answer, nonce, server)


def check_server(text: str) -> str:
    """A server as ``host`` or ``host:port``. Raises ``BadInput`` when it cannot be one."""
    _address(text)
    return text


def _address(server: str) -> tuple[str, int]:
    host, colon, port = server.rpartition(":")
    if not colon:
        host, port = server, str(PORT)
    if not host or " " in host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise BadInput(f"{server!r} is no time server: write its name, or its name and port with a colon")
    return host, int(port)


def _read(answer: bytes, nonce: bytes, server: str) -> int:
    if len(answer) < _PACKET.size:
        raise MissingPart(f"{server} is no time server: it answered with {len(answer)} bytes")
    first, stratum, *_ = _PACKET.unpack_from(answer)
    seconds, fraction = (int(part) for part in struct.unpack_from("!II", answer, 40))
    mode, warning = first & 0b111, first >> 6
    if answer[24:32] != nonce or mode != _SERVER_MODE:
        raise MissingPart(f"the answer of {server} is not to our question: it is not believed")
    if warning == _ALARM or not 1 <= stratum <= 15 or (seconds, fraction) == (0, 0):
        raise MissingPart(f"the time server {server} does not know the time itself: try again later")
    # The first bit is set until 2036; then the seconds start anew.
    since_1970_s = seconds - (_ERA_0_S if seconds & 0x8000_0000 else _ERA_1_S)
    return since_1970_s * NS_PER_S + (fraction * NS_PER_S >> 32)
