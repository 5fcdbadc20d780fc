"""A real mail server on a free port of this machine, and the letters that reached it."""

import asyncio
import socket
from contextlib import contextmanager
from email import message_from_bytes, policy
from threading import Thread

from aiosmtpd.controller import Controller


class PostOffice(Controller):
    """Open for as long as the `with` block lasts; `answer` is what it says to each recipient.

    taken: what it says once it has a letter; with "" it hangs up without a word. Either way, the
    letter is there.
    """

    def __init__(self, **options):
        super().__init__(self, hostname="127.0.0.1", port=0, **options)
        self.answer, self.asked, self.taken = "250 OK", 0, "250 OK"
        self.envelopes, self.callers = [], []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *failure):
        self.stop()

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    @property
    def letters(self):
        """What arrived, parsed, oldest first."""
        return [message_from_bytes(each.content, policy=policy.default) for each in self.envelopes]

    def serves(self, world, **settings):
        """Have this installation send its mail here."""
        send_mail_to(world, self.port, **settings)

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.asked += 1
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        self.callers.append(session.host_name)
        if not self.taken:
            server.transport.abort()
            await asyncio.sleep(0)
        return self.taken or "451 never said"


def send_mail_to(world, port, **settings):
    """Have this installation send its mail to a port of this machine."""
    here = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": port, "MAIL_SECURITY": "none"}
    world.app.config.update(here | settings)


@contextmanager
def silent_server(*says):
    """A port that takes every call, says these lines, one for each that it hears, and no more."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        try:
            while True:
                Thread(target=_converse, args=(server.accept()[0], says), daemon=True).start()
        except OSError:
            return  # closed: the test is over

    Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


def _converse(call, says):
    with call:
        for line in says:
            call.sendall(line.encode() + b"\r\n")
            if not call.recv(4096):
                return
        while call.recv(4096):
            pass
