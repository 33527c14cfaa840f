"""A real browser for tests: Chromium, driven through chromedriver's own protocol with nothing but the standard library.

In: paths of pages. Out: `Browser` with the few commands that the tests need. Not here: what is tested.
"""

import base64
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
TAB, ENTER, SHIFT = "\ue004", "\ue007", "\ue008"


def installed() -> bool:
    return shutil.which("chromedriver") is not None and _chromium() is not None


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    def __init__(self, address: str, session: str) -> None:
        self.address = f"{address}/session/{session}"

    def open(self, page: Path) -> None:
        _post(f"{self.address}/url", {"url": page.resolve().as_uri()})

    def resize(self, width: int, height: int) -> None:
        """The size of the page itself, also below the least width of a window."""
        self.devtools("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def prefer(self, scheme: str) -> None:
        self.devtools("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def run(self, script: str, *arguments: Any) -> Any:
        return _post(f"{self.address}/execute/sync", {"script": script, "args": list(arguments)})

    def press(self, *keys: str) -> None:
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        _post(f"{self.address}/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def log(self, kind: str) -> list[dict[str, Any]]:
        """Entries since the last call. Kinds: "browser" (the console), "performance" (events of the network)."""
        found: list[dict[str, Any]] = _post(f"{self.address}/se/log", {"type": kind})
        return found

    def requests(self) -> list[str]:
        """Addresses that pages asked for since the last call."""
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"]

    def devtools(self, command: str, parameters: dict[str, Any]) -> Any:
        return _post(f"{self.address}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def screenshot(self, path: Path, top: int = 0, height: int | None = None) -> None:
        """The page from `top`, `height` pixels or all of it."""
        width, whole = self.run("return [innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": top, "width": width, "height": height or whole - top, "scale": 1}
        shot = self.devtools("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
        path.write_bytes(base64.b64decode(shot["data"]))

    def print_pdf(self, path: Path) -> None:
        made = self.devtools("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})
        path.write_bytes(base64.b64decode(made["data"]))


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A fresh browser whose profile lies in `profile`; ended with the block."""
    port = _free_port()
    driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address)
        options = {"args": [*FLAGS, f"--user-data-dir={profile}"], "binary": _chromium()}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        session = _post(f"{address}/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
        try:
            yield Browser(address, session)
        finally:
            _request("DELETE", f"{address}/session/{session}")
    finally:
        driver.terminate()
        driver.wait(10)


def _free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
        return port


def _wait(address: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            _request("GET", f"{address}/status")
            return
        except URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _post(address: str, body: dict[str, Any]) -> Any:
    return _request("POST", address, body)


def _request(method: str, address: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(address, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]
    except HTTPError as fault:
        raise AssertionError(f"the browser refused {method} {address}: {fault.read().decode()}") from fault
