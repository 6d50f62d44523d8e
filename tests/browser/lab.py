"""A real JupyterLab in a folder, and a notebook in it as a learner drives it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.selectors import (
    CODE_CELL,
    EDITOR,
    KERNEL_IS_READY,
    MENU,
    MENU_ENTRY,
    NUMBER,
    OUTPUT,
    PROMPT,
    THEME_OF_BODY,
    WAITING,
)

# Seconds: a hang must end some day, and nothing is said about speed.
PATIENCE_WITH_PAGES, PATIENCE_WITH_RUNS = 90.0, 900.0
MILLISECONDS = 1000
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
QUIET = {"fetchNews": "false", "checkForUpdates": False}


@contextmanager
def serving(
    notebooks: Path, home: Path, environment: Mapping[str, str] = os.environ
) -> Iterator[str]:
    """Run JupyterLab on a folder; yield its address.

    All that is its own it keeps in `home`, so that no setting of this machine's user counts.
    """
    settings = home / "config/lab/user-settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(QUIET))
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "MPLCONFIGDIR": "matplotlib",
    }
    own = {name: str(home / folder) for name, folder in folders.items()}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1",
        f"--port={_free_port()}", "--IdentityProvider.token=", "--ServerApp.allow_root=True",
        f"--ServerApp.root_dir={notebooks}",
    ]  # fmt: skip
    with (
        (home / "log.txt").open("wb") as log,
        subprocess.Popen(
            command, cwd=notebooks, env={**environment, **own}, stdout=log, stderr=log
        ) as server,
    ):
        try:
            yield _address(server, home)
        finally:
            _end(server)


def pid_of_server(home: Path) -> int:
    """Tell which process serves what keeps all that is its own in `home`."""
    (said,) = (home / "runtime").glob("jpserver-*.json")
    return int(json.loads(said.read_text(encoding="utf-8"))["pid"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _address(server: subprocess.Popen[bytes], home: Path) -> str:
    """Wait for the file that a server writes once it listens; it may have taken another port."""
    said = home / "runtime" / f"jpserver-{server.pid}.json"
    end = time.monotonic() + PATIENCE_WITH_PAGES
    while server.poll() is None and time.monotonic() < end:
        if said.exists() and (text := said.read_text(encoding="utf-8")).endswith("}"):
            return str(json.loads(text)["url"])
        time.sleep(0.1)
    log = (home / "log.txt").read_text(encoding="utf-8", errors="replace")
    raise RuntimeError(f"JupyterLab did not start:\n{log[-3000:]}")


def _end(server: subprocess.Popen[bytes]) -> None:
    """Have the server end, and its kernels with it."""
    server.terminate()
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        server.kill()


def choose(page: Page, menu: str, *entries: str) -> None:
    """Choose from the menus."""
    page.locator(MENU).get_by_text(menu, exact=True).click()
    for entry in entries:
        page.locator(MENU_ENTRY).get_by_text(entry, exact=True).click()


def use_theme(page: Page, name: str) -> None:
    """Give JupyterLab another theme."""
    if page.locator("body").get_attribute(THEME_OF_BODY) != name:
        choose(page, "Settings", "Theme", name)
        expect(page.locator("body")).to_have_attribute(THEME_OF_BODY, name)


class Notebook:
    """An open notebook; a cell is meant by its id in the file."""

    def __init__(self, page: Page, lab: str, path: Path) -> None:
        """Open the notebook of this name in JupyterLab's folder; wait until its kernel is there."""
        self.page = page
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        self.code_cells = [cell["id"] for cell in cells if cell["cell_type"] == "code"]
        page.set_default_timeout(PATIENCE_WITH_PAGES * MILLISECONDS)
        expect.set_options(timeout=PATIENCE_WITH_PAGES * MILLISECONDS)
        page.goto(f"{lab}lab/tree/{path.name}?reset")
        page.locator(KERNEL_IS_READY).wait_for()
        expect(page.locator(CODE_CELL)).to_have_count(len(self.code_cells))

    def cell(self, name: str) -> Locator:
        """Find a code cell."""
        return self.page.locator(CODE_CELL).nth(self.code_cells.index(name))

    def said(self) -> dict[str, str]:
        """Read what stands below each code cell, also off the screen."""
        return {
            name: "\n".join(self.cell(name).locator(OUTPUT).all_text_contents())
            for name in self.code_cells
        }

    def write(self, name: str, source: str) -> None:
        """Put this in a cell, in place of what is there."""
        self.cell(name).locator(EDITOR).click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)

    def run(self, name: str) -> None:
        """Run one cell, and wait until it has a new number."""
        prompt = self.cell(name).locator(PROMPT)
        before = prompt.text_content() or ""
        self.cell(name).locator(EDITOR).click()
        self.page.keyboard.press("Control+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(NUMBER, timeout=PATIENCE_WITH_RUNS * MILLISECONDS)

    def run_all(self) -> None:
        """Run all cells by the menu, and wait until none waits any more."""
        waiting = self.page.locator(PROMPT, has_text=WAITING)
        choose(self.page, "Run", "Run All Cells")
        expect(waiting).not_to_have_count(0)
        expect(waiting).to_have_count(0, timeout=PATIENCE_WITH_RUNS * MILLISECONDS)

    def photograph(self, part: Locator, path: Path) -> None:
        """Take a picture of a part, once all has found its place.

        Cells are laid out when they come near the screen, which moves those below them.
        """
        place = None
        for _ in range(int(PATIENCE_WITH_PAGES)):
            part.scroll_into_view_if_needed()
            self.page.wait_for_timeout(0.5 * MILLISECONDS)
            before, place = place, part.bounding_box()
            if place == before:
                break
        part.screenshot(path=path)
