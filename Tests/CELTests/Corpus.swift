import Foundation
import KubernetesCore
import Testing

@testable import CEL

/// Test cases that lie beside the repository and not in it.
enum Corpus {
    /// `shared/cel` next to the package, where it exists.
    static let root: URL? = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("shared/cel")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    /// Whether the cases are there. Where they are not, the tests that need them are skipped, and
    /// the runner says so.
    static var exists: Bool { root != nil }

    /// The files of a folder, by name, in order.
    static func files(_ folder: String) throws -> [(name: String, json: JSONValue)] {
        let root = try #require(root).appendingPathComponent(folder)
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path)
            .filter { $0.hasSuffix(".json") }.sorted()
        return try names.map { name in
            (String(name.dropLast(5)), try read(root.appendingPathComponent(name)))
        }
    }

    /// The cases of a file of Kubernetes vectors.
    static func cases(_ name: String) throws -> [JSONValue] {
        let file = try #require(root).appendingPathComponent("kubernetes/\(name).json")
        return try #require(try read(file)["cases"]?.array)
    }

    private static func read(_ file: URL) throws -> JSONValue {
        try JSONDocument(parsing: Array(try Data(contentsOf: file))).root.value()
    }

    /// The time zones of the machine.
    static let zones = CELZones { name in
        (try? Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/\(name)"))).map(Array.init)
    }

    /// Reports `failures` of `total` cases.
    static func report(
        _ title: String, _ total: Int, _ failures: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        print("\(title): \(total - failures.count) of \(total)")
        for failure in failures.prefix(400) { print("    " + failure) }
        #expect(failures.isEmpty, "\(failures)", sourceLocation: sourceLocation)
    }
}
