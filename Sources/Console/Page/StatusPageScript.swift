/// What keeps the page up to date: fetches the same document again and changes only what differs,
/// so that focus, selection and scrolling stay where they are. Without it the page is whole, too.
enum StatusPageScript {
    static let text = #"""
        "use strict";
        (function () {
          var every = 2000, slow = 10000, limit = 8000;
          var timer = 0, paused = false, busy = false;
          var button = document.getElementById("pause");
          var connection = document.getElementById("connection");

          function keyOf(node) {
            return node.nodeType === 1 ? node.getAttribute("data-key") : null;
          }

          function attributes(old, next) {
            Array.from(old.attributes).forEach(function (a) {
              if (!next.hasAttribute(a.name)) { old.removeAttribute(a.name); }
            });
            Array.from(next.attributes).forEach(function (a) {
              if (old.getAttribute(a.name) !== a.value) { old.setAttribute(a.name, a.value); }
            });
          }

          function morph(old, next) {
            if (old.nodeType !== 1) {
              if (old.nodeValue !== next.nodeValue) { old.nodeValue = next.nodeValue; }
              return;
            }
            if (old.isEqualNode(next)) { return; }
            attributes(old, next);
            var keyed = new Map();
            Array.from(old.childNodes).forEach(function (child) {
              var key = keyOf(child);
              if (key !== null) { keyed.set(key, child); }
            });
            var at = old.firstChild;
            Array.from(next.childNodes).forEach(function (child) {
              var key = keyOf(child);
              var match = key === null ? null : keyed.get(key);
              if (key === null) {
                while (at && keyOf(at) !== null && at.nodeType === 1 && !wanted(next, at)) {
                  var dead = at;
                  at = at.nextSibling;
                  old.removeChild(dead);
                }
                if (at && keyOf(at) === null && at.nodeName === child.nodeName) { match = at; }
              }
              if (match && match.nodeName === child.nodeName) {
                if (match === at) { at = at.nextSibling; } else { old.insertBefore(match, at); }
                morph(match, child);
              } else {
                old.insertBefore(document.importNode(child, true), at);
              }
            });
            while (at) {
              var rest = at;
              at = at.nextSibling;
              old.removeChild(rest);
            }
          }

          function wanted(next, node) {
            var key = keyOf(node);
            return Array.from(next.children).some(function (c) { return keyOf(c) === key; });
          }

          function show(text) {
            var next = new DOMParser().parseFromString(text, "text/html");
            var focused = document.activeElement;
            ["standing", "time", "main"].forEach(function (id) {
              var from = document.getElementById(id), to = next.getElementById(id);
              if (from && to) { morph(from, to); }
            });
            if (focused && focused !== document.activeElement && document.contains(focused)) {
              focused.focus({ preventScroll: true });
            }
          }

          function say(text) {
            if (connection.textContent !== text) { connection.textContent = text; }
          }

          function later(delay) {
            clearTimeout(timer);
            if (!paused) { timer = setTimeout(look, delay); }
          }

          function look() {
            if (busy || paused) { return; }
            if (document.hidden) { later(every); return; }
            busy = true;
            var control = new AbortController();
            var giveUp = setTimeout(function () { control.abort(); }, limit);
            fetch(location.href, { cache: "no-store", signal: control.signal })
              .then(function (answer) {
                if (answer.status !== 200 && answer.status !== 404) {
                  throw new Error("status " + answer.status);
                }
                return answer.text();
              })
              .then(function (text) { show(text); say(""); return every; })
              .catch(function () {
                say("The operator does not answer. What is shown is what it said last.");
                return slow;
              })
              .then(function (delay) { clearTimeout(giveUp); busy = false; later(delay); });
          }

          button.hidden = false;
          button.addEventListener("click", function () {
            paused = !paused;
            button.textContent = paused ? "Resume" : "Pause";
            if (paused) { clearTimeout(timer); } else { look(); }
          });
          document.addEventListener("visibilitychange", function () {
            if (!document.hidden) { look(); }
          });
          later(every);
        })();

        """#
}
