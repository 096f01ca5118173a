import Foundation
import KubernetesCore
import Subprocess
import SystemPackage
import Testing

/// A running `swiftlet dev` and the kubectl that talks to it.
struct DevCluster: Sendable {
    /// Where the kubeconfig is.
    let kubeconfig: String
    /// A folder of this test's own.
    let folder: String
    /// The process id of `swiftlet dev`.
    let process: Int32
    /// Where the status page is; empty without an operator.
    var page = ""

    /// The kubeconfig of the operator's own ServiceAccount, which the cluster wrote beside the
    /// operator's other files; empty where it wrote none.
    var operatorKubeconfig: String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let paths = names.sorted().map { folder + "/" + $0 + "/operator.kubeconfig" }
        return paths.first { FileManager.default.fileExists(atPath: $0) } ?? ""
    }

    /// The folder in which the built programs lie.
    static let programs: String = {
        let path =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: path).deletingLastPathComponent().path
    }()

    /// The root of the repository.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// Runs `body` against a cluster that was started for it, and ends the cluster afterwards,
    /// unless the body has killed it.
    static func run(
        _ arguments: [String] = [], endsByItself: Bool = true,
        _ body: @Sendable (DevCluster) async throws -> Void
    ) async throws {
        // Not below /tmp: agents have a folder of their own mounted there.
        let folder = "/var/tmp/swiftlet-e2e-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let kubeconfig = folder + "/kubeconfig"
        let log = try FileDescriptor.open(
            FilePath(folder + "/dev.log"), .writeOnly, options: [.create, .append],
            permissions: .ownerReadWrite)
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(20))]
        let result = try await Subprocess.run(
            .path(FilePath(programs + "/swiftlet")),
            arguments: Arguments(["dev", "--kubeconfig", kubeconfig] + arguments),
            environment: .inherit.updating(["TMPDIR": folder]), platformOptions: options,
            input: .none, output: .sequence,
            error: .fileDescriptor(log, closeAfterSpawningProcess: true)
        ) { execution in
            var cluster = DevCluster(
                kubeconfig: kubeconfig, folder: folder,
                process: execution.processIdentifier.value)
            var isReady = false
            for try await line in execution.standardOutput.strings() {
                isReady = isReady || line.hasPrefix("ready ")
                if line.hasPrefix("status page ") {
                    cluster.page = String(line.dropFirst("status page ".count))
                        .trimmingCharacters(in: .whitespacesAndNewlines)
                }
                if isReady, !cluster.page.isEmpty || arguments.contains("--no-operator") { break }
            }
            try #require(isReady, "swiftlet dev ended before it was ready")
            do {
                try await body(cluster)
            } catch {
                try? execution.send(signal: .terminate)
                Issue.record("\(error)\n\(cluster.diagnosis())")
                return
            }
            if endsByItself { try execution.send(signal: .terminate) }
        }
        guard endsByItself else { return }
        #expect(result.terminationStatus.isSuccess, "swiftlet dev: \(result.terminationStatus)")
    }

    /// Runs kubectl and returns what it wrote to standard output; fails where it fails.
    @discardableResult
    func kubectl(_ arguments: String..., input: String = "") async throws -> String {
        let result = try await attempt(arguments, input: input)
        try #require(
            result.succeeded,
            "kubectl \(arguments.joined(separator: " ")) failed: \(result.error)\(result.output)")
        return result.output
    }

    /// Runs kubectl, whatever becomes of it.
    func attempt(
        _ arguments: [String], input: String = "", environment: [Environment.Key: String?] = [:]
    ) async throws -> (succeeded: Bool, output: String, error: String) {
        var variables = environment
        variables["KUBECONFIG"] = kubeconfig
        variables["HOME"] = folder
        variables["TMPDIR"] = folder
        let result = try await Subprocess.run(
            .name("kubectl"), arguments: Arguments(arguments),
            environment: .inherit.updating(variables),
            input: .string(input), output: .string(limit: 8 << 20),
            error: .string(limit: 1 << 20))
        return (
            result.terminationStatus.isSuccess, result.standardOutput,
            result.standardError
        )
    }

    /// Runs `swiftlet` and returns what it wrote; fails where it fails, unless that is expected.
    @discardableResult
    func swiftlet(_ arguments: String..., fails: Bool = false) async throws -> String {
        let result = try await Subprocess.run(
            .path(FilePath(Self.programs + "/swiftlet")), arguments: Arguments(arguments),
            environment: .inherit.updating(["KUBECONFIG": kubeconfig, "HOME": folder]),
            input: .none, output: .string(limit: 8 << 20), error: .string(limit: 1 << 20))
        let said = result.standardError + result.standardOutput
        try #require(
            result.terminationStatus.isSuccess != fails,
            "swiftlet \(arguments.joined(separator: " ")): \(result.terminationStatus) \(said)")
        return fails ? said : result.standardOutput
    }

    /// Runs kubectl where it must refuse, and returns what it said about it.
    @discardableResult
    func refusal(_ arguments: String..., input: String = "") async throws -> String {
        let result = try await attempt(arguments, input: input)
        #expect(
            !result.succeeded,
            "kubectl \(arguments.joined(separator: " ")) succeeded: \(result.output)")
        return result.error + result.output
    }

    /// An object of the cluster as JSON.
    func object(_ arguments: String...) async throws -> JSONValue {
        let result = try await attempt(["get"] + arguments + ["-o", "json"])
        try #require(result.succeeded, "kubectl get \(arguments): \(result.error)")
        return try JSONValue(parsing: result.output)
    }

    /// Waits until `condition` holds, looking again and again; fails at the deadline.
    func eventually(
        _ what: String, within seconds: Double = 60,
        _ condition: @Sendable () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw DeadlineExceeded(what: what, seconds: seconds)
    }

    /// What a person would look at first when a test failed.
    func diagnosis() -> String {
        var text = ""
        for file in (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        where file.hasSuffix(".log") {
            let log = (try? String(contentsOfFile: folder + "/" + file, encoding: .utf8)) ?? ""
            text += "--- \(file)\n" + log.suffix(6_000) + "\n"
        }
        return text
    }
}

/// A condition that did not come to hold in time.
struct DeadlineExceeded: Error, CustomStringConvertible {
    let what: String
    let seconds: Double

    var description: String { "not within \(seconds) s: \(what)" }
}
