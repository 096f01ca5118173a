import KubernetesCore
import SwiftletAPI
import Testing

@testable import ModelContextProtocol

struct SubscriptionTests {
    private static let subscription = "io.modelcontextprotocol/subscriptionId"

    // MARK: - What is asked

    private func filter(
        _ notifications: JSONValue?, knowsTasks: Bool = true,
        _ edit: (inout MCPHead) -> Void = { _ in }
    ) -> Messages.Outcome {
        var params: JSONValue = [:]
        params["notifications"] = notifications
        var head = Messages.head("subscriptions/listen")
        edit(&head)
        return Messages.read(
            Messages.modern(
                "subscriptions/listen", params,
                capabilities: knowsTasks ? Messages.knowingTasks : [:]), head)
    }

    @Test(
        arguments: [
            ([:], []), (["taskIds": ["b", "a", "b"]], ["b", "a"]), (["taskIds": []], []),
            (["taskIds": .null, "toolsListChanged": .null], []),
            (["toolsListChanged": true, "promptsListChanged": false], []),
            (["resourceSubscriptions": ["file:///a"], "anything": [1, 2]], []),
        ] as [(JSONValue, [String])])
    func `a filter is read, and what it does not know is nothing to it`(
        notifications: JSONValue, tasks: [String]
    ) {
        #expect(filter(notifications).call == .listen(SubscriptionFilter(tasks: tasks)))
    }

    @Test(
        arguments: [
            nil, "all", [["taskIds": []]], ["taskIds": "a"], ["taskIds": [1]],
            ["taskIds": ["a", .null]], ["toolsListChanged": "yes"],
            ["resourceSubscriptions": "file:///a"], ["resourceSubscriptions": [7]],
            ["taskIds": .strings((0...64).map { "t\($0)" })],
            ["taskIds": [.string(String(repeating: "a", count: 513))]],
        ] as [JSONValue?])
    func `a filter that is none is refused`(notifications: JSONValue?) {
        #expect(filter(notifications) == .fault(-32_602, status: 400, id: 1))
    }

