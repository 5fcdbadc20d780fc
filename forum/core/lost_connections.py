"""Connections to PostgreSQL that the server has closed, found before they are used.

A query to try each connection would cost a page as much as any other query. What a server says
last, and its closing, lie in the socket unread; an open connection that is not in use has nothing
to read, but for a notice.
"""

from select import POLLIN, poll
from typing import Any

from psycopg import Connection, Error
from sqlalchemy.exc import DisconnectionError


def require_open(connection: object, *_: Any) -> None:
    """Raise DisconnectionError, on which a pool connects anew, for a connection that is closed.

    For a pool's event "checkout".
    """
    if isinstance(connection, Connection) and _has_unread(connection) and not _answers(connection):
        raise DisconnectionError


def _has_unread(connection: Connection[Any]) -> bool:
    socket = poll()
    socket.register(connection.pgconn.socket, POLLIN)
    return bool(socket.poll(0))


def _answers(connection: Connection[Any]) -> bool:
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Error:
        return False
    return True
