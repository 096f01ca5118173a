import Foundation
import Subprocess
import SystemPackage
import Testing

/// The status page as people see it: over HTTP, and in a headless Chromium.
@Suite(.serialized, .timeLimit(.minutes(5))) struct StatusPageBrowserTests {
    private static let samples = DevCluster.root + "/manifests/samples"

    private static let hasBrowser = ["chromium", "chromium-browser", "google-chrome"].contains {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/" + $0)
    }

    private static func get(_ url: String) async throws -> (status: String, text: String) {
        let result = try await Subprocess.run(
            .name("curl"), arguments: ["-s", "-i", "--max-time", "20", url], input: .none,
            output: .string(limit: 4 << 20), error: .string(limit: 1 << 16))
        let text = result.standardOutput.replacingOccurrences(of: "\r", with: "")
        return (String(text.prefix { $0 != "\n" }), text)
    }

    @Test func `the page is served beside the metrics, with nothing to run but its own files`()
        async throws
    {
        try await DevCluster.run { cluster in
            try await cluster.kubectl("apply", "-f", Self.samples)
            #expect(cluster.page.hasPrefix("http://127.0.0.1:"))
            try await cluster.eventually("the page shows the pools") {
                try await Self.get(cluster.page).text.contains("pool?name=default/qa")
            }
            let page = try await Self.get(cluster.page)
            #expect(page.status.contains("200"))
            #expect(page.text.lowercased().contains("content-security-policy: default-src 'none'"))
            let moved = try await Self.get(String(cluster.page.dropLast()))
            #expect(moved.text.lowercased().contains("location: ui/"), "\(moved.text)")
            for (path, status) in [
                ("page.css", "200"), ("page.js", "200"), ("icon.svg", "200"),
                ("task?name=default/flaky", "200"), ("task?name=default/none", "404"),
                ("task", "404"), ("../metrics", "200"), ("other", "404"),
                ("pool?name=%3Cscript%3E/x", "404"),
            ] {
                let answer = try await Self.get(cluster.page + path)
                #expect(answer.status.contains(status), "\(path): \(answer.status)")
                #expect(!answer.text.contains("<script>"))
            }
        }
    }

    /// Pictures go where `SWIFTLET_UI_PICTURES` says; `make ui-test` looks there for the one that
    /// is in the README.
    @Test(.enabled(if: hasBrowser, "there is no chromium here: make ui-test installs it"))
    func `a browser finds nothing wrong with the page while tasks run`() async throws {
        try await DevCluster.run { cluster in
            try await cluster.kubectl("apply", "-f", Self.samples)
            try await cluster.kubectl(
                "wait", "--for=condition=Complete", "bt/flaky", "--timeout=120s")
            let pictures =
                ProcessInfo.processInfo.environment["SWIFTLET_UI_PICTURES"]
                ?? cluster.folder + "/pictures"
            let result = try await Subprocess.run(
                .name("python3"),
                arguments: [
                    DevCluster.root + "/scripts/ui-check.py", "--url", cluster.page,
                    "--kubeconfig", cluster.kubeconfig, "--out", pictures,
                ],
                environment: .inherit.updating(["HOME": cluster.folder]), input: .none,
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            #expect(
                result.terminationStatus.isSuccess,
                "\(result.standardOutput)\n\(result.standardError)")
        }
    }
}
