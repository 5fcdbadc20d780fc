from tests.web.test_look import ROOT


def test_the_manifest_has_neutral_name_and_icons(world):
    client = world.client()
    said = client.get("/site.webmanifest").json

    assert said["name"] == said["short_name"] == world.app.config["SITE_NAME"]
    assert said["start_url"] == "/"
    assert {each["sizes"] for each in said["icons"]} == {"192x192", "512x512"}
    for each in said["icons"]:
        icon = client.get(each["src"])
        assert icon.mimetype == "image/png"
        width = int.from_bytes(icon.data[16:20])  # PNG, the IHDR chunk
        assert each["sizes"].startswith(f"{width}x")


def test_no_script_registers_a_service_worker():
    scripts = "".join(file.read_text() for file in (ROOT / "static/js").glob("*.js"))

    assert "serviceWorker" not in scripts
    assert "indexedDB" not in scripts
