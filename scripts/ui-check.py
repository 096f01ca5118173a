#!/usr/bin/env python3
"""Looks at the status page as a person with a browser does, and takes pictures of it.

Drives a headless Chromium through its debugging pipe. Fails, with a sentence, where something on the
page is not as it should be: scripts that break, requests to anyone else, text that is hard to read,
content wider than the screen, a page that does not follow what happens or loses the focus meanwhile.

  scripts/ui-check.py --url http://127.0.0.1:8080/ui/ --kubeconfig FILE --out FOLDER
"""

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

WAIT = 60.0


class Failure(Exception):
    pass


def browser_program():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    return None


class Browser:
    """A Chromium and one page in it."""

    def __init__(self, program, folder):
        to_browser, ours_out = os.pipe()
        ours_in, from_browser = os.pipe()

        def pipes():
            # The browser reads commands from 3 and writes answers to 4.
            a, b = os.dup(to_browser), os.dup(from_browser)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [
                program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox",
                "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update",
                "--disable-extensions", "--hide-scrollbars", "--force-color-profile=srgb",
                "--user-data-dir=" + folder, "about:blank",
            ],
            preexec_fn=pipes, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.out, self.source = ours_out, ours_in
        self.buffer = b""
        self.number = 0
        self.session = None
        self.requests, self.errors = [], []
        self.forgives = False
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call(
            "Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.next()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise Failure("%s: %s" % (method, answer["error"]))
                return answer["result"]

    def next(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.source, 1 << 16)
            if not piece:
                raise Failure("the browser ended")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        event = json.loads(message)
        self.note(event)
        return event

    def note(self, event):
        method, details = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(details["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(details["exceptionDetails"].get("text", "an exception"))
        elif method == "Log.entryAdded" and details["entry"]["level"] == "error":
            if not self.forgives:
                self.errors.append(details["entry"]["text"])

    def value(self, expression):
        result = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise Failure("%s: %s" % (expression, result["exceptionDetails"]))
        return result["result"].get("value")

    def until(self, what, expression):
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            if self.value(expression):
                return
            time.sleep(0.1)
        raise Failure("not within %d s: %s\n%s" % (
            WAIT, what, self.value("document.body.innerText")))

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.until("the page " + url,
                   "document.readyState === 'complete' && location.href === %s" % json.dumps(url))

    def screen(self, width, height, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=mobile)

    def scheme(self, name):
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": name}])

    def picture(self, path, whole=False):
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def close(self):
        try:
            session, self.session = self.session, None
            self.call("Browser.close")
        except (Failure, OSError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


# Every piece of text whose colour stands out too little from what is behind it (WCAG 2, level AA).
CONTRAST = """
(function () {
  function channels(text) {
    var m = text.match(/[\\d.]+/g).map(Number);
    return text.indexOf("color(srgb") === 0
      ? [m[0] * 255, m[1] * 255, m[2] * 255, m.length > 3 ? m[3] : 1]
      : [m[0], m[1], m[2], m.length > 3 ? m[3] : 1];
  }
  function light(c) {
    var l = c.slice(0, 3).map(function (v) {
      v /= 255;
      return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2];
  }
  function behind(node) {
    for (var at = node; at; at = at.parentElement) {
      var c = channels(getComputedStyle(at).backgroundColor);
      if (c[3] > 0.99) { return c; }
    }
    return [255, 255, 255, 1];
  }
  var bad = [];
  document.querySelectorAll("body *").forEach(function (node) {
    var own = Array.from(node.childNodes).some(function (c) {
      return c.nodeType === 3 && c.nodeValue.trim();
    });
    var box = node.getBoundingClientRect();
    if (!own || box.width < 2 || box.height < 2 || box.right < 0) { return; }
    var style = getComputedStyle(node), back = behind(node), fore = channels(style.color);
    var alpha = fore[3] * Number(style.opacity);
    var mixed = [0, 1, 2].map(function (i) { return fore[i] * alpha + back[i] * (1 - alpha); });
    var a = light(mixed), b = light(back);
    var ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) {
      bad.push(node.tagName + "." + node.className + " '" + node.textContent.slice(0, 30) +
        "' " + ratio.toFixed(2));
    }
  });
  return bad.slice(0, 10);
})()
"""

# Parts that a screen reader could not name.
UNNAMED = """
(function () {
  var bad = [];
  function check(selector, named) {
    document.querySelectorAll(selector).forEach(function (node) {
      if (!named(node)) { bad.push(node.outerHTML.slice(0, 120)); }
    });
  }
  function label(node) { return node.getAttribute("aria-label"); }
  check("table", function (n) { return n.caption && n.caption.textContent.trim(); });
  check("svg[role=img], progress", label);
  check("section", function (n) {
    return document.getElementById(n.getAttribute("aria-labelledby"));
  });
  check("a, button", function (n) { return n.textContent.trim() || label(n); });
  if (document.querySelectorAll("h1").length !== 1) { bad.push("not exactly one h1"); }
  if (!document.documentElement.lang) { bad.push("no language"); }
  return bad.slice(0, 10);
})()
"""

TASK = """
apiVersion: swiftlet.dev/v1alpha1
kind: BackgroundTask
metadata: {name: %s, namespace: default}
spec:
  poolRef: {name: qa}
  type: %s
  priority: %d
  command: ["sh", "-c", "n=0; while [ $n -lt 100 ]; do n=$((n+4)); \
echo \\"$n %s\\" >>\\"$SWIFTLET_PROGRESS\\"; sleep 1; done"]
---
"""


def check_look(page, name, out, width, height, mobile=False):
    page.screen(width, height, mobile)
    time.sleep(0.3)
    wide = page.value("document.documentElement.scrollWidth")
    page.picture(os.path.join(out, name + ".png"))
    if wide > width:
        raise Failure("%s: the content is %d wide, the screen %d" % (name, wide, width))
    for what, script in (("hard to read", CONTRAST), ("without a name", UNNAMED)):
        found = page.value(script)
        if found:
            raise Failure("%s: %s: %s" % (name, what, "; ".join(found)))
    print("looked at %s" % name)


def walk(page, options):
    out, url = options.out, options.url
    page.scheme("light")
    page.screen(1280, 900)
    page.open(url)
    page.until("two pools are shown",
               "document.querySelectorAll('#pools tbody tr').length >= 1")
    page.value("document.querySelector('#pools tbody a').focus()")
    focused = page.value("document.activeElement.href")
    wanted = ["nightly-index", "weekly-report", "link-check", "licence-scan", "spell-check"]
    tasks = "".join(
        TASK % (name, kind, priority, words)
        for (name, kind, priority, words) in [
            ("nightly-index", "regression", 10, "indexing"),
            ("weekly-report", "general", 5, "collecting figures"),
            ("link-check", "general", 0, "checking links"),
            ("licence-scan", "multi_layer", 0, "scanning"),
            ("spell-check", "general", -5, "reading"),
            ("image-scan", "general", -10, "scanning"),
            ("dead-code", "general", -20, "reading"),
            ("changelog", "general", -30, "writing"),
        ])
    subprocess.run(
        ["kubectl", "--kubeconfig", options.kubeconfig, "apply", "-f", "-"],
        input=tasks.encode(), check=True, stdout=subprocess.DEVNULL)
    # Nobody reloads the page: it has to find out by itself.
    for name in wanted[:2]:
        page.until("%s is shown while it runs" % name,
                   "document.querySelector('#running').innerText.includes('%s')" % name)
    page.until("what waits is shown",
               "document.querySelectorAll('#waiting tbody tr').length >= 1")
    page.until("the progress of %s is shown" % wanted[0],
               "Array.from(document.querySelectorAll('#running progress')).some("
               "function (p) { return p.value >= 20; })")
    if page.value("document.activeElement.href") != focused:
        raise Failure("the focus was lost when the page was brought up to date")
    page.value("document.activeElement.blur()")
    check_look(page, "overview", out, 1280, 900)
    page.scheme("dark")
    check_look(page, "overview-dark", out, 1280, 900)
    check_look(page, "phone-dark", out, 390, 844, mobile=True)
    page.scheme("light")
    check_look(page, "phone", out, 390, 844, mobile=True)
    page.screen(390, 844, True)
    page.picture(os.path.join(out, "phone-whole.png"), whole=True)
    page.screen(1280, 900)

    page.value("document.getElementById('pause').click()")
    if page.value("document.getElementById('pause').textContent") != "Resume":
        raise Failure("the button does not pause")
    page.value("document.getElementById('pause').click()")

    page.forgives = True
    offline = {"latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    page.call("Network.emulateNetworkConditions", offline=True, **offline)
    page.until("a lost operator is told", "document.getElementById('connection').textContent")
    online = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.call("Network.emulateNetworkConditions", offline=False, **online)
    page.until("a found operator is told",
               "!document.getElementById('connection').textContent")
    page.forgives = False

    page.open(url + "task?name=default/flaky")
    page.until("the story of a task", "document.querySelectorAll('.story li').length >= 4")
    check_look(page, "task", out, 1280, 900)
    check_look(page, "task-phone", out, 390, 844, mobile=True)
    page.screen(1280, 900)
    page.open(url + "pool?name=default/qa")
    page.until("the pool", "document.querySelector('h1').innerText.includes('qa')")
    check_look(page, "pool", out, 1280, 900)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--kubeconfig", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    program = browser_program()
    if not program:
        print("ui-check: there is no chromium; make ui-test installs one", file=sys.stderr)
        return 3
    os.makedirs(options.out, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="ui-check-")
    page = Browser(program, folder)
    try:
        walk(page, options)
        foreign = [u for u in page.requests if not u.startswith((options.url, "about:", "data:"))]
        if foreign:
            raise Failure("requests to others: %s" % ", ".join(sorted(set(foreign))[:5]))
        if page.errors:
            raise Failure("errors of the page: %s" % "; ".join(page.errors[:5]))
    except Failure as failure:
        page.picture(os.path.join(options.out, "failure.png"))
        print("ui-check: %s" % failure, file=sys.stderr)
        return 1
    finally:
        page.close()
        shutil.rmtree(folder, ignore_errors=True)
    print("ui-check: all is well; pictures are in %s" % options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
