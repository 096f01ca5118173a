import APIServerModel
import Foundation
import KubernetesCore
import Logging
import Testing

@testable import LocalCluster

/// The files of a journal: when a new one begins, and what is left where that was interrupted.
@Suite struct JournalFileTests {
    /// A folder of its own, and a server that is kept in it.
    private struct Kept {
        let path: String
        let folder: DataFolder
        var server: APIServer
        var journal: Journal

        init(changeBytesMin: Int) throws {
            path = "/var/tmp/swiftlet-journal-" + UUID().uuidString
            folder = try DataFolder(path: path)
            server = APIServer(configuration: JournalFileTests.configuration)
            _ = server.takeJournal()
            journal = try Journal.begin(
                folder, with: server.snapshot, changeBytesMin: changeBytesMin)
        }

        /// Creates a ConfigMap and puts it on the disk, as the writer's thread does.
        mutating func create(_ name: String) throws {
            let body: JSONValue = [
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)],
                "data": ["text": .string(String(repeating: "x", count: 400))],
            ]
            let reply = server.handle(
                ServerRequest(
                    method: "POST", path: "/api/v1/namespaces/default/configmaps",
                    body: body.encoded(), clientIdentity: .administrator),
                at: JournalFileTests.configuration.startTime)
            guard case .response(201, _, _) = reply else {
                Issue.record("\(name) was not created: \(reply)")
                return
            }
            let taken = server.takeJournal()
            let batch = try #require(taken)
            var payload: [UInt8] = []
            batch.write(into: &payload)
            try journal.append(payload)
            if journal.wantsSnapshot { try journal.begin(with: server.snapshot) }
        }

        var journals: [String] {
            get throws { try folder.names().filter { $0.hasPrefix("journal-") } }
        }
    }

    private static let configuration: APIServerConfiguration = {
        var configuration = APIServerConfiguration(seed: 7)
        configuration.isJournaled = true
        return configuration
    }()

    private static func names(_ server: inout APIServer) throws -> [String] {
        let reply = server.handle(
            ServerRequest(
                method: "GET", path: "/api/v1/namespaces/default/configmaps",
                clientIdentity: .administrator),
            at: configuration.startTime)
        guard case .response(200, _, let body) = reply else { return [] }
        let list = try JSONValue(parsing: body)
        return (list["items"]?.array ?? []).compactMap { $0["metadata"]?["name"]?.string }
    }

    /// What a new process finds in the folder as it is now: in a copy, since one process holds it.
    private static func reopened(
        _ kept: Kept
    ) throws -> (names: [String], version: String, journals: [String]) {
        let copy = kept.path + "-copy"
        try FileManager.default.copyItem(atPath: kept.path, toPath: copy)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        let folder = try DataFolder(path: copy)
        let found = try #require(
            try Journal.open(folder, historyMax: 1_000, log: Logger(label: "test")))
        var server = APIServer(configuration: configuration, replay: found.replay)
        let journals = try folder.names().filter { $0.hasPrefix("journal-") }
        return (try names(&server), server.resourceVersion.text, journals)
    }

    @Test func `changes that outgrow the picture begin a new file, which holds everything`() throws
    {
        var kept = try Kept(changeBytesMin: 10_000)
        defer { try? FileManager.default.removeItem(atPath: kept.path) }
        for index in 0..<300 { try kept.create("m\(index)") }
        let journals = try kept.journals
        #expect(journals.count == 1)
        #expect(journals != ["journal-000000000001"], "never compacted")
        let bytes = try #require(
            FileManager.default.contents(atPath: kept.path + "/" + journals[0]))
        let (names, version, _) = try Self.reopened(kept)
        #expect(names == (try Self.names(&kept.server)))
        #expect(names.count == 301)
        #expect(version == kept.server.resourceVersion.text)
        #expect(bytes.count < 2 * 300 * 1_200, "the changes were not dropped")
    }

    @Test func `a new file that was not finished is taken away, and the old one counts`() throws {
        var kept = try Kept(changeBytesMin: 1 << 20)
        defer { try? FileManager.default.removeItem(atPath: kept.path) }
        for index in 0..<5 { try kept.create("m\(index)") }
        try Data([1, 2, 3]).write(to: URL(filePath: kept.path + "/journal-000000000002.new"))
        let (names, _, journals) = try Self.reopened(kept)
        #expect(names.count == 6)
        #expect(journals == ["journal-000000000001"])
    }

    @Test func `of two files the newer one counts, and the older one is taken away`() throws {
        var kept = try Kept(changeBytesMin: 1 << 20)
        defer { try? FileManager.default.removeItem(atPath: kept.path) }
        for index in 0..<5 { try kept.create("m\(index)") }
        let old = kept.path + "/journal-000000000001"
        let content = try #require(FileManager.default.contents(atPath: old))
        try kept.journal.begin(with: kept.server.snapshot)
        try kept.create("late")
        // As after a crash between the new file's name and the removal of the old one.
        try content.write(to: URL(filePath: old))
        let (names, version, journals) = try Self.reopened(kept)
        #expect(names.contains("late") && names.count == 7)
        #expect(version == kept.server.resourceVersion.text)
        #expect(journals == ["journal-000000000002"])
    }
}
