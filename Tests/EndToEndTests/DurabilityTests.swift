import Foundation
import KubernetesClient
import KubernetesCore
import Locking
import Subprocess
import SystemPackage
import Testing

/// A `swiftlet dev` that is killed again and again while others write.
@Suite(.serialized, .timeLimit(.minutes(8))) struct DurabilityTests {
    /// What writers were told, and what they must find again.
    private final class Ledger: Sendable {
        struct State {
            var created: Set<String> = []
            /// The last value of each counter that was acknowledged, and the one that was sent
            /// last.
            var acknowledged: [String: Int64] = [:]
            var sent: [String: Int64] = [:]
            var newest: UInt64 = 0
            var failures = 0
        }

        let state = Mutex(State())

        func saw(_ receipt: WriteReceipt) {
            let version = receipt.resourceVersion.number ?? 0
            state.withLock { $0.newest = max($0.newest, version) }
        }
    }

    private static let environment = ProcessInfo.processInfo.environment
    /// How often the server is killed; `SWIFTLET_TEST_KILLS` asks for more.
    private static let kills = environment["SWIFTLET_TEST_KILLS"].flatMap { Int($0) } ?? 10

    /// Starts `swiftlet dev` on the folder, runs `body` once it is ready, and ends it with
    /// `signal`.
    private func run(
        _ folder: String, endingWith signal: Signal, compactAfter: Int = 32 << 20,
        _ body: @Sendable (KubernetesClient) async throws -> Void
    ) async throws -> String {
        let kubeconfig = folder + "/kubeconfig"
        let result = try await Subprocess.run(
            .path(FilePath(DevCluster.programs + "/swiftlet")),
            arguments: [
                "dev", "--no-operator", "--no-node", "--kubeconfig", kubeconfig, "--data-dir",
                folder + "/data", "--compact-after", String(compactAfter),
            ],
            environment: .inherit.updating(["TMPDIR": folder]), input: .none, output: .sequence,
            error: .string(limit: 1 << 16)
        ) { execution in
            var isReady = false
            for try await line in execution.standardOutput.strings() where line.hasPrefix("ready ")
            {
                isReady = true
                break
            }
            if isReady {
                do {
                    try await body(
                        KubernetesClient(
                            configuration: ClientConfiguration.load(kubeconfig: kubeconfig)))
                } catch {
                    Issue.record("\(error)")
                }
            }
            try? execution.send(signal: signal)
            return isReady
        }
        #expect(result.closureResult, "swiftlet dev did not start: \(result.standardError)")
        return result.standardError
    }

    private func configMap(_ name: String, _ value: Int64 = 0) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": .string(name), "namespace": "default"],
            "data": ["value": .string(String(value))],
        ]
    }

    /// Creates objects and counts up a counter until a request fails, which is when the server was
    /// killed.
    private func write(
        _ client: KubernetesClient, _ writer: String, _ ledger: Ledger
    ) async {
        var next = ledger.state.withLock { $0.sent[writer] ?? 0 }
        do {
            while !Task.isCancelled {
                next += 1
                let value = next
                ledger.state.withLock { $0.sent[writer] = value }
                let counted = try await client.patch(
                    ObjectRef(type: .configMap, namespace: "default", name: writer),
                    ["data": ["value": .string(String(value))]])
                ledger.saw(counted)
                ledger.state.withLock { $0.acknowledged[writer] = value }
                let name = "\(writer)-\(value)"
                ledger.saw(try await client.create(configMap(name), of: .configMap))
                ledger.state.withLock { _ = $0.created.insert(name) }
            }
        } catch {
            ledger.state.withLock { $0.failures += 1 }
        }
    }

    /// Checks that everything which was acknowledged is there.
    private func audit(_ client: KubernetesClient, _ ledger: Ledger) async throws {
        let list = try await client.value(.list(.configMap, in: Selection(namespace: "default")))
        let state = ledger.state.withLock { $0 }
        let version = list["metadata"]?["resourceVersion"]?.string.flatMap { UInt64($0) } ?? 0
        #expect(version >= state.newest, "the version went back from \(state.newest) to \(version)")
        var found: [String: Int64] = [:]
        for item in list["items"]?.array ?? [] {
            guard let name = item["metadata"]?["name"]?.string else { continue }
            found[name] = item["data"]?["value"]?.string.flatMap { Int64($0) } ?? 0
            let own = item["metadata"]?["resourceVersion"]?.string.flatMap { UInt64($0) } ?? 0
            #expect(own <= version)
        }
        let lost = state.created.filter { found[$0] == nil }
        #expect(lost.isEmpty, "acknowledged and lost: \(lost.sorted())")
        for (writer, value) in state.acknowledged {
            let now = found[writer] ?? -1
            #expect(
                now >= value && now <= state.sent[writer] ?? 0,
                "\(writer): \(value) was acknowledged, \(now) is there")
        }
    }

    @Test func `a server killed in the middle of writes loses none that it acknowledged`()
        async throws
    {
        let folder = "/var/tmp/swiftlet-kill-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let ledger = Ledger()
        let writers = (0..<8).map { "writer\($0)" }
        _ = try await run(folder, endingWith: .kill) { client in
            for writer in writers {
                ledger.saw(try await client.create(configMap(writer), of: .configMap))
            }
        }
        let kubeconfig = try String(contentsOfFile: folder + "/kubeconfig", encoding: .utf8)
        for round in 0..<Self.kills {
            let before = ledger.state.withLock { $0.created.count }
            // Ends at a number of writes, not at a time: each round has some, and the kill falls
            // into the middle of others.
            let wanted = before + 5 + (round * 37) % 60
            // The journal begins anew many times, so that kills fall into that as well.
            _ = try await run(folder, endingWith: .kill, compactAfter: 1 << 14) { client in
                try await audit(client, ledger)
                await withDiscardingTaskGroup { group in
                    for writer in writers {
                        group.addTask { await write(client, writer, ledger) }
                    }
                    while ledger.state.withLock({ $0.created.count < wanted && $0.failures == 0 }) {
                        await Task.yield()
                    }
                    Self.kill(folder)
                }
                #expect(ledger.state.withLock { $0.created.count >= wanted }, "round \(round)")
                ledger.state.withLock { $0.failures = 0 }
            }
        }
        let said = try await run(folder, endingWith: .terminate) { client in
            try await audit(client, ledger)
        }
        let journals = try FileManager.default.contentsOfDirectory(atPath: folder + "/data")
            .filter { $0.hasPrefix("journal-") }
        #expect(journals.count == 1 && journals != ["journal-000000000001"], "\(journals)")
        #expect(!said.contains("damaged"), "\(said)")
        let after = try String(contentsOfFile: folder + "/kubeconfig", encoding: .utf8)
        #expect(after == kubeconfig, "whoever has a kubeconfig keeps it")
    }

    /// Kills the server of a folder: the process that holds its lock.
    private static func kill(_ folder: String) {
        let data = folder + "/data"
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let process = pid_t(entry),
                let line = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline"),
                line.split(separator: 0).contains(where: { Array($0) == Array(data.utf8) })
            else { continue }
            Glibc.kill(process, SIGKILL)
        }
    }

    @Test func `a torn end is said and cut, damage is refused with its place`() async throws {
        let folder = "/var/tmp/swiftlet-torn-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try await run(folder, endingWith: .terminate) { client in
            for index in 0..<5 {
                _ = try await client.create(configMap("m\(index)"), of: .configMap)
            }
        }
        let journal = folder + "/data/journal-000000000001"
        let whole = try #require(FileManager.default.contents(atPath: journal))
        try (whole + Data([0xD7, 0x53, 0x77, 0x4A, 9, 9])).write(to: URL(fileURLWithPath: journal))
        let said = try await run(folder, endingWith: .terminate) { client in
            let list = try await client.value(
                .list(.configMap, in: Selection(namespace: "default")))
            #expect(list["items"]?.array?.count == 6)
        }
        #expect(said.contains("the last 6 bytes, from byte \(whole.count)"), "\(said)")

        var damaged = whole
        damaged[whole.count / 2] ^= 1
        try damaged.write(to: URL(fileURLWithPath: journal))
        let refused = try await Subprocess.run(
            .path(FilePath(DevCluster.programs + "/swiftlet")),
            arguments: [
                "dev", "--no-operator", "--no-node", "--kubeconfig", folder + "/k", "--data-dir",
                folder + "/data",
            ],
            environment: .inherit.updating(["TMPDIR": folder]), output: .discarded,
            error: .string(limit: 1 << 16))
        #expect(!refused.terminationStatus.isSuccess)
        let message = refused.standardError
        #expect(message.contains("journal-000000000001 is damaged at byte"), "\(message)")
        #expect(message.contains("Put the file back from a copy"), "\(message)")
        #expect(FileManager.default.contents(atPath: journal) == damaged, "nothing is cut then")
    }

    @Test func `a folder has one server at a time`() async throws {
        let folder = "/var/tmp/swiftlet-lock-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try await run(folder, endingWith: .terminate) { _ in
            let second = try await Subprocess.run(
                .path(FilePath(DevCluster.programs + "/swiftlet")),
                arguments: [
                    "dev", "--no-operator", "--no-node", "--kubeconfig", folder + "/k",
                    "--data-dir", folder + "/data",
                ],
                environment: .inherit.updating(["TMPDIR": folder]), output: .discarded,
                error: .string(limit: 1 << 16))
            #expect(!second.terminationStatus.isSuccess)
            #expect(
                second.standardError.contains("another process holds it"),
                "\(second.standardError)")
        }
    }
}
