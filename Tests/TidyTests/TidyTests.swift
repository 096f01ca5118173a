import Foundation
import Testing

/// The rules of `TidyRules`, held against the repository's own sources.
@Suite struct TidyTests {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file below `folder`, with its path relative to the root.
    static func sources(_ folder: String) throws -> [(path: String, text: String)] {
        let base = root.appendingPathComponent(folder)
        guard let walk = FileManager.default.enumerator(atPath: base.path) else { return [] }
        var result: [(path: String, text: String)] = []
        for case let path as String in walk where path.hasSuffix(".swift") {
            let text = try String(contentsOf: base.appendingPathComponent(path), encoding: .utf8)
            result.append((folder + "/" + path, text))
        }
        return result.sorted { $0.path < $1.path }
    }

    @Test func `every source keeps the rules of the house`() throws {
        let files = try Self.sources("Sources")
        #expect(files.count > 20, "the sources were not found below \(Self.root.path)")
        var findings: [Finding] = []
        for (path, text) in files {
            let target = path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
            findings += TidyRules.check(text, file: path, target: target)
        }
        let report = findings.map(\.description).joined(separator: "\n")
        #expect(findings.isEmpty, "\(findings.count) findings:\n\(report)")
    }

    @Test func `tests are held to sizes and leave nothing for later`() throws {
        var findings: [Finding] = []
        for (path, text) in try Self.sources("Tests") where !path.contains("/TidyTests/") {
            let source = SourceText(text)
            findings += TidyRules.size(source, path) + TidyRules.leftovers(source, path)
        }
        let report = findings.map(\.description).joined(separator: "\n")
        #expect(findings.isEmpty, "\(findings.count) findings:\n\(report)")
    }

    @Test func `no pure layer imports the edge`() throws {
        for (target, imports) in Layers.imports where Layers.pure.contains(target) {
            let upwards = imports.filter { Layers.imports[$0] != nil && !Layers.pure.contains($0) }
            #expect(upwards.isEmpty, "pure \(target) imports the edge: \(upwards.sorted())")
        }
    }

    @Test func `every document has one title`() throws {
        let root = Self.root
        var documents = try FileManager.default.contentsOfDirectory(atPath: root.path)
            .filter { $0.hasSuffix(".md") }
        let walk = FileManager.default.enumerator(atPath: root.appendingPathComponent("docs").path)
        for case let path as String in walk ?? .init() where path.hasSuffix(".md") {
            documents.append("docs/" + path)
        }
        #expect(documents.contains("README.md"))
        for document in documents.sorted() {
            let text = try String(
                contentsOf: root.appendingPathComponent(document), encoding: .utf8)
            var fenced = false
            var titles = 0
            for line in text.split(separator: "\n") {
                if line.hasPrefix("```") { fenced.toggle() }
                if !fenced && line.hasPrefix("# ") { titles += 1 }
            }
            #expect(titles == 1, "\(document) has \(titles) titles")
        }
    }

    @Test func `the readme can be read in a few minutes`() throws {
        let text = try String(
            contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 151)
    }
}
