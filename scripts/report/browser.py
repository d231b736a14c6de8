"""A headless Chromium, driven through its DevTools pipe; nothing but Python itself is needed."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


def program():
    """The browser's path; None where none is installed."""
    return next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)


class Browser:
    """One page. To be used in a `with` statement."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="gradcam-browser-")
        ours_read, theirs_write = os.pipe()
        theirs_read, ours_write = os.pipe()
        # The browser reads what it is to do from descriptor 3 and answers on 4.
        shell = ["bash", "-c", 'read=$1 write=$2; shift 2; exec "$@" 3<&"$read" 4>&"$write"', "bash"]
        flags = ["--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
                 "--disable-dev-shm-usage", "--force-color-profile=srgb", f"--user-data-dir={self.folder}"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")
        self.process = subprocess.Popen(
            shell + [str(theirs_read), str(theirs_write), program(), *flags, "about:blank"],
            pass_fds=[theirs_read, theirs_write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_read)
        os.close(theirs_write)
        self.read, self.write, self.rest, self.number, self.session = ours_read, ours_write, b"", 0, None
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.write)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.read)
        shutil.rmtree(self.folder, ignore_errors=True)

    def message(self, seconds):
        """The next message of the browser; None where none comes in time."""
        end = time.monotonic() + seconds
        while b"\0" not in self.rest:
            if not select.select([self.read], [], [], max(end - time.monotonic(), 0))[0]:
                return None
            part = os.read(self.read, 1 << 20)
            if not part:
                raise RuntimeError("the browser ended")
            self.rest += part
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, seconds=60, **parameters):
        self.number += 1
        call = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            call["sessionId"] = self.session
        os.write(self.write, json.dumps(call).encode() + b"\0")
        while True:
            message = self.message(seconds)
            if message is None:
                raise RuntimeError(f"{method} took more than {seconds} s")
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def evaluate(self, script):
        """The value of an expression; promises are waited for."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def open(self, path, seconds=120):
        """Opens a file, and waits until it is read."""
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        end = time.monotonic() + seconds
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            message = self.message(end - time.monotonic())
            if message is None:
                raise RuntimeError(f"{path} took more than {seconds} s")
            self.events.append(message)
        self.settle()

    def settle(self):
        """Waits until what is seen is drawn."""
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 150)))")

    def look(self, width, height, scheme="light", phone=False):
        """Sets the window, and whether the user likes it dark."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=2 if phone else 1, mobile=phone)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.settle()

    def key(self, key, modifiers=0):
        codes = {"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9,
                 "End": 35, "Home": 36}
        text = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
        for kind in ["keyDown", "keyUp"]:
            self.call("Input.dispatchKeyEvent", type=kind, key=key, modifiers=modifiers,
                      windowsVirtualKeyCode=codes.get(key, 0), **(text if kind == "keyDown" else {}))
        self.settle()

    def point(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.settle()

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    @property
    def complaints(self):
        """Errors of scripts, what the page's policy refused, and what was asked of the network."""
        faults = []
        for event in self.events:
            parameters = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                details = parameters["exceptionDetails"]
                faults.append(details.get("exception", {}).get("description") or details["text"])
            if event.get("method") == "Log.entryAdded" and parameters["entry"]["level"] in ["error", "warning"]:
                faults.append(parameters["entry"]["text"])
            url = parameters.get("request", {}).get("url", "")
            if event.get("method") == "Network.requestWillBeSent" and not url.startswith(("file:", "data:", "about:")):
                faults.append("asked for " + url)
        return faults
