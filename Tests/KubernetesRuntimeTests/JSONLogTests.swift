import ControlLoop
import GadgetTesting
import KubernetesCore
import Locking
import Logging
import Testing

@testable import KubernetesRuntime

/// Logs that programs read.
@Suite struct JSONLogTests {
    /// What was logged.
    private final class Lines: Sendable {
        private let lines = Mutex<[[UInt8]]>([])

        var all: [JSONValue] {
            lines.withLock { $0 }.compactMap {
                try? JSONValue(parsing: String(decoding: $0, as: UTF8.self))
            }
        }

        var count: Int { lines.withLock { $0.count } }

        func add(_ line: [UInt8]) { lines.withLock { $0.append(line) } }
    }

    private let lines = Lines()
    private let time = ManualTime()

    private func logger(_ level: Logger.Level = .debug) -> Logger {
        var logger = Logger(label: "test") { [lines, time] label in
            JSONLog(
                label: label, provider: ReconcileID.provider, time: time, sink: lines.add)
        }
        logger.logLevel = level
        return logger
    }

    @Test func `a message is one object on one line`() throws {
        var logger = logger()
        logger[metadataKey: "controller"] = "pools"
        logger.warning(
            "two\nlines \"quoted\" \u{1b}",
            metadata: ["pool": "ns/qa", "level": "mine", "list": ["a", "b"], "map": ["x": "y"]])
        logger.trace("below the level")
        let line = try #require(lines.all.first)
        #expect(lines.count == 1)
        #expect(
            line == [
                "time": "2026-01-01T00:00:00.000Z", "level": "warning", "logger": "test",
                "message": "two\nlines \"quoted\" \u{1b}", "controller": "pools",
                "level_": "mine", "list": ["a", "b"], "map": ["x": "y"], "pool": "ns/qa",
            ])
    }

    @Test func `a line is bounded whatever is logged`() throws {
        var deep: Logger.MetadataValue = "end"
        for _ in 0..<200 { deep = ["in": deep] }
        logger().info(
            "\(String(repeating: "x", count: 1_000_000))",
            metadata: [
                "long": "\(String(repeating: "y", count: 1_000_000))", "deep": deep,
                "many": .array(Array(repeating: "z", count: 100_000)),
            ])
        let line = try #require(lines.all.first)
        #expect(line.text.utf8.count < 20_000)
        #expect(line["many"]?.array?.count == 64)
    }

    @Test func `everything about one decision carries one id, and another decision another`()
        async throws
    {
        let server = FakeServer(time: time)
        let cache = ClusterCache()
        let leadership = LeadershipState.alone()
        for name in ["a", "b"] {
            server.put(Fixture.gadget(name, parts: 1), at: Fixture.gadgets + name)
        }
        let machine = ControllerMachine(GadgetReconciler(), startedAt: time.now.time, seed: 1)
        let controller = Controller(
            machine, cache: cache,
            applier: Applier(
                client: server, leadership: leadership, time: time, logger: logger()),
            leadership: leadership, time: time, logger: logger())
        let informers = Informers(
            for: machine.watched, client: server, cache: cache, seed: 1, time: time,
            logger: Fixture.logger)
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await informers.run() }
            group.addTask { try await controller.run() }
            #expect(
                await time.until(step: .milliseconds(50)) {
                    lines.all.filter { $0["reason"] == "PartsCreated" }.count == 2
                })
            group.cancelAll()
        }
        let told = lines.all.filter { $0["reason"] == "PartsCreated" }
        let ids = told.compactMap { $0["reconcile_id"]?.string }
        #expect(Set(ids).count == 2, "\(ids)")
        for id in ids {
            let begun = lines.all.filter {
                $0["reconcile_id"]?.string == id && $0["message"] == "a plan is carried out"
            }
            #expect(begun.count == 1 && id.hasPrefix("gadgets-"))
        }
    }
}
