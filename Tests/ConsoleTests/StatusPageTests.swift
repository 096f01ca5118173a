import Console
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// What stands on the status page, and what never does.
struct StatusPageTests {
    private func page(
        _ view: ClusterView, ended: [BackgroundTask] = [], standing: Standing = .leads
    ) -> StatusPage {
        var tasks = EndedTasks()
        tasks.take(ended.map { .added($0) })
        return StatusPage(
            .init(view: view, ended: tasks, standing: standing, time: Samples.now))
    }

    private let small = Samples.view([
        Samples.pool(),
        Samples.task("count", .running) {
            $0.status.progress = .init(percent: 25, message: "a quarter")
        },
        Samples.task("next") { $0.status.queue = .init(position: 1) },
        Samples.task("later", .blocked) { $0.status.reason = "WaitingForDependencies" },
    ])

    @Test func `the overview shows pools, agents, what runs, what waits and what ended`() {
        let ended = Samples.task("broken", .failed) {
            $0.status.failure = .init(
                class: .application, reason: "ExitCode", message: "it ended with 7")
        }
        let body = page(small, ended: [ended]).reply(.overview).body
        for text in [
            "<td role=\"cell\" data-label=\"Pool\"><a href=\"pool?name=default/qa\">qa</a>",
            "1 busy and 1 idle of 2 wanted", "task?name=default/count", "a quarter",
            "<progress max=\"100\" value=\"25\"", "WaitingForDependencies",
            "task?name=default/next",
            "task?name=default/broken", "it ended with 7", "Leads", "qa-0",
        ] {
            #expect(body.contains(text), "\(text)")
        }
    }

    @Test func `an agent with a lease is shown as busy, whatever the older status says`() throws {
        let overview = ClusterOverview(of: small, at: Samples.now)
        #expect(overview.agents.shown.map(\.state) == [.busy, .idle])
        let first = try #require(overview.agents.shown.first)
        #expect(first.tasks.map(\.name) == ["count"])
    }

    @Test func `a pool's page shows that pool alone`() {
        let view = Samples.view([
            Samples.pool(), Samples.pool("other"), Samples.task("a", .running),
            Samples.task("b", pool: "other", .running),
        ])
        let reply = page(view).reply(.pool(Key(namespace: "default", name: "other")))
        #expect(reply.status == 200)
        #expect(reply.body.contains("task?name=default/b"))
        #expect(!reply.body.contains("task?name=default/a"))
    }

    @Test func `a task's story names its attempts, its reasons and what would move it on`() {
        let task = Samples.task("flaky", .failed) {
            $0.status.message = "retries are used up"
            $0.status.attempts = [
                .init(
                    number: 1, agent: .init(name: "qa-1", uid: UID("u"), node: "node-a"),
                    startTime: Samples.now - .seconds(90),
                    completionTime: Samples.now - .seconds(60), outcome: .failed,
                    failure: .init(
                        class: .application, reason: "ExitCode", exitCode: 7, message: "bad luck"))
            ]
        }
        let body = page(Samples.view([Samples.pool(), task])).reply(
            .task(task.key)
        ).body
        for text in [
            "retries are used up", "Attempt 1 began on qa-1", "exit code 7: bad luck", "node-a",
            "<b>Next:</b> swiftlet redrive task/flaky submits it again",
            "kubectl describe bt/flaky -n default",
        ] {
            #expect(body.contains(text), "\(text)")
        }
    }

    @Test func `what is not there is answered with 404`() {
        let page = page(small)
        let none = Key<BackgroundTask>(namespace: "default", name: "none")
        #expect(page.reply(.task(none)).status == 404)
        #expect(page.reply(.pool(Key(namespace: "default", name: "none"))).status == 404)
        #expect(StatusPage.missing.status == 404)
    }

    @Test(
        arguments: [
            ("", nil, true), ("pool", "default/qa", true), ("task", "default/qa", true),
            ("page.css", nil, true), ("page.js", nil, true), ("icon.svg", nil, true),
            ("pool", nil, false), ("task", "qa", false), ("task", "a/b/c", false),
            ("task", "/b", false), ("../etc/passwd", nil, false), ("metrics", nil, false),
            ("task", String(repeating: "x", count: 700) + "/b", false),
        ] as [(String, String?, Bool)])
    func `paths name documents or nothing`(path: String, name: String?, isThere: Bool) {
        #expect((StatusPage.Document(path: path, name: name) != nil) == isThere)
    }

    @Test func `who leads is said`() {
        func body(_ standing: Standing) -> String {
            page(small, standing: standing).reply(.overview).body
        }
        #expect(body(.leads).contains("Leads"))
        #expect(body(.follows(leader: "swiftlet-operator-x")).contains("swiftlet-operator-x leads"))
        #expect(body(.follows(leader: nil)).contains("no leader is known yet"))
    }

    @Test func `a picture that is not whole says so`() {
        #expect(page(ClusterView()).reply(.overview).body.contains("has not read everything yet"))
        #expect(!page(small).reply(.overview).body.contains("has not read everything yet"))
    }