    @Test func `as many tasks as one subscription may have are taken`() {
        let names = (0..<64).map { "t\($0)" }
        let twice = JSONValue.strings(names + names)
        #expect(
            filter(["taskIds": twice]).call == .listen(SubscriptionFilter(tasks: names)))
    }

    @Test func `listening to tasks is for clients that say they know them`() {
        let asked: JSONValue = ["taskIds": ["a/b/c"]]
        #expect(filter(asked, knowsTasks: false) == .fault(-32_021, status: 400, id: 1))
        #expect(filter(["taskIds": []], knowsTasks: false).code == -32_021)
        let none = filter(["toolsListChanged": true], knowsTasks: false)
        #expect(none.call == .listen(SubscriptionFilter(tasks: [])))
    }

    @Test func `an answer that stays open is for clients that take events`() {
        for accept in ["application/json", "application/*"] {
            #expect(filter([:]) { $0.accept = accept }.status == 406)
        }
        for accept in ["application/json, text/event-stream", "*/*", nil] {
            #expect(filter([:]) { $0.accept = accept }.call != nil)
        }
    }

    @Test func `older clients know no subscriptions`() {
        let body = Messages.legacy("subscriptions/listen", ["notifications": [:]])
        #expect(Messages.read(body).code == -32_601)
    }

    // MARK: - What is told

    private func subscription(
        _ tasks: [BackgroundTask], id: JSONValue = 7
    ) -> TaskSubscription {
        let handles = tasks.map(TaskHandle.init(of:))
        let filter = SubscriptionFilter(tasks: handles.map(\.description))
        return TaskSubscription(
            MCPRequest(id: id, era: .modern, call: .listen(filter)), to: handles)
    }

    private func seen(_ tasks: BackgroundTask...) -> [TaskHandle: BackgroundTask] {
        Dictionary(
            tasks.map { (TaskHandle(of: $0), $0) }, uniquingKeysWith: { $1 })
    }

    private func time(_ seconds: Double) -> Instant {
        Instant(nanoseconds: 0) + .seconds(seconds)
    }

    private func other(_ phase: TaskPhase) -> BackgroundTask {
        Messages.task(phase) { $0.metadata.uid = UID("another") }
    }

    private func progress(_ percent: Int) -> BackgroundTask {
        Messages.task(.running) { $0.status.progress = .init(percent: percent) }
    }

    @Test(arguments: [7, "listen-1", 1.5] as [JSONValue])
    func `everything that is told names the request, in its own type`(id: JSONValue) {
        var subscription = subscription([Messages.task(.running)], id: id)
        let step = subscription.step(seen(Messages.task(.running)), at: time(0))
        let told = [subscription.acknowledgement] + step.messages
        #expect(
            told.map { $0["method"]?.string } == [
                "notifications/subscriptions/acknowledged", "notifications/tasks",
            ])
        for message in told {
            #expect(message["jsonrpc"] == "2.0")
            #expect(message["id"] == nil)
            #expect(message[path: ["params", "_meta", Self.subscription]] == id)
        }
        let end = subscription.end
        #expect(end["id"] == id)
        #expect(end[path: ["result", "_meta", Self.subscription]] == id)
        #expect(end[path: ["result", "resultType"]] == "complete")
    }

    @Test func `only what was granted is acknowledged`() {
        let one = subscription([Messages.task(.running)])
        #expect(
            one.acknowledgement[path: ["params", "notifications"]]
                == ["taskIds": ["shop/t/786512e2-0001"]])
        let none = subscription([])
        #expect(none.acknowledgement[path: ["params", "notifications"]] == [:])
    }

    @Test(arguments: TaskPhase.allCases)
    func `a task is told of as tasks-get tells of it`(phase: TaskPhase) {
        let task = Messages.task(phase) {
            $0.status.failure = .init(class: .infrastructure, reason: "R")
            $0.status.result = ["x": 1]
        }
        var subscription = subscription([task])
        let step = subscription.step(seen(task), at: time(0))
        var params = step.messages.first?["params"] ?? .null
        params["_meta"] = nil
        #expect(params == TaskAccount(of: task).detailed(.modern))
        #expect(step.isOver == task.isFinished)
        #expect(subscription.handles.isEmpty == task.isFinished)
    }

    @Test func `what has not changed is not told again`() {
        var subscription = subscription([Messages.task(.queued)])
        #expect(subscription.step(seen(Messages.task(.queued)), at: time(0)).messages.count == 1)
        for second in [0.1, 5, 500] {
            #expect(
                subscription.step(seen(Messages.task(.queued)), at: time(second))
                    == TaskSubscription.Step())
        }
    }

    @Test func `progress is told once a second, and the last of it is not lost`() {
        var subscription = subscription([progress(0)])
        #expect(subscription.step(seen(progress(0)), at: time(0)).messages.count == 1)
        for percent in 1...99 {
            let step = subscription.step(seen(progress(percent)), at: time(Double(percent) / 100))
            #expect(step.messages.isEmpty)
            #expect(step.due == time(1))
        }
        let step = subscription.step(seen(progress(99)), at: time(1))
        #expect(
            step.messages.first?[path: ["params", "statusMessage"]]?.string?.contains("99 %")
                == true)
        #expect(step.due == nil)
    }

    @Test func `a phase, an attempt, a question and an end are told at once`() throws {
        let permission = TaskPermission(
            key: "k", request: PermissionRequest(action: "deploy", reason: ""), attempt: 2)
        let states: [BackgroundTask] = [
            Messages.task(.queued), progress(1),
            Messages.task(.running) { $0.status.attempt = 2 },
            Messages.task(.running) {
                $0.status.attempt = 2
                $0.metadata.annotations[permission.annotation.key] = permission.annotation.value
            },
            Messages.task(.running) { $0.status.attempt = 2 },
            Messages.task(.succeeded),
        ]
        var subscription = subscription([states[0]])
        let steps = states.map { subscription.step(seen($0), at: time(0)) }
        #expect(
            steps.map { $0.messages.first?[path: ["params", "status"]]?.string } == [
                "working", "working", "working", "input_required", "working", "completed",
            ])
        #expect(steps.map(\.isOver) == [false, false, false, false, false, true])
        let requests = steps[3].messages.first?[path: ["params", "inputRequests", "k"]]
        #expect(requests?["method"] == "elicitation/create")
    }

    @Test func `it is over when every task has ended`() {
        var subscription = subscription([Messages.task(.running), other(.running)])
        let first = subscription.step(
            seen(Messages.task(.succeeded), other(.running)), at: time(0))
        #expect(first.messages.count == 2)
        #expect(!first.isOver)
        // The one that has ended may be gone by now: nobody asks for it any more.
        #expect(subscription.handles == [TaskHandle(of: other(.running))])
        let second = subscription.step(seen(other(.cancelled)), at: time(0))
        #expect(second.messages.count == 1)
        #expect(second.isOver)
        #expect(subscription.step([:], at: time(9)).messages.isEmpty)
    }

    @Test func `it is over when a task is not there any more, and nothing to tell is over at once`()
    {
        var subscription = subscription([Messages.task(.running), other(.running)])
        _ = subscription.step(seen(Messages.task(.running), other(.running)), at: time(0))
        let step = subscription.step(seen(progress(7), other(.failed)), at: time(2))
        #expect(step.messages.count == 2)
        #expect(subscription.step([:], at: time(3)) == .init(isOver: true))
        var none = self.subscription([])
        #expect(none.step([:], at: time(0)) == .init(isOver: true))
    }

    @Test func `however it changes, few words are said, and the last is how it stands`() {
        var state: UInt64 = 20_261_122
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<200 {
            var task = progress(0)
            var subscription = subscription([task])
            var (now, words, jumps) = (0.0, 0, 1)
            var last: JSONValue?
            func take(_ step: TaskSubscription.Step) {
                words += step.messages.count
                last = step.messages.last?["params"] ?? last
            }
            for _ in 0..<next(300) {
                now += Double(next(100)) / 1_000
                if next(20) == 0 {
                    task.status.attempt += 1
                    jumps += 1
                }
                task.status.progress = .init(percent: next(100))
                take(subscription.step(seen(task), at: time(now)))
            }
            take(subscription.step(seen(task), at: time(now + 1)))
            #expect(words <= jumps + Int(now) + 2, "seed 20261122")
            last?["_meta"] = nil
            #expect(last == TaskAccount(of: task).detailed(.modern), "seed 20261122")
        }
    }

    @Test func `an event is one line, whatever is in it`() {
        let text = "a\nb\r\n\ndata: c\u{2028}"
        let bytes = ServerSentEvent.message(["text": .string(text)]).bytes
        let lines = String(decoding: bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 4)
        #expect(lines[0] == "event: message")
        #expect(!bytes.contains(UInt8(ascii: "\r")))
        let data = Array(lines[1].dropFirst("data: ".count).utf8)
        #expect((try? JSONValue(parsing: data))?["text"]?.string == text)
        #expect(ServerSentEvent.beat.bytes == Array(":\n\n".utf8))
    }
}
