"""Run Lighthouse on the demo as a member on a phone: docs/benchmarks/lighthouse.json.

Lighthouse comes from npm, at the version below, into a temporary folder; LIGHTHOUSE names an
installed copy instead.
"""

import json
import os
import subprocess
import sys
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright
from visiting import CALM, HERE, chromium, demo, name_of, sign_in

VERSION = "12.8.2"
INTO = HERE / "docs" / "benchmarks" / "lighthouse.json"
DEBUGGING = os.environ.get("LIGHTHOUSE_PORT", "9333")
PHONE = {  # a slow mobile line
    "offline": False,
    "latency": 150,  # milliseconds
    "downloadThroughput": 1_600_000 / 8,  # bytes a second
    "uploadThroughput": 750_000 / 8,
}
SLOWER, TIMES = 4, 5  # slow-down factor; visits of each page
LARGEST = """() => new Promise(done => new PerformanceObserver(seen =>
  done(seen.getEntries().at(-1).startTime)
).observe({ type: "largest-contentful-paint", buffered: true }))"""
SORTS = ("performance", "accessibility", "best-practices")
FIGURES = ("first-contentful-paint", "largest-contentful-paint", "cumulative-layout-shift",
           "total-blocking-time", "total-byte-weight")  # fmt: skip


def main() -> int:
    """Start the demo, sign in, and run Lighthouse on each page in this browser."""
    with TemporaryDirectory() as folder, demo() as (url, people), sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=chromium(),
            args=[*CALM, f"--remote-debugging-port={DEBUGGING}"],
            base_url=url,
        )
        page = context.new_page()
        sign_in(page, people["member"])
        found = pages(page)
        said = {name: looked_at(address) for name, address in found.items()}
        for name, milliseconds in painted(page, found).items():
            said[name]["largest_paint_ms"] = milliseconds
        context.close()
    INTO.parent.mkdir(exist_ok=True)
    INTO.write_text(json.dumps({"lighthouse": VERSION, "pages": said}, indent=1) + "\n")
    print(json.dumps(said))
    return 0


def pages(page: Page) -> dict[str, str]:
    """Addresses of home, circle, thread, reply and search."""
    page.goto("/")
    home = page.url
    links = page.locator(".links a[href^='/circles/']")
    circles = links.filter(has_not_text=" and ")  # a pair is named after both
    circle = circles.first.evaluate("a => a.href")
    page.goto(circle)
    threads = page.locator(".row-title").evaluate_all("all => all.map(a => a.href)")
    page.goto(f"{threads[3].removesuffix('/new')}/answer")
    reply = page.url
    page.goto("/search?q=a+long+morning")
    return {
        "home": home,
        "circle": circle,
        "thread": threads[3],
        "reply": reply,
        "search": page.url,
    }


def painted(page: Page, found: dict[str, str]) -> dict[str, float]:
    """Medians of the largest contentful paint, on a slow line and processor, without cache."""
    page.set_viewport_size({"width": 360, "height": 740})
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Network.emulateNetworkConditions", PHONE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

    def once(address: str) -> float:
        page.goto(address)
        return float(page.evaluate(LARGEST))

    return {
        name: round(median(once(address) for _ in range(TIMES))) for name, address in found.items()
    }


def looked_at(address: str) -> dict[str, float]:
    """Scores from 0 to 100, milliseconds, and bytes; on Lighthouse's slow phone, without cache."""
    command = os.environ.get("LIGHTHOUSE", f"npx --yes lighthouse@{VERSION}").split()
    words = [*command, address, f"--port={DEBUGGING}", "--quiet",
             f"--only-categories={','.join(SORTS)}", "--output=json"]  # fmt: skip
    print(f"Lighthouse looks at {name_of(address)}.", file=sys.stderr)
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout  # noqa: S603
    report = json.loads(told)
    scores = {sort: round(100 * report["categories"][sort]["score"]) for sort in SORTS}
    failed = [
        audit["id"]
        for audit in report["audits"].values()
        if audit["score"] is not None and audit["score"] < 0.9
    ]
    figures = {name: round(report["audits"][name]["numericValue"], 3) for name in FIGURES}
    return scores | figures | {"short_of": sorted(failed)}


if __name__ == "__main__":
    sys.exit(main())
