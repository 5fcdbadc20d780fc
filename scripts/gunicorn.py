"""How gunicorn serves the forum; the address and the number of workers come from outside."""

import gc
import os

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
# Limits are counted in the memory of one process, unless Redis counts for several.
workers = int(os.environ.get("WEB_WORKERS", "2" if os.environ.get("REDIS_URL") else "1"))
worker_class = "gthread"
threads = 4 // workers  # more would only wait for one another: pages are computed, not fetched
limit_request_line = 8190  # a sealed query stands in the address
loglevel = "error"  # a warning names the address that a bad request came from
control_socket_disable = True


def post_worker_init(worker: object) -> None:
    """Leave what was loaded at the start out of every later collection, and collect less often.

    A page makes and drops thousands of objects; looking each time at all that will stay for good
    takes a tenth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
