import KubernetesCore
import Testing

@testable import LocalCluster

/// The node's small readers: paths, variables, logs.
@Suite struct NodeTextTests {
    @Test(arguments: [
        ("/code/run.sh", "/w/code/run.sh"), ("/code", "/w/code"), ("/codex/run", "/codex/run"),
        ("--token=/var/run/token/t", "--token=/w/tok/t"),
        ("/code:/code/bin", "/w/code:/w/code/bin"),
        ("a/code", "a/code"), ("", ""), ("http://x/code", "http://x/code"),
        ("/code.txt", "/code.txt"),
        ("sh /code/a /var/run/token", "sh /w/code/a /w/tok"),
    ])
    func `mount paths are replaced where they stand for themselves`(text: String, result: String) {
        let map = PathMap([("/code", "/w/code"), ("/var/run/token/", "/w/tok")])
        #expect(map.rewrite(text) == result)
    }

    @Test func `the longest mount path wins`() {
        let map = PathMap([("/a", "/short"), ("/a/b", "/long")])
        #expect(map.rewrite("/a/b/c") == "/long/c")
        #expect(map.rewrite("/a/c") == "/short/c")
    }

    @Test(arguments: [
        ("$(A)", "1"), ("$$(A)", "$(A)"), ("$(B)", "$(B)"), ("$A", "$A"), ("x$(A)y$", "x1y$"),
        ("$(A", "$(A"), ("$$$(A)", "$1"),
    ])
    func `variables are expanded as Kubernetes does`(text: String, result: String) {
        #expect(ContainerEnvironment.expand(text, ["A": "1"]) == result)
    }

    private static let log = Array(
        """
        2026-01-01T00:00:01.000000Z one
        2026-01-01T00:00:02.000000Z two words
        2026-01-01T00:00:03.000000Z three

        """.utf8)

    private func select(
        since: String? = nil, tail: Int? = nil, timestamps: Bool = false, limit: Int? = nil
    ) -> String {
        String(
            decoding: PodLogStore.select(
                Self.log, since: since.flatMap { Timestamp($0) }, tail: tail,
                timestamps: timestamps, limit: limit), as: UTF8.self)
    }

    @Test func `logs are read whole, from their end, by time and by size`() {
        #expect(select() == "one\ntwo words\nthree\n")
        #expect(select(tail: 1) == "three\n")
        #expect(select(tail: 0) == "")
        #expect(select(since: "2026-01-01T00:00:02Z") == "two words\nthree\n")
        #expect(select(limit: 5) == "one\nt")
        #expect(select(tail: 1, timestamps: true) == "2026-01-01T00:00:03.000000Z three\n")
    }

    @Test(arguments: [
        ("a/b", true), ("../a", false), ("/a", false), ("", false), ("a/../b", false),
    ])
    func `no file leaves its volume`(path: String, safe: Bool) {
        #expect(PodFiles.isSafe(path) == safe)
    }

    @Test func `fields of the pod reach its containers`() {
        let pod = LocalPod([
            "metadata": [
                "name": "p", "namespace": "n", "uid": "u", "labels": ["app": "x", "b": "q\"q"],
            ],
            "spec": ["nodeName": "local"],
        ])
        #expect(PodFields.value("metadata.name", of: pod) == "p")
        #expect(PodFields.value("metadata.labels['app']", of: pod) == "x")
        #expect(PodFields.value("metadata.labels['none']", of: pod) == "")
        #expect(PodFields.value("metadata.labels", of: pod) == "app=\"x\"\nb=\"q\\\"q\"")
        #expect(PodFields.value("status.phase", of: pod) == nil)
    }
}
