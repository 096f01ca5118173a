public import ControlLoop
public import KubernetesCore
import Reconcilers
public import SwiftletAPI

/// The built-in status page: which document answers a request, and what stands in it. Read-only;
/// names, states and reasons, and never a task's input, environment, results or logs.
public struct StatusPage: Sendable {
    /// What the page is about.
    public struct Subject: Sendable {
        /// The picture of the cluster.
        public var view: ClusterView
        /// The tasks that ended last.
        public var ended: EndedTasks
        /// What this process is.
        public var standing: Standing
        /// When the picture was taken.
        public var time: Timestamp

        /// A subject by all its parts.
        public init(
            view: ClusterView, ended: EndedTasks, standing: Standing, time: Timestamp
        ) {
            self.view = view
            self.ended = ended
            self.standing = standing
            self.time = time
        }
    }

    /// The documents that there are.
    public enum Document: Hashable, Sendable {
        /// Everything at once.
        case overview
        /// One pool, by namespace and name.
        case pool(Key<BackgroundAgentPool>)
        /// One task's story, by namespace and name.
        case task(Key<BackgroundTask>)
        /// A file that never changes.
        case file(Asset)

        /// Which document is at `path` below the page's root, with the query's `name`; nil where
        /// there is none.
        public init?(path: String, name: String?) {
            switch path {
            case "": self = .overview
            case "pool":
                guard let key = Document.key(name) else { return nil }
                self = .pool(Key(namespace: key.0, name: key.1))
            case "task":
                guard let key = Document.key(name) else { return nil }
                self = .task(Key(namespace: key.0, name: key.1))
            default:
                guard let asset = Asset(rawValue: path) else { return nil }
                self = .file(asset)
            }
        }

        private static func key(_ name: String?) -> (String, String)? {
            guard let name, name.utf8.count <= 600 else { return nil }
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
            return (String(parts[0]), String(parts[1]))
        }

        /// Whether it is made from the picture, and so changes from moment to moment.
        public var isLive: Bool {
            if case .file = self { false } else { true }
        }
    }

    /// Files of the page.
    public enum Asset: String, Hashable, Sendable, CaseIterable {
        case style = "page.css"
        case script = "page.js"
        case icon = "icon.svg"
    }

    let subject: Subject

    /// A page about `subject`.
    public init(_ subject: Subject) { self.subject = subject }

    /// What is answered where there is no such document.
    public static let missing = PageReply(
        status: 404, type: "text/plain; charset=utf-8",
        body: "There is no such page. The status page is at /ui/\n")

    /// A file of the page.
    public static func reply(_ asset: Asset) -> PageReply {
        switch asset {
        case .style:
            PageReply(
                status: 200, type: "text/css; charset=utf-8", body: StatusPageStyle.text,
                keepSeconds: 60)
        case .script:
            PageReply(
                status: 200, type: "text/javascript; charset=utf-8",
                body: StatusPageScript.text, keepSeconds: 60)
        case .icon:
            PageReply(
                status: 200, type: "image/svg+xml", body: StatusPage.icon.source, keepSeconds: 60)
        }
    }

    /// The document, whole.
    public func reply(_ document: Document) -> PageReply {
        switch document {
        case .file(let asset): StatusPage.reply(asset)
        case .overview:
            page(
                title: "Overview",
                overview(
                    ClusterOverview(
                        of: subject.view, ended: subject.ended.latest(), at: subject.time)))
        case .pool(let key): pool(key)
        case .task(let key): task(key)
        }
    }

    /// Our sign: three agents in a row, one at work.
    static let icon: HTML = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">\
        <rect width="32" height="32" rx="7" fill="#0f766e"/>\
        <path d="M5 9c6 1 9 4 11 8 2-4 5-7 11-8-2 8-5 13-11 15C10 22 7 17 5 9z" fill="#fff"/></svg>
        """

    // MARK: - The frame

    /// A whole document around `main`.
    func page(title: String, status: Int = 200, _ main: HTML) -> PageReply {
        let document: HTML = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">\
            <meta name="viewport" content="width=device-width, initial-scale=1">\
            <meta name="color-scheme" content="light dark">\
            <title>\(title) · Swiftlet</title>\
            <link rel="icon" href="icon.svg" type="image/svg+xml">\
            <link rel="stylesheet" href="page.css"><script src="page.js" defer></script></head>
            <body><a class="skip" href="#main">Skip to the content</a>
            <header class="top"><div class="wrap">\
            <a class="brand" href="./">\(StatusPage.icon)<span>Swiftlet</span></a>\
            <div id="standing">\(standing)</div>\
            <div class="clock"><span id="time">As of \(clock(subject.time)) UTC</span>\
            <button id="pause" type="button" hidden>Pause</button></div></div></header>
            <p id="connection" role="status" class="wrap"></p>
            <main id="main" class="wrap">
            \(main)
            </main>
            <footer class="wrap"><p>Swiftlet \(SwiftletVersion.current). Read-only: names, states \
            and reasons; no inputs, results or logs. \
            <noscript>Reload the page to see what is new.</noscript></p></footer>
            </body></html>

            """
        return PageReply(status: status, type: "text/html; charset=utf-8", body: document.source)
    }

    private var standing: HTML {
        switch subject.standing {
        case .leads:
            pill("ok", "Leads", title: "This process decides and writes.")
        case .follows(let leader?):
            """
            \(pill("idle", "Follows", title: "This process stands by.")) \
            <span class="quiet">\(leader) leads</span>
            """
        case .follows(nil):
            """
            \(pill("wait", "Follows", title: "This process stands by.")) \
            <span class="quiet">no leader is known yet</span>
            """
        case .looksOn: ""
        }
    }

    /// The time of day, to the second.
    func clock(_ time: Timestamp) -> String {
        String(time.description.dropFirst(11).prefix(8))
    }
}
