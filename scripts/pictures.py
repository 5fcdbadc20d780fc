"""Take a picture of every page of the demo at three widths: docs/pictures/<width>/<page>.webp.

Pages are found by following links from the first page, each sort of page once. The README's four
pictures lie beside the folders.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from shutil import rmtree

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from visiting import CALM, HERE, SignIn, chromium, demo, name_of, sign_in

INTO = HERE / "docs" / "pictures"
WIDTHS = {"phone": 360, "tablet": 768, "desk": 1280}
HEIGHT, MOST = 800, 1200  # of the window; of a picture, cut below
SMALLER = {"phone": 1.0, "tablet": 0.6, "desk": 0.6}
LEAST = {"quality": 30, "method": 6}
FILES = (".ics", ".zip", "/healthz", "/site.webmanifest")
STORY = "I rang the family on my way home, from a lay-by, because I had to hear it was all right."


def main() -> int:
    """Start the demo, visit it in each role, and end it."""
    rmtree(INTO, ignore_errors=True)
    with demo() as (url, people), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CALM)
        best(browser, url, people["member"])
        seen: set[str] = set()
        for role in (None, "moderator", "programme-lead"):
            page = browser.new_context(base_url=url).new_page()
            if role:
                sign_in(page, people[role])
            more = ["/no/such/page"] if role else ["/styleguide"]
            for name in walked(page, url, seen, more):
                taken(page, f"{role or 'anyone'}-{name}")
        browser.close()
    return 0


def walked(page: Page, url: str, seen: set[str], more: list[str]) -> Iterator[str]:
    """Open a page of each sort not seen yet, yielding its name."""
    seen.discard("home")
    ahead = ["/", *more]
    for path in ahead:
        answer = page.goto(path)
        name = name_of(page.url)
        if name in seen or answer is None or answer.status >= 500:
            continue
        seen |= {name, name_of(url + path)}
        yield name
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href.split('#')[0])")
        known = {name_of(each) for each in ahead}
        for link in links:
            path, is_ours = link.removeprefix(url), link.startswith(url)
            if is_ours and not path.endswith(FILES) and name_of(link) not in known | seen:
                known.add(name_of(link))
                ahead.append(path)
        if name.endswith("write"):
            yield from looked_over(page)
        if name == "search":
            page.fill("[name=words]", "a long morning")
            page.click("main form button")
            yield "search-found"


def looked_over(page: Page) -> Iterator[str]:
    """The review page of a draft."""
    page.fill("[name=field_story]", STORY)
    page.fill("[name=title]", "From a lay-by")
    page.locator("[name=mode]").last.check()
    page.get_by_role("button", name="Check before posting").click()
    yield "look-it-over"


def taken(page: Page, name: str) -> None:
    """Save the page's picture at each width."""
    for folder, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": HEIGHT})
        kept(page.screenshot(full_page=True), INTO / folder / f"{name}.webp", SMALLER[folder])


def kept(picture: bytes, file: Path, smaller: float = 1, **how: int) -> None:
    """Write a compressed picture, cut below MOST."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, MOST)))
    file.parent.mkdir(parents=True, exist_ok=True)
    size = (int(image.width * smaller), int(image.height * smaller))
    image.resize(size, Image.Resampling.LANCZOS).save(file, **(LEAST | how))


def best(browser: Browser, url: str, who: SignIn) -> None:
    """Save the README's four pictures."""
    desk = {"width": 1180, "height": 760}
    phone = {"width": 390, "height": 760}
    page = browser.new_context(base_url=url, viewport=desk).new_page()
    sign_in(page, who)
    page.goto("/")
    kept(page.screenshot(), INTO / "home-desk.webp", quality=75)
    page.locator(".row-title").nth(2).click()
    page.goto(page.url.split("#")[0])
    kept(page.screenshot(), INTO / "thread-desk.webp", quality=75)
    page = browser.new_context(
        base_url=url, viewport=phone, device_scale_factor=1.5, color_scheme="dark"
    ).new_page()
    sign_in(page, who)
    page.locator(".row-title").nth(4).click()
    page.goto(page.url.split("#")[0])
    kept(page.screenshot(), INTO / "thread-phone.webp", quality=75)
    page = browser.new_context(base_url=url, viewport=phone, device_scale_factor=1.5).new_page()
    sign_in(page, who)
    page.get_by_role("link", name="Write").first.click()
    page.locator("main ul.links a", has_text="circle").first.click()  # and none of two people
    page.fill("[name=field_story]", STORY)
    kept(page.screenshot(), INTO / "composer-phone.webp", quality=75)


if __name__ == "__main__":
    sys.exit(main())
