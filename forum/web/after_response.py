"""Work that is done once the answer is out, so that the time of an answer tells nothing of it."""

from collections.abc import Callable

from flask import Flask, Response, after_this_request, current_app


def after_response(work: Callable[[], object]) -> None:
    """Do `work` in a context of its own when this request is over; a failure is logged."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy has it

    def do() -> None:
        with app.app_context():
            try:
                work()
            except Exception as error:  # nobody is there to be told
                app.logger.error("after_response: failed with %s", type(error).__name__)

    def when_closed(response: Response) -> Response:
        response.call_on_close(do)
        return response

    after_this_request(when_closed)