    @Test func `inputs, environments, results and logs are never shown`() {
        let secret = "hunter2"
        let tasks = [TaskPhase.running, .queued, .failed, .succeeded].map { phase in
            Samples.task("t-" + phase.rawValue.lowercased(), phase) {
                $0.spec.input = ["password": .string(secret)]
                $0.spec.env = [.init(name: "TOKEN", source: .value(secret))]
                $0.spec.command = ["sh", "-c", "echo " + secret]
                $0.spec.args = [secret]
                $0.status.result = .string(secret)
                $0.status.failure = .init(
                    class: .application, reason: "ExitCode", message: "failed", logTail: secret)
            }
        }
        let page = page(Samples.view([Samples.pool()] + tasks), ended: tasks)
        #expect(!page.reply(.overview).body.contains(secret))
        for task in tasks { #expect(!page.reply(.task(task.key)).body.contains(secret)) }
    }

    @Test func `nothing of an object is ever markup`() {
        let evil =
            "</script><script>alert(1)</script>\"'`\u{202E}\u{1b}[2J\u{0}<img src=x onerror=y>"
        let task = Samples.task("t", .running) {
            $0.metadata.name = evil
            $0.metadata.namespace = evil
            $0.spec.type = evil
            $0.status.reason = evil
            $0.status.message = evil
            $0.status.progress = .init(percent: 900, message: evil)
            $0.status.agent = .init(name: evil, uid: UID("u"), node: evil)
            $0.status.pool = .init(name: evil, namespace: evil)
            $0.status.queue = .init(position: 1, blockedBy: [evil])
            $0.spec.dependsOn = [.init(name: evil)]
            $0.status.strategy = .init(reason: evil)
            $0.status.conditions.set(
                evil, .yes, reason: evil, message: evil, at: Samples.now, generation: 1)
            $0.status.attempts = [
                .init(
                    number: 1, agent: .init(name: evil, uid: UID("u"), node: evil),
                    startTime: nil, completionTime: Samples.now, outcome: .failed,
                    failure: .init(class: .application, reason: evil, message: evil))
            ]
        }
        let pool = Samples.pool("p") {
            $0.metadata.name = evil
            $0.metadata.namespace = evil
            $0.status.tenant = evil
            $0.status.agents = [
                .init(name: evil, state: .failed, health: evil, tasks: 1, cpu: evil, memory: evil)
            ]
            $0.status.conditions.set(
                "Degraded", .yes, reason: evil, message: evil, at: Samples.now, generation: 1)
        }
        let page = page(
            Samples.view([pool, task]), ended: [task], standing: .follows(leader: evil))
        let bodies = [
            page.reply(.overview), page.reply(.task(task.key)), page.reply(.pool(pool.key)),
        ].map(\.body)
        for body in bodies {
            // The page's own script is the only one, and it is a file.
            #expect(body.components(of: "<script") == 2, "one script")
            #expect(!body.contains("<img") && !body.contains("\u{202E}"))
            #expect(!body.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
            #expect(body.contains("&lt;script&gt;"))
            #expect(!body.contains("alert(1)</script>"))
        }
    }

    @Test func `a hundred thousand tasks make a page of bounded size`() {
        let tasks = (0..<100_000).map { index in
            Samples.task("task-\(index)", [.queued, .succeeded, .failed, .blocked][index % 4])
        }
        let pools = (0..<200).map { Samples.pool("pool-\($0)", agents: 100) }
        var ended = EndedTasks()
        ended.take(tasks.map { .added($0) })
        let view = Samples.view(pools + [Samples.pool()], tasks: tasks)
        let reply = StatusPage(
            .init(view: view, ended: ended, standing: .leads, time: Samples.now)
        ).reply(.overview)
        #expect(reply.body.utf8.count < 250_000, "\(reply.body.utf8.count) bytes")
        #expect(reply.body.contains("and 151 more"))
        #expect(ended.latest().count == 30)
        let overview = ClusterOverview(of: view, at: Samples.now)
        #expect(overview.waiting.total == 50_000 && overview.waiting.shown.count == 50)
        #expect(overview.count(.queued) == 25_000 && overview.tasks == 100_000)
    }

    @Test func `nothing but the page's own files may run, and no other page may show it`() {
        let page = page(small)
        for document in [StatusPage.Document.overview, .file(.script), .file(.style)] {
            let fields = Dictionary(
                page.reply(document).fields.map { ($0.name, $0.value) }
            ) { first, _ in first }
            let policy = fields["Content-Security-Policy"] ?? ""
            #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(fields["X-Content-Type-Options"] == "nosniff")
        }
        let body = page.reply(.overview).body
        #expect(!body.contains(" style=") && !body.contains(" onclick"))
        let elsewhere = body.replacing("xmlns=\"http://www.w3.org/2000/svg\"", with: "")
        #expect(!elsewhere.contains("http:") && !elsewhere.contains("//www"))
        #expect(page.reply(.overview).fields.contains { $0 == ("Cache-Control", "no-store") })
    }
}

extension String {
    /// How many pieces `mark` cuts this into.
    fileprivate func components(of mark: String) -> Int {
        var count = 1
        var rest = self[...]
        while let range = rest.firstRange(of: mark) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
