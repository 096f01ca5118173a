import Foundation
import KubernetesCore
import Subprocess
import SystemPackage
import Testing

/// What a real API server was recorded to answer, asked of `swiftlet dev` over TLS by the program
/// that recorded it. The same vectors, this package's own copies, go through the model alone in
/// `ConformanceTests`.
@Suite(.timeLimit(.minutes(2))) struct RecordedAnswersTests {
    /// The recorder's folder next to the package, where it exists.
    private static let recorder: String? = {
        let folder = DevCluster.root + "/../shared/conformance"
        return FileManager.default.fileExists(atPath: folder + "/kubeconf.py") ? folder : nil
    }()

    @Test(.enabled(if: recorder != nil, "shared/conformance is not there"))
    func `every recorded case is answered alike over the socket`() async throws {
        let folder = try #require(Self.recorder)
        let vectors = DevCluster.root + "/Tests/APIServerModelTests/Fixtures/conformance"
        let cases = try FileManager.default.contentsOfDirectory(atPath: vectors).sorted()
            .filter { $0.hasSuffix(".json") }.map { vectors + "/" + $0 }
        try #require(cases.count > 50)
        try await DevCluster.run(["--no-operator", "--no-node", "--token", "recorded"]) { cluster in
            let server = try await cluster.kubectl(
                "config", "view", "-o", "jsonpath={.clusters[0].cluster.server}")
            let result = try await Subprocess.run(
                .name("python3"),
                arguments: Arguments(
                    [
                        folder + "/kubeconf.py", "replay", "--server", server, "--token",
                        "recorded",
                    ] + cases), input: .none, output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20))
            let said = Self.failures(
                in: result.standardOutput + result.standardError)
            #expect(said == "\(cases.count) passed, 0 failed", "\(said)")
            #expect(result.terminationStatus.isSuccess, "\(said)")
        }
    }

    /// The cases that failed, a line each, and the recorder's last line.
    private static func failures(in output: String) -> String {
        let lines = output.split(separator: "\n")
        return (lines.dropLast().filter { $0.hasPrefix("FAIL ") } + lines.suffix(1))
            .map { String($0.prefix(600)) }.joined(separator: "\n")
    }
}
