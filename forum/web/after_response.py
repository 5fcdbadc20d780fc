"""Work deferred until after the response, so that response times reveal nothing about it."""

from collections.abc import Callable

from flask import Flask, Response, after_this_request, current_app


def after_response(work: Callable[[], object]) -> None:
    """Run `work` in an app context of its own once the response is sent; failures are logged."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy has it

    def do() -> None:
        with app.app_context():
            try:
                work()
            except Exception as error:  # no response is left to report it in
                app.logger.error("after_response: failed with %s", type(error).__name__)

    def when_closed(response: Response) -> Response:
        response.call_on_close(do)
        return response

    after_this_request(when_closed)
