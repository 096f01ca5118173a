import Foundation
import Testing

@testable import Installation

/// The page about conditions and reasons says neither more nor less than the operator does.
struct ReasonsReferenceTests {
    private static let sources = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/Reconcilers").path

    private static func text() throws -> String {
        let names = try FileManager.default.subpathsOfDirectory(atPath: sources)
        return try names.filter { $0.hasSuffix(".swift") }.sorted().map {
            try String(contentsOfFile: sources + "/" + $0, encoding: .utf8)
        }.joined(separator: "\n")
    }

    private var words: Set<String> {
        Set(ReasonsReference.groups.flatMap { $0.entries.map(\.word) })
    }

    @Test func `every reason that the operator gives is in the page`() throws {
        let text = try Self.text()
        let patterns = [
            #/reason: "([A-Z][A-Za-z]+)"/#, #/reason = "([A-Z][A-Za-z]+)"/#,
            #/note\(\s*\.(?:normal|warning),\s*"([A-Z][A-Za-z]+)"/#,
            #/\(\s*\.(?:yes|no|unknown),\s*"([A-Z][A-Za-z]+)"/#,
        ]
        var found: Set<String> = []
        for pattern in patterns {
            for match in text.matches(of: pattern) { found.insert(String(match.output.1)) }
        }
        #expect(found.count > 40, "the sources are read: \(found.count)")
        let missing = found.subtracting(words).sorted()
        #expect(missing.isEmpty, "not in ReasonsReference: \(missing)")
    }

    @Test func `every reason of the page is one that the operator gives`() throws {
        let text = try Self.text()
        let unused = words.filter { !text.contains("\"\($0)\"") }.sorted()
        #expect(unused.isEmpty, "nobody says: \(unused)")
    }

    @Test func `no word is explained twice in one group, and none is left unexplained`() {
        for group in ReasonsReference.groups {
            #expect(Set(group.entries.map(\.word)).count == group.entries.count, "\(group.title)")
            #expect(group.entries.allSatisfy { $0.meaning.hasSuffix(".") })
        }
    }
}
