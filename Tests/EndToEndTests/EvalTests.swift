import Foundation
import KubernetesCore
import Subprocess
import SystemPackage
import Testing

/// `swiftlet eval`: the expression languages through a pipe.
@Suite(.timeLimit(.minutes(2))) struct EvalTests {
    /// `shared` next to the package, where it exists.
    private static let shared: String? = {
        let folder = DevCluster.root + "/../shared"
        return FileManager.default.fileExists(atPath: folder) ? folder : nil
    }()

    /// What `swiftlet eval` with `arguments` answers to `input`, line by line.
    private func answers(_ arguments: [String], to input: [UInt8]) async throws -> [JSONValue] {
        let result = try await Subprocess.run(
            .path(FilePath(DevCluster.programs + "/swiftlet")),
            arguments: Arguments(["eval"] + arguments), input: .array(input),
            output: .bytes(limit: 1 << 24), error: .string(limit: 1 << 16))
        #expect(result.terminationStatus == .exited(0), "\(result.standardError)")
        return try result.standardOutput.split(separator: 0x0A).map {
            try JSONValue(parsing: Array($0))
        }
    }

    private func lines(_ requests: [JSONValue]) -> [UInt8] {
        requests.flatMap { $0.encoded() + [0x0A] }
    }

    private func files(_ folder: String) throws -> [JSONValue] {
        let root = try #require(Self.shared) + "/" + folder
        return try FileManager.default.contentsOfDirectory(atPath: root).sorted()
            .filter { $0.hasSuffix(".json") }
            .map { name in
                let data = try #require(FileManager.default.contents(atPath: root + "/" + name))
                return try JSONValue(parsing: Array(data))
            }
    }

    @Test func `a bad line is answered with an error and the next one is read`() async throws {
        var input = Array("{\"expression\": \"a\", \"given\": {\"a\": 1}}\n\nnot json\n[]\n".utf8)
        input += [0xFF, 0xFE, 0x0A] + Array(repeating: 0x5B, count: 100_000) + [0x0A]
        input += Array(repeating: 0x61, count: (16 << 20) + 1) + [0x0A]
        input += Array("{\"expression\": \"b[\"}\n{\"expression\": \"missing\"}\n".utf8)
        input += Array("{\"expression\": \"m\", \"given\": {}, \"dialect\": \"kyverno\"}\n".utf8)
        input += Array(
            "{\"expression\": \"m\", \"dialect\": \"x\"}\n{\"expression\": \"`1`\"}".utf8)
        let jmespath = try await answers(["jmespath"], to: input)
        #expect(jmespath.count == 12)
        #expect(
            jmespath.map { $0["error"] == nil } == [
                true, false, false, false, false, false, false, false, true, false, false, true,
            ])
        #expect(jmespath.first == ["result": 1])
        #expect(jmespath.dropFirst(9).first?["error"] == "not-found")
        #expect(jmespath.last == ["result": 1])

        let cel = try await answers(
            ["cel"], to: Array("{\"expr\": \"1 + 1\"}\n\n{}\n{\"expr\": \"(\"}\n".utf8))
        #expect(cel.count == 4)
        #expect(cel.first == ["result": ["int": "2"]])
        #expect(cel.dropFirst().allSatisfy { $0["error"]?.string != nil })
    }

    @Test func `time and seed come from the options`() async throws {
        let requests: [JSONValue] = [
            ["expression": "time_now()"], ["expression": "random('[a-z]{8}')"],
            ["expression": "parse_yaml('a: [1, 2]').a[1]"],
        ]
        let arguments = [
            "jmespath", "--dialect", "kyverno", "--now", "2026-03-01T09:30:00Z", "--seed", "7",
        ]
        let first = try await answers(arguments, to: lines(requests))
        #expect(first.first == ["result": "2026-03-01T09:30:00Z"])
        #expect(first.last == ["result": 2])
        #expect(try await answers(arguments, to: lines(requests)) == first)
    }

    @Test(.enabled(if: shared != nil, "shared/jmespath is not there"))
    func `the public suite of JMESPath is answered through the pipe`() async throws {
        var requests: [JSONValue] = []
        var wanted: [JSONValue] = []
        for group in try files("jmespath").flatMap({ $0.array ?? [] }) {
            for test in group["cases"]?.array ?? [] {
                requests.append([
                    "expression": test["expression"] ?? .null, "given": group["given"] ?? .null,
                ])
                wanted.append(test)
            }
        }
        let found = try await answers(["jmespath"], to: lines(requests))
        try #require(found.count == wanted.count)
        for (answer, test) in zip(found, wanted) {
            #expect(answer["error"] == test["error"], "\(test.text)")
            #expect((answer["result"] == nil) == (test["result"] == nil), "\(test.text)")
        }
    }

    @Test(.enabled(if: shared != nil, "shared/cel is not there"))
    func `the public suite of CEL is answered through the pipe`() async throws {
        let sections = try files("cel/conformance").flatMap { $0["sections"]?.array ?? [] }
        let tests = sections.flatMap { $0["tests"]?.array ?? [] }
        try #require(!tests.isEmpty)
        let found = try await answers(["cel"], to: lines(tests))
        try #require(found.count == tests.count)
        for (answer, test) in zip(found, tests) where test["check_only"] == nil {
            // Where Kubernetes differs from the suite, its answer is the right one here.
            let wanted = test["k8s_expect"] ?? test["expect"]
            let isRight = (answer["result"] == nil) == (wanted?["value"] == nil)
            #expect(isRight, "\(test.text): \(answer.text)")
        }
    }
}
