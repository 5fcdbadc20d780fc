"""Rate limits, counted in memory shared by the web processes, or in Redis for several web hosts.

Counters identify nobody: a counter's key is a keyed digest. If counting fails, requests are
refused.
"""

import hmac
from collections.abc import Callable
from functools import wraps
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from time import time
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_login import current_user
from limits import RateLimitItem, parse_many
from limits.errors import StorageError

from forum.core.errors import Busy, TooMany
from forum.core.keys import Label, key_ring
from forum.web import shared_limits

NO_ADDRESS = "unknown"  # network of all requests with an unreadable address
ANSWERS_WITHIN = 2  # seconds, of Redis: a circle's lock may be held meanwhile

P = ParamSpec("P")
R = TypeVar("R")


def init_app(app: Flask) -> None:
    """Set up the limiter on RATELIMIT_STORAGE_URI."""
    _ = shared_limits.SCHEME  # known to the library once it is loaded
    options: dict[str, object] = {"wrap_exceptions": True}
    if app.config["RATELIMIT_STORAGE_URI"].startswith("redis"):
        options |= {"socket_timeout": ANSWERS_WITHIN, "socket_connect_timeout": ANSWERS_WITHIN}
    app.config["RATELIMIT_STORAGE_OPTIONS"] = options
    app.extensions["limits"] = Limiter(_network, app=app)


