"""A real mail server on a free port of this machine, and the letters that reached it."""

from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


class PostOffice(Controller):
    """Open for as long as the `with` block lasts; `answer` is what it says to each recipient."""

    def __init__(self, **options):
        super().__init__(self, hostname="127.0.0.1", port=0, **options)
        self.answer, self.asked = "250 OK", 0
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
        here = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": self.port, "MAIL_SECURITY": "none"}
        world.app.config.update(here | settings)

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.asked += 1
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        self.callers.append(session.host_name)
        return "250 OK"
