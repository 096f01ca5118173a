import Subprocess
import SystemPackage
import Testing

/// The guided run that the README names.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DemoTests {
    @Test func `the demo ends every sample as it was meant to, and says what it measured`()
        async throws
    {
        let result = try await Subprocess.run(
            .path(FilePath(DevCluster.programs + "/swiftlet")),
            arguments: ["demo", "--samples", DevCluster.root + "/manifests/samples"],
            environment: .inherit.updating(["TMPDIR": "/var/tmp"]), input: .none,
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let text = result.standardOutput + result.standardError
        #expect(result.terminationStatus.isSuccess, "\(text)")
        #expect(result.standardOutput.contains("Every sample task ended as it was meant to."))
        #expect(result.standardOutput.contains("over 50 tasks: p50 "), "\(text)")
    }
}
