"""Web app manifest: a neutral name and icon for a phone's home screen."""

from flask import Flask, Response, current_app, json, url_for
from flask_babel import gettext as _

from forum.web.access import public

SIZES = (192, 512)  # pixels


def init_app(app: Flask) -> None:
    """Register /site.webmanifest. Without a service worker, nothing is stored on the phone."""
    app.add_url_rule("/site.webmanifest", "manifest", manifest)


@public
def manifest() -> Response:
    """Manifest with name, icons and colours. Source: Web Application Manifest (W3C)."""
    name = current_app.config["SITE_NAME"]
    icons = [
        {"src": url_for("static", filename=f"icon-{size}.png"), "sizes": f"{size}x{size}",
         "type": "image/png", "purpose": purpose}
        for size in SIZES for purpose in ("any", "maskable")
    ]  # fmt: skip
    content = {
        "name": name,
        "short_name": name,
        "description": str(_("A private place.")),
        "id": "/",
        "start_url": "/",
        "display": "minimal-ui",
        "background_color": "#f5f3ee",
        "theme_color": "#fffefb",
        "icons": icons,
    }
    return Response(json.dumps(content), content_type="application/manifest+json")
