import Foundation
import Subprocess
import Testing

/// A kubectl that goes on until it is ended, such as one that watches or follows a log.
extension DevCluster {
    /// The minor version of the kubectl on PATH: 20 for that of Debian 12, which lacks `events`,
    /// `auth whoami`, `create token`, `wait --for=jsonpath` and `--subresource`.
    static func kubectlMinor() async throws -> Int {
        let result = try await Subprocess.run(
            .name("kubectl"), arguments: ["version", "--client", "-o", "json"],
            output: .string(limit: 1 << 16), error: .discarded)
        let pattern = try NSRegularExpression(pattern: #""minor":\s*"(\d+)"#)
        let text = result.standardOutput
        let match = pattern.firstMatch(
            in: text, range: NSRange(text.startIndex..., in: text))
        let range = try #require(match.flatMap { Range($0.range(at: 1), in: text) })
        return try #require(Int(text[range]))
    }

    /// Starts kubectl, calls `meanwhile` beside it and `afterFirst` once it has written its first
    /// line, and ends it by its process id as soon as `isEnough` holds of the lines so far, which
    /// it returns. Fails where that has not happened in time.
    func stream(
        _ arguments: String..., within seconds: Double = 60,
        meanwhile: @escaping @Sendable () async throws -> Void = {},
        afterFirst: @Sendable () async throws -> Void = {},
        until isEnough: @Sendable ([String]) -> Bool
    ) async throws -> [String] {
        let what = "kubectl " + arguments.joined(separator: " ")
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        let result = try await Subprocess.run(
            .name("kubectl"), arguments: Arguments(arguments),
            environment: .inherit.updating(["KUBECONFIG": kubeconfig, "HOME": folder]),
            platformOptions: options, input: .none, output: .sequence,
            error: .discarded
        ) { execution in
            let process = execution.processIdentifier.value
            let alarm = Task {
                try await Task.sleep(for: .seconds(seconds))
                kill(process, SIGKILL)
            }
            let other = Task { try await meanwhile() }
            defer {
                alarm.cancel()
                other.cancel()
            }
            var lines: [String] = []
            for try await line in execution.standardOutput.strings() {
                lines.append(line.trimmingCharacters(in: .newlines))
                if lines.count == 1 { try await afterFirst() }
                if isEnough(lines) { break }
            }
            kill(process, SIGTERM)
            return lines
        }
        let lines = result.closureResult
        try #require(isEnough(lines), "\(what) wrote only: \(lines)")
        return lines
    }
}
