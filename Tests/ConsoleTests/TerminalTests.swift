import ControlLoop
import KubernetesCore
import SwiftletAPI
import Testing

@testable import Console

/// What the commands for people print.
struct TerminalTests {
    private let running = Samples.task("count", .running) {
        $0.status.progress = .init(percent: 25, message: "a quarter")
    }

    @Test func `tables have the columns that people look for`() {
        let tasks = TaskTable.of([running], namespaced: false, wide: false, at: Samples.now).lines()
        #expect(
            tasks == [
                "NAME    PHASE     POOL   TYPE      PRIORITY   ATTEMPT   PROGRESS   REASON     AGE",
                "count   Running   qa     general   0          1/4       25%        Assigned   10m",
            ])
        let wide = TaskTable.of([running], namespaced: true, wide: true, at: Samples.now).lines()
        #expect(wide.first?.hasPrefix("NAMESPACE   NAME") == true)
        #expect(wide.last?.contains("qa-0") == true && wide.last?.hasSuffix("a quarter") == true)
        let pool = Samples.pool { $0.status.queue.queued = 3 }
        let pools = PoolTable.of([pool], namespaced: false, wide: true, at: Samples.now).lines()
        #expect(pools.first?.contains("MIN   MAX   SLOTS") == true)
        #expect(pools.last?.hasPrefix("qa     Ready   2       2") == true, "\(pools)")
        let agents = AgentTable.of([pool], namespaced: false, wide: false, at: Samples.now).lines()
        #expect(agents.count == 3 && agents.last?.hasPrefix("qa-1   qa     Idle") == true)
    }

    @Test func `news say where a task is, in one line`() {
        #expect(
            TaskNews.line(running, at: Samples.now)
                == "task/count  running on qa-0  [=====>              ] 25%  a quarter  42s")
        let queued = Samples.task("t") { $0.status.queue = .init(position: 3) }
        #expect(
            TaskNews.line(queued, at: Samples.now)
                == "task/t  number 3 in the queue of pool qa  60s")
        let failed = Samples.task("t", .failed) {
            $0.status.attempt = 4
            $0.status.failure = .init(
                class: .application, reason: "ExitCode", message: "it\u{1b}[2J ended with 7")
        }
        #expect(
            TaskNews.line(failed, at: Samples.now)
                == "task/t  failed in attempt 4  it [2J ended with 7  60s")
        // Where lines cannot be drawn over, not every percent is a line.
        var further = running
        further.status.progress = .init(percent: 27)
        #expect(TaskNews.mark(further) == TaskNews.mark(running))
        further.status.progress = .init(percent: 31)
        #expect(TaskNews.mark(further) != TaskNews.mark(running))
    }

    @Test func `whoever submits is told what waits`() {
        let task = Samples.task("t")
        let pool = Samples.pool { $0.status.queue.queued = 7 }
        #expect(
            TaskNews.outlook(pool, of: task)
                == "7 tasks are queued; 2 of 2 agents are ready, 1 of them idle.")
        #expect(TaskNews.outlook(nil, of: task).contains("No pool default/qa"))
        #expect(TaskNews.outlook(nil, of: Samples.task("t", pool: nil)).contains("names no pool"))
        let call = RequestSummary(.get, "/qa")
        #expect(
            TaskNews.outlook(of: task, unless: APIError(.notFound, call))
                == TaskNews.outlook(nil, of: task))
        #expect(
            TaskNews.outlook(of: task, unless: APIError(.forbidden, call, detail: "no rights"))
                .hasPrefix("What waits before it is not known: the pool qa cannot be read: "))
        let broken = Samples.pool {
            $0.status.conditions.set(
                "Degraded", .yes, reason: "CrashLoop", message: "Agents crash.", at: Samples.now,
                generation: 1)
        }
        #expect(TaskNews.outlook(broken, of: task).hasSuffix("The pool is Degraded: Agents crash."))
    }

    @Test func `a screen fits the terminal, whatever its size, and keeps the most urgent`() {
        let tasks =
            (0..<300).map { Samples.task("queued-\($0)") }
            + (0..<40).map { Samples.task("running-\($0)", .running) }
        let view = Samples.view(
            (0..<30).map { Samples.pool("pool-\($0)") } + [Samples.pool()], tasks: tasks)
        let overview = ClusterOverview(of: view, at: Samples.now)
        let screen = TopScreen(overview, place: "default")
        for (width, height) in [(80, 24), (200, 60), (20, 5), (1, 1), (120, 10)] {
            let lines = screen.lines(width: width, height: height)
            #expect(lines.count <= height && lines.allSatisfy { $0.count <= width })
        }
        let lines = screen.lines(width: 100, height: 40)
        #expect(lines.contains { $0.hasPrefix("POOLS (") && $0.hasSuffix("of 31)") })
        #expect(lines.contains { $0.hasPrefix("WAITING (") && $0.hasSuffix("of 300)") })
        #expect(screen.lines().contains { $0.hasPrefix("running-") })
    }

    @Test func `lines are shared fairly, and none is wasted`() {
        #expect(TopScreen.shares(of: nil, among: [3, 9]) == [3, 9])
        #expect(TopScreen.shares(of: 10, among: [3, 9]) == [3, 7])
        #expect(TopScreen.shares(of: 10, among: [9, 9]) == [5, 5])
        #expect(TopScreen.shares(of: 10, among: [9, 1]) == [9, 1])
        #expect(TopScreen.shares(of: 1, among: [9, 9, 9]) == [1, 1, 1])
        #expect(TopScreen.shares(of: 5, among: []) == [])
    }

    // MARK: - Submission

    private func submission(_ change: (inout Submission) -> Void = { _ in }) -> Submission {
        var submission = Submission()
        submission.command = ["/usr/bin/My Tool!", "x"]
        change(&submission)
        return submission
    }

    @Test func `options become the object that they mean`() throws {
        let object = try submission {
            $0.name = "nightly"
            $0.pool = "shared/qa"
            $0.priority = 5
            $0.variables = ["A=b=c", "EMPTY="]
            $0.input = #"{"n": 1}"#
            $0.after = ["build", "test:failed"]
            $0.maxRetries = 0
        }.object(in: "ns", suffix: "abc")
        let spec = try #require(object["spec"])
        #expect(object["metadata"] == ["name": "nightly", "namespace": "ns"])
        #expect(spec["poolRef"] == ["name": "qa", "namespace": "shared"])
        #expect(spec["env"]?[0] == ["name": "A", "value": "b=c"])
        #expect(spec["env"]?[1] == ["name": "EMPTY", "value": ""])
        #expect(spec["input"] == ["n": 1] && spec["priority"] == 5)
        #expect(spec["dependsOn"]?[1] == ["name": "test", "condition": "Failed"])
        #expect(spec["retry"] == ["maxRetries": 0] && spec["timeoutSeconds"] == nil)
    }

    @Test func `the trace of the surroundings is handed on, and what is none is not`() throws {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let object = try submission { $0.trace = trace }.object(in: "ns", suffix: "x")
        #expect(
            object["metadata"]?["annotations"] == ["swiftlet.dev/traceparent": .string(trace)])
        let without = try submission { $0.trace = "nonsense" }.object(in: "ns", suffix: "x")
        #expect(without["metadata"]?["annotations"] == nil)
    }

    @Test func `a name is made of the program's`() throws {
        let object = try submission().object(in: "ns", suffix: "abc")
        #expect(object[path: ["metadata", "name"]] == "my-tool-abc")
        let odd = try submission { $0.command = ["世界"] }.object(in: "ns", suffix: "abc")
        #expect(odd[path: ["metadata", "name"]] == "task-abc")
    }

    @Test func `what is not right is refused with its option`() {
        func refusal(_ change: (inout Submission) -> Void) -> String? {
            do {
                _ = try submission(change).object(in: "ns", suffix: "x")
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(refusal { $0.command = [] }?.contains("needs a command") == true)
        #expect(refusal { $0.variables = ["=x"] }?.contains("--env =x") == true)
        #expect(refusal { $0.input = "{" }?.contains("--input") == true)
        #expect(refusal { $0.after = ["a:never"] }?.contains("--after a:never") == true)
        #expect(refusal { $0.pool = "a/b/c" }?.contains("--pool a/b/c") == true)
        #expect(refusal { $0.annotations = ["x"] }?.contains("--annotation x") == true)
    }

    @Test func `submitting the same once more is seen as the same`() throws {
        let wanted = try submission { $0.variables = ["A=b"] }.object(in: "ns", suffix: "x")
        var existing = wanted
        existing[path: ["spec", "timeoutSeconds"]] = 600
        existing["status"] = ["phase": "Running"]
        #expect(Submission.isTheSame(wanted, as: existing))
        existing[path: ["spec", "command"]] = ["other"]
        #expect(!Submission.isTheSame(wanted, as: existing))
        let more = try submission { $0.variables = ["A=b", "C=d"] }.object(in: "ns", suffix: "x")
        #expect(!Submission.isTheSame(more, as: wanted))
    }

    // MARK: - Logs

    @Test func `only the lines of the attempt are taken from an agent's log`() {
        let log = TaskLog(of: Key(namespace: "ns", name: "t"), attempt: 2)
        func line(_ text: String) -> TaskLog.Line? { log.line(Array(text.utf8)) }
        let own = #"{"task":"ns/t","attempt":2,"stream":"stdout","line":"hi","time":"T"}"#
        #expect(line(own) == TaskLog.Line(time: "T", stream: "stdout", text: "hi"))
        #expect(line(own.replacing("\"attempt\":2", with: "\"attempt\":1")) == nil)
        #expect(line(own.replacing("ns/t", with: "ns/other")) == nil)
        #expect(line(#"{"level":"info","message":"started"}"#) == nil)
        #expect(line("no json") == nil && line("") == nil)
    }

    @Test func `a program may colour its lines and do nothing else to the terminal`() {
        #expect(TaskLog.clean("\u{1b}[31;1mred\u{1b}[0m\tx") == "\u{1b}[31;1mred\u{1b}[0m\tx")
        #expect(TaskLog.clean("\u{1b}[2Jx\u{1b}]0;title\u{7}") == " [2Jx ]0;title ")
        #expect(TaskLog.clean("\u{1b}") == " " && TaskLog.clean("\u{1b}[") == " [")
        #expect(TaskLog.clean("\u{1b}[" + String(repeating: "1", count: 99) + "m").first == " ")
    }

    @Test func `the place of an attempt follows the agent that had it`() {
        let task = Samples.task("t", .running) {
            $0.status.attempt = 3
            $0.status.agent = .init(name: "qa-3", uid: UID("c"), namespace: "shared")
            $0.status.attempts = [
                .init(
                    number: 1, agent: .init(name: "qa-1", uid: UID("a")), startTime: nil,
                    completionTime: nil, outcome: .failed),
                .init(
                    number: 2, agent: nil, startTime: nil, completionTime: nil, outcome: .lost),
            ]
        }
        let last = AttemptPlace(nil, of: task)
        #expect(last?.attempt == 3 && last?.isRunning == true && last?.pod.namespace == "shared")
        #expect(AttemptPlace(1, of: task)?.pod.name == "qa-1")
        #expect(AttemptPlace(1, of: task)?.pod.namespace == "default")
        #expect(AttemptPlace(2, of: task) == nil && AttemptPlace(9, of: task) == nil)
        #expect(AttemptPlace.next(after: nil, of: task)?.attempt == 3)
        #expect(AttemptPlace.next(after: 0, of: task)?.attempt == 1)
        #expect(AttemptPlace.next(after: 1, of: task)?.attempt == 3)
        #expect(AttemptPlace.next(after: 3, of: task) == nil)
        #expect(AttemptPlace(nil, of: Samples.task("t")) == nil)
    }
}
