"""What a reader sees: an edition in a browser, a notebook in JupyterLab; nothing asks an outside host."""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from toolkit import nightly
from toolkit.errors import ReportFailed

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1200, "height": 900}}
START_TRIES, TRY_SECONDS, RUN_MS = 240, 0.25, 180_000

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """Build a whole edition of a copy of this project."""
    home = tmp_path_factory.mktemp("project")
    for name in ("notebooks", "data", "seeds", "briefs", "requirements.lock"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, home / name)
    command = [sys.executable, "-m", "toolkit", "nightly", "--date", "2025-10-28"]
    subprocess.run(command, check=True, cwd=home, env=os.environ | {"TOOLKIT_HOME": str(home)})
    return (home / "reports" / "latest").resolve()


def visit(browser, page_file, device):
    """Open a file; give the page and the addresses it asked for outside its own file."""
    page = browser.new_context(**device).new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    return page, [url for url in asked if not url.startswith(("data:", page_file.as_uri()))]


def test_every_page_stands_alone_and_fits_its_screen(browser, edition):
    pages = sorted(edition.rglob("*.html"))
    assert {"index.html", "report.html"} <= {page.name for page in pages}
    for page_file in pages:
        for device in (DESKTOP, PHONE):
            page, asked = visit(browser, page_file, device)
            assert asked == [], f"{page_file.name} asks for {asked[:3]}"
            wide, shown = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
            assert wide <= shown, f"{page_file} is {wide} wide on a screen of {shown}"
            page.context.close()


def test_every_picture_shows_and_says_what_it_shows(browser, edition):
    for page_file in sorted(edition.rglob("report.html")):
        page, _ = visit(browser, page_file, DESKTOP)
        pictures = page.eval_on_selector_all("img", "all => all.map(i => [i.alt, i.naturalWidth])")
        assert pictures, f"{page_file} has no chart"
        assert all(alt.strip() and width > 0 for alt, width in pictures)
        page.context.close()


def test_links_of_the_index_lead_somewhere(browser, edition):
    page, _ = visit(browser, edition / "index.html", DESKTOP)
    links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    files = [Path(urlsplit(link).path) for link in links if link.startswith("file:")]
    assert files
    assert all(file.exists() for file in files)
    page.context.close()


@pytest.fixture
def moved(project, press):
    """Return an edition in which a figure moved, a report failed and a sentence must be changed."""
    (project / "briefs").mkdir()
    (project / "briefs" / "a.md").write_text("---\ntitle: A\ndate: 2025-10-28\n---\n\nIt was [5 %]{fig=one-share}.\n")
    path = project / "notebooks" / "nightly.toml"
    path.write_text('briefs = ["briefs/*.md"]\n' + path.read_text())
    press.figures = {"one-share": 5}
    nightly.run(date(2025, 10, 28))
    press.figures = {"one-share": 6}
    press.fails["two"] = ReportFailed("two broke " + "very-" * 60, remedy="Mend it")
    for name in ("one", "two"):
        notebook = project / "notebooks" / f"{name}.ipynb"
        notebook.write_text(notebook.read_text().replace("A question?", "Another?"))
    return nightly.run(date(2025, 10, 29)).folder


def test_the_index_is_searched_by_words_and_status(browser, moved):
    page, asked = visit(browser, moved / "index.html", PHONE)
    said = []
    page.on("console", lambda message: said.append(message.text))
    shown = "all => all.filter(e => e.checkVisibility()).map(e => e.id)"
    assert page.eval_on_selector_all(".found", shown) == ["one", "two", "briefs/a.md"]
    page.fill("#words", "REPORT twó")
    assert page.eval_on_selector_all(".found", shown) == ["two"]
    assert page.inner_text("#hits") == "1 of 3"
    page.fill("#words", "")
    page.select_option("#status", "failed")
    assert page.eval_on_selector_all(".found", shown) == ["two", "briefs/a.md"]
    page.get_by_role("link", name="1 sentence to change").click()
    assert page.inner_text("h1") == "What moved"
    assert (asked, said) == ([], [])
    page.context.close()


def test_the_index_needs_no_script_and_its_history_has_words(browser, moved):
    page, _ = visit(browser, moved / "index.html", DESKTOP | {"java_script_enabled": False})
    assert page.locator(".found").count() == 3
    assert not page.locator("#search").is_visible()
    assert page.get_by_role("img", name="The last 2 editions: 2025-10-28 new, 2025-10-29 failed").count() == 2
    page.context.close()


@pytest.mark.parametrize("name", ["index.html", "changes.html"])
def test_the_pages_of_a_bad_night_fit_a_phone_and_a_sheet_of_paper(browser, moved, name):
    page, _ = visit(browser, moved / name, PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
    page.emulate_media(media="print")
    assert not page.locator("#search").is_visible()
    page.context.close()


@pytest.fixture
def lab(tmp_path):
    """Start JupyterLab on a copy of the project, with settings of its own; end it by its process."""
    for name in ("notebooks", "data", "seeds"):
        shutil.copytree(ROOT / name, tmp_path / name)
    folders = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    own = {"IPYTHONDIR": str(tmp_path / "ipython"), "TOOLKIT_HOME": str(tmp_path), "JUPYTER_PREFER_ENV_PATH": "1"}
    flags = ["--no-browser", "--allow-root", "--ServerApp.port=0", f"--ServerApp.root_dir={tmp_path}",
             "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
             "--LabApp.extension_manager=readonly", "--IdentityProvider.token=lab"]  # fmt: skip
    with (tmp_path / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *flags],
            cwd=tmp_path, env=os.environ | folders | own, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield wait_for(tmp_path / "RUNTIME", server)
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(runtime, server):
    for _ in range(START_TRIES):
        found = list(runtime.glob("jpserver-*.json"))
        if found and found[0].stat().st_size:
            return json.loads(found[0].read_text())["url"]
        assert server.poll() is None, "JupyterLab ended before it was ready"
        time.sleep(TRY_SECONDS)
    raise AssertionError("JupyterLab did not start")


def test_a_notebook_runs_in_jupyterlab(browser, lab):
    page = browser.new_context(viewport={"width": 1400, "height": 6000}).new_page()
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    page.goto(f"{lab}lab/tree/notebooks/deal_brief.ipynb?token=lab")
    page.get_by_text("| Idle").first.wait_for(timeout=RUN_MS)  # the toolbar says idle before there is a kernel
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    cells = page.locator(".jp-CodeCell")
    page.wait_for_function(
        "() => { const all = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];"
        " return all.length && all.every(p => /\\[\\d+\\]/.test(p.textContent)); }",
        timeout=RUN_MS,
    )
    assert cells.count() > 0
    assert page.locator('.jp-RenderedText[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    assert page.locator("figure.chart img").count() > 0
    assert page.locator(".figure-card").count() > 0
    assert hosts <= {"localhost", "127.0.0.1", None, ""}, hosts
    page.context.close()
