import CurlTransport
import Foundation
import KubernetesClient
import KubernetesCore
import Testing

@Suite struct `Kubeconfig files` {
    private let folder = Folder()

    @Test func `server, namespace, certificates and token are taken over`() throws {
        let file = folder.write(
            "config",
            """
            apiVersion: v1
            kind: Config
            current-context: dev
            contexts:
            - {name: dev, context: {cluster: c, user: u, namespace: team}}
            - {name: other, context: {cluster: c2, user: u}}
            clusters:
            - name: c
              cluster:
                server: https://10.1.2.3:6443/base
                certificate-authority-data: \(base64(pem))
                tls-server-name: kubernetes.example
                proxy-url: http://proxy:3128
            - {name: c2, cluster: {server: "http://127.0.0.1:8001", insecure-skip-tls-verify: true}}
            users:
            - name: u
              user:
                token: secret
                as: somebody
                as-groups: [a, b]
            """)
        let dev = try ClientConfiguration.load(kubeconfig: file)
        #expect(dev.server.endpoint == "10.1.2.3:6443")
        #expect(dev.server.basePath == "/base")
        #expect(dev.server.tls.serverName == "kubernetes.example")
        #expect(dev.server.proxy == "http://proxy:3128")
        #expect(dev.authorities == .bytes(Array(pem.utf8)))
        #expect(dev.authentication == .token("secret"))
        #expect(dev.namespace == "team")
        #expect(dev.impersonation?.groups == ["a", "b"])
        let other = try ClientConfiguration.load(kubeconfig: file, context: "other")
        #expect(!other.server.isSecure)
        #expect(other.server.tls.isInsecure)
        #expect(other.namespace == "default")
    }

    @Test func `paths start from the folder of their own file`() throws {
        _ = folder.write("pki/ca.pem", pem)
        _ = folder.write("pki/client.pem", pem)
        _ = folder.write("pki/client.key", pem)
        let file = folder.write(
            "config",
            minimal(
                cluster: "certificate-authority: pki/ca.pem",
                user: "{client-certificate: pki/client.pem, client-key: pki/client.key}"))
        let configuration = try ClientConfiguration.load(kubeconfig: file)
        #expect(configuration.authorities == .file(folder.path + "/pki/ca.pem"))
        #expect(configuration.clientKey == .file(folder.path + "/pki/client.key"))
    }

    @Test func `of several files the first that names something counts`() throws {
        let first = folder.write(
            "first", "contexts: [{name: x, context: {cluster: c, user: u, namespace: one}}]")
        let second = folder.write("second", minimal(cluster: "", user: "{token: t}"))
        let missing = folder.path + "/missing"
        let environment = ["KUBECONFIG": [missing, first, second].joined(separator: ":")]
        let configuration = try ClientConfiguration.load(environment: environment)
        #expect(configuration.namespace == "one")
        #expect(configuration.authentication == .token("t"))
        #expect(throws: ConfigurationError.self) {
            try ClientConfiguration.load(environment: ["KUBECONFIG": missing])
        }
    }

    @Test(arguments: [
        ("a: [", "no valid YAML"), ("- a", "holds no mapping"), ("kind: Pod", "holds a Pod"),
        ("{}", "no current-context"), ("current-context: gone", "no context \"gone\""),
        ("contexts: 5", "contexts must be a list"), ("contexts: [{}]", "has no name"),
        ("a: 1\na: 2", "given twice"), ("a: 1\n---\nb: 2", "several YAML documents"),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: gone}}]",
            "no cluster \"gone\"; it has: none"
        ),
    ])
    func `a broken file is one clear sentence`(_ content: String, _ words: String) {
        expect(content, words)
    }

    @Test(arguments: [
        ("certificate-authority: /gone/ca.pem", "{}", "/gone/ca.pem cannot be read: No such file"),
        ("certificate-authority-data: '%%%'", "{}", "not base64"),
        ("certificate-authority-data: aGVsbG8=", "{}", "not PEM"),
        ("server: 'ftp://x'", "{}", "is no http or https URL"),
        ("server: ''", "{}", "names no server"),
        ("proxy-url: 'ftp://x'", "{}", "must begin with one of"),
        ("server: 5", "{}", "must be a string"),
        (
            "{server: 'https://a', insecure-skip-tls-verify: true, "
                + "certificate-authority-data: LS0=}",
            "{}", "choose one"
        ),
        ("", "{tokenFile: /gone/token}", "/gone/token cannot be read"),
        ("", "{client-certificate-data: LS0=}", "given together"),
        ("", "{auth-provider: {name: gcp}}", "exec plugin instead"),
        ("", "{exec: {apiVersion: client.authentication.k8s.io/v1}}", "names no command"),
        (
            "", "{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}}",
            "supported are"
        ),
        (
            "",
            "{exec: {apiVersion: client.authentication.k8s.io/v1, command: x, "
                + "interactiveMode: Always}}",
            "needs a terminal"
        ),
    ])
    func `a broken entry is one clear sentence`(
        _ cluster: String, _ user: String, _ words: String
    ) {
        expect(minimal(cluster: cluster, user: user), words)
    }

    @Test func `no configuration at all says what to do`() {
        let error = #expect(throws: ConfigurationError.self) {
            try ClientConfiguration.load(environment: ["HOME": folder.path])
        }
        #expect(error?.description.contains("--kubeconfig") == true)
    }

    @Test func `inside a pod the service account is used`() throws {
        _ = folder.write("token", "abc\n")
        _ = folder.write("ca.crt", pem)
        _ = folder.write("namespace", "team\n")
        let environment = [
            "KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443",
        ]
        let configuration = try ClientConfiguration.inCluster(
            environment: environment, folder: folder.path)
        #expect(configuration.server.endpoint == "[fd00::1]:443")
        #expect(configuration.namespace == "team")
        #expect(configuration.authentication == .tokenFile(folder.path + "/token"))
        _ = folder.write("namespace", String(repeating: "a", count: 1_025))
        #expect(throws: ConfigurationError.self) {
            try ClientConfiguration.inCluster(environment: environment, folder: folder.path)
        }
        #expect(throws: ConfigurationError.self) {
            try ClientConfiguration.inCluster(environment: environment, folder: "/gone")
        }
        #expect(throws: ConfigurationError.self) {
            try ClientConfiguration.inCluster(environment: [:], folder: folder.path)
        }
    }

    private let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private func expect(_ content: String, _ words: String) {
        let file = folder.write("config", content)
        let error = #expect(throws: ConfigurationError.self) {
            try ClientConfiguration.load(kubeconfig: file)
        }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\n") == false)
    }

    /// A whole file around one cluster and one user.
    private func minimal(cluster: String, user: String) -> String {
        var entry = "{server: 'https://a'}"
        if cluster.hasPrefix("{") {
            entry = cluster
        } else if cluster.hasPrefix("server") {
            entry = "{\(cluster)}"
        } else if !cluster.isEmpty {
            entry = "{server: 'https://a', \(cluster)}"
        }
        return """
            current-context: x
            contexts: [{name: x, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: \(entry)}]
            users: [{name: u, user: \(user)}]
            """
    }
}

/// A folder that goes away with its test.
final class Folder: Sendable {
    let path: String

    init() {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("swiftlet-\(UUID().uuidString)")
        path = url.path
        try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, replacing it in one step, and returns its path.
    func write(_ name: String, _ content: String) -> String {
        let file = URL(fileURLWithPath: path).appendingPathComponent(name)
        let parent = file.deletingLastPathComponent()
        try? FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try? Data(content.utf8).write(to: file, options: .atomic)
        return file.path
    }
}
