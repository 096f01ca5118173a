import Foundation
import JMESPath
import KubernetesCore
import Testing

/// The public suite of the language, where it lies beside the repository.
@Suite struct ConformanceTests {
    /// `shared/jmespath` next to the package, where it exists.
    static let folder: URL? = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("shared/jmespath")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    @Test(.enabled(if: folder != nil, "shared/jmespath is not there"))
    func `every case of the public suite gives what it should`() throws {
        let folder = try #require(Self.folder)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".json") }.sorted()
        var total = 0
        var failures: [String] = []
        for name in names {
            let bytes = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
            for group in try JSONValue(parsing: bytes).array ?? [] {
                let given = try #require(group["given"])
                for test in group["cases"]?.array ?? [] {
                    total += 1
                    if let failure = Self.failure(test, given) {
                        failures.append("\(name): \(failure)")
                    }
                }
            }
        }
        print("jmespath: \(total - failures.count) of \(total)")
        #expect(total > 0)
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    private static func failure(_ test: JSONValue, _ given: JSONValue) -> String? {
        let source = test["expression"]?.string ?? ""
        let answer: JSONValue
        do {
            answer = try JMESPathExpression(source).search(given)
        } catch {
            let wanted = test["error"]?.string
            return wanted == error.code.rawValue ? nil : "\(source) fails: \(error.code) \(error)"
        }
        guard let result = test["result"] else {
            return "\(source) gives \(answer.text), not \(test["error"]?.string ?? "")"
        }
        return same(answer, result) ? nil : "\(source) gives \(answer.text), not \(result.text)"
    }

    /// Whether two values are the same, however their numbers are kept.
    static func same(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.array(let a), .array(let b)):
            a.count == b.count && zip(a, b).allSatisfy { same($0, $1) }
        case (.object(let a), .object(let b)):
            a.keys == b.keys && zip(a.values, b.values).allSatisfy { same($0, $1) }
        default: left == right || (left.double != nil && left.double == right.double)
        }
    }
}