def limited(limit: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Limit how often a signed-in account may open a view, as in "30 per hour"; then 429.

    Views that could lose text call `take` instead and return the text.
    """

    def over(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def counted(*args: P.args, **values: P.kwargs) -> R:
            take(request.endpoint or "", limit, current_user.id)
            return view(*args, **values)

        return counted

    return over


def take(name: str, limit: str, who: UUID) -> None:
    """Count one use of `name` by a member against `limit`, as in "30 per hour; 100 per day".

    Raises TooMany, with the seconds of the whole limit: what is left of it would tell at an open
    screen when its member first wrote under a hidden name.
    """
    _count(name, limit, who.bytes, tells_rest=False)


def require_room(name: str, limit: str, who: UUID) -> None:
    """Raise TooMany where `take` would; counts nothing."""
    _count(name, limit, who.bytes, tells_rest=False, looks=True)


def take_for(name: str, limit: str, whom: bytes) -> None:
    """Count one use of `name` for any key, for instance the digest of an address. Raises TooMany,
    with the seconds to wait.
    """
    _count(name, limit, whom)


def take_from_network(name: str, limit: str) -> None:
    """Count one use of `name` for the request's network. Raises TooMany."""
    _count(name, limit, _network().encode())


def _counted(act: Callable[P, None]) -> Callable[P, None]:
    """Skip `act` while limits are disabled; raise Busy if the storage fails."""

    @wraps(act)
    def done(*args: P.args, **values: P.kwargs) -> None:
        if current_app.config["RATELIMIT_ENABLED"]:
            try:
                act(*args, **values)
            except StorageError as error:
                raise Busy from error

    return done


@_counted
def _count(
    name: str, limit: str, whom: bytes, *, tells_rest: bool = True, looks: bool = False
) -> None:
    """looks: whether there is room is seen, and nothing counted."""
    strategy = _limiter().limiter
    allows = strategy.test if looks else strategy.hit
    _require(allows, limit, counter(name, whom), tells_rest=tells_rest)


def _require(
    allows: Callable[[RateLimitItem, str], bool], limit: str, key: str, *, tells_rest: bool = True
) -> None:
    for each in parse_many(limit):
        if not allows(each, key):
            if not tells_rest:
                raise TooMany(each.get_expiry())
            window = _limiter().limiter.get_window_stats(each, key)
            raise TooMany(ceil(window.reset_time - time()))


class StrangerLimits:
    """Limits on attempts from unknown browsers: one per network, one for the whole service.

    Beyond the service limit, each network keeps its `slowed` attempts: a flood from some networks
    slows others down without locking them out.
    """

    def __init__(self, name: str, *, network: str, service: str, slowed: str) -> None:
        """Limits in the form "30 per minute; 300 per hour"."""
        self._network = network, counter(f"{name}|network", _network().encode())
        self._service = service, counter(f"{name}|service")
        self._slowed = slowed, counter(f"{name}|slowed", _network().encode())

    @_counted
    def check(self) -> None:
        """Raise TooMany if an attempt would be refused; counts nothing."""
        self._require(_limiter().limiter.test)

    @_counted
    def take(self) -> None:
        """Count an attempt. Raises TooMany."""
        self._require(_limiter().limiter.hit)

    def _require(self, allows: Callable[[RateLimitItem, str], bool]) -> None:
        _require(allows, *self._network)
        service, key = self._service
        if not all(allows(each, key) for each in parse_many(service)):
            _require(allows, *self._slowed)


class Delay:
    """Waiting time doubled by every failure: 1, 2, 4 … MOST seconds, per counter.

    Before any failure a double press is allowed; afterwards one attempt per wait.
    """

    MOST = 60  # seconds
    MEMORY = 3600  # seconds until failures are forgotten

    def __init__(self, name: str, *whom: bytes) -> None:
        self._failures = counter(f"{name}|failures", *whom)
        self._tries = counter(f"{name}|tries", *whom)

    @_counted
    def begin(self) -> None:
        """Count an attempt. Raises TooMany during a wait."""
        storage = _limiter().storage
        failures = storage.get(self._failures)
        tries = storage.incr(self._tries, min(self.MOST, 2**failures))
        if tries > (1 if failures else 2):
            raise TooMany(ceil(storage.get_expiry(self._tries) - time()))

    @_counted
    def failed(self) -> None:
        """Double the next wait."""
        _limiter().storage.incr(self._failures, self.MEMORY)

    @_counted
    def succeeded(self) -> None:
        """Reset the counters."""
        _limiter().storage.clear(self._failures)
        _limiter().storage.clear(self._tries)


class FewTries:
    """Few wrong tries in a row, then one a minute until a right one, and MOST a day, per counter.

    A try is counted before it is checked, so that many at once are no more than as many in a row.
    """

    FEW, MOST = 5, 100
    WAIT = 60  # seconds
    MEMORY = 24 * 3600  # seconds until tries are forgotten

    def __init__(self, name: str, *whom: bytes) -> None:
        self._wrong = counter(f"{name}|wrong", *whom)
        self._wait = counter(f"{name}|wait", *whom)

    @_counted
    def begin(self) -> None:
        """Count a try. Raises TooMany during a wait."""
        storage = _limiter().storage
        waits = storage.get(self._wrong) >= self.FEW
        if waits:
            self._take_turn()  # first, so that presses during a wait use up no try
        wrong = storage.incr(self._wrong, self.MEMORY)
        if wrong > self.MOST:
            raise TooMany(ceil(storage.get_expiry(self._wrong) - time()))
        if wrong >= self.FEW and not waits:
            self._take_turn()

    def _take_turn(self) -> None:
        storage = _limiter().storage
        if storage.incr(self._wait, self.WAIT) > 1:
            raise TooMany(ceil(storage.get_expiry(self._wait) - time()))

    @_counted
    def succeeded(self) -> None:
        """Reset the counters."""
        _limiter().storage.clear(self._wrong)
        _limiter().storage.clear(self._wait)


def are_written() -> bool | None:
    """True where Redis writes counters to a disk; None where it does not say."""
    if not current_app.config["RATELIMIT_ENABLED"]:
        return False  # nothing is counted
    storage = cast(Any, _limiter().storage)
    try:
        known = storage.storage.config_get("save") | storage.storage.config_get("appendonly")
    except storage.base_exceptions:
        return None
    return bool(known.get("save")) or known.get("appendonly") != "no"


def counter(name: str, *whom: bytes) -> str:
    """Counter key: a keyed digest of the name and of the identifying bytes."""
    data = "|".join((name, *(each.hex() for each in whom))).encode()
    return hmac.digest(key_ring().derived(Label.LIMITS), data, "sha256").hex()


def _limiter() -> Limiter:
    return cast(Limiter, current_app.extensions["limits"])


def _network() -> str:
    """Network of a request: an IPv4 address, or the /64 of an IPv6 address.

    Proxies may add a port, or name an unknown or obfuscated client; unreadable addresses share
    NO_ADDRESS. Source: RFC 7239 section 6.
    """
    try:
        address = ip_address(_without_port(request.remote_addr or "").partition("%")[0])
    except ValueError:
        return NO_ADDRESS
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)


def _without_port(address: str) -> str:
    """Address without port: 203.0.113.7 of 203.0.113.7:51234, 2001:db8::1 of [2001:db8::1]:443."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
