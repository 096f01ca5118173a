import CurlTransport
import FoundationEssentials
import KubernetesCore
import YAMLReading

/// One or several kubeconfig files, put together as kubectl does: of everything that has a name,
/// and of the current context, the first file that has it counts.
struct Kubeconfig {
    /// A named entry and the folder that its relative paths start from.
    struct Entry {
        let value: JSONValue
        let file: String
        let folder: String
    }

    private static let proxySchemes = ["http://", "https://", "socks5://", "socks5h://"]

    private let files: [String]
    private var clusters: [String: Entry] = [:]
    private var users: [String: Entry] = [:]
    private var contexts: [String: Entry] = [:]
    private var currentContext = ""

    /// Reads files, which must all exist.
    init(files: [String]) throws(ConfigurationError) {
        self.files = files
        for file in files { try add(file) }
    }

    /// What `context`, or else the current context, says.
    func configuration(context: String?) throws(ConfigurationError) -> ClientConfiguration {
        let name = context.flatMap { $0.isEmpty ? nil : $0 } ?? currentContext
        guard !name.isEmpty else {
            throw ConfigurationError(
                "\(place) has no current-context; name one of: \(Kubeconfig.names(contexts))")
        }
        let entry = try find(name, in: contexts, "context")
        let cluster = try find(
            try text(entry, "cluster", of: "context \(name)"), in: clusters, "cluster")
        let userName = try text(entry, "user", of: "context \(name)")
        let user = userName.isEmpty ? nil : try find(userName, in: users, "user")
        var configuration = try self.configuration(of: cluster)
        if let user { try UserEntry(user).add(to: &configuration) }
        let namespace = try text(entry, "namespace", of: "context \(name)")
        if !namespace.isEmpty { configuration.namespace = namespace }
        return configuration
    }

    private var place: String { "kubeconfig " + files.joined(separator: ", ") }

    private mutating func add(_ file: String) throws(ConfigurationError) {
        let bytes = try FileReading.read(file, bytesMax: 16 << 20, "kubeconfig")
        guard let content = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError("kubeconfig \(file) is not UTF-8 text")
        }
        let documents: [JSONValue]
        do throws(YAMLError) {
            documents = try YAMLText.read(content)
        } catch {
            throw ConfigurationError("kubeconfig \(file) is no valid YAML: \(error)")
        }
        guard documents.count <= 1 else {
            throw ConfigurationError("kubeconfig \(file) holds several YAML documents; use one")
        }
        let root = documents.first ?? [:]
        guard root.object != nil else {
            throw ConfigurationError("kubeconfig \(file) holds no mapping, but a \(root.typeName)")
        }
        if let kind = root["kind"]?.string, kind != "Config" {
            throw ConfigurationError("kubeconfig \(file) holds a \(kind), not a Config")
        }
        let slash = file.lastIndex(of: "/")
        let folder = slash.map { String(file[...$0]) } ?? ""
        if currentContext.isEmpty { currentContext = root["current-context"]?.string ?? "" }
        try collect(root, "clusters", "cluster", file, folder, into: &clusters)
        try collect(root, "users", "user", file, folder, into: &users)
        try collect(root, "contexts", "context", file, folder, into: &contexts)
    }

    private func collect(
        _ root: JSONValue, _ list: String, _ member: String, _ file: String, _ folder: String,
        into entries: inout [String: Entry]
    ) throws(ConfigurationError) {
        guard let values = root[list], !values.isNull else { return }
        guard let elements = values.array else {
            throw ConfigurationError("kubeconfig \(file): \(list) must be a list")
        }
        for element in elements {
            guard let name = element["name"]?.string else {
                throw ConfigurationError("kubeconfig \(file): an entry of \(list) has no name")
            }
            let value = element[member] ?? [:]
            guard value.object != nil || value.isNull else {
                throw ConfigurationError(
                    "kubeconfig \(file): \(member) of \(name) must be a mapping")
            }
            if entries[name] == nil {
                entries[name] = Entry(value: value, file: file, folder: folder)
            }
        }
    }

    private func find(
        _ name: String, in entries: [String: Entry], _ kind: String
    ) throws(ConfigurationError) -> Entry {
        if let entry = entries[name] { return entry }
        throw ConfigurationError(
            "\(place) has no \(kind) \"\(name)\"; it has: \(Kubeconfig.names(entries))")
    }

    private static func names(_ entries: [String: Entry]) -> String {
        entries.isEmpty ? "none" : entries.keys.sorted().prefix(20).joined(separator: ", ")
    }

    private func text(
        _ entry: Entry, _ key: String, of what: String
    ) throws(ConfigurationError) -> String {
        try entry.text(key, of: what)
    }

    private func configuration(of cluster: Entry) throws(ConfigurationError) -> ClientConfiguration
    {
        let url = try cluster.text("server", of: "the cluster")
        guard !url.isEmpty else {
            throw ConfigurationError("kubeconfig \(cluster.file): the cluster names no server")
        }
        guard var server = HTTPServer(url.contains("://") ? url : "http://" + url) else {
            throw ConfigurationError(
                "kubeconfig \(cluster.file): the server \"\(url)\" is no http or https URL")
        }
        server.tls.isInsecure = cluster.value["insecure-skip-tls-verify"]?.bool ?? false
        server.tls.serverName = try cluster.text("tls-server-name", of: "the cluster")
        let proxy = try cluster.text("proxy-url", of: "the cluster")
        if !proxy.isEmpty {
            guard Kubeconfig.proxySchemes.contains(where: proxy.hasPrefix) else {
                throw ConfigurationError(
                    "kubeconfig \(cluster.file): the proxy-url \"\(proxy)\" must begin with one of "
                        + Kubeconfig.proxySchemes.joined(separator: ", "))
            }
            server.proxy = proxy
        }
        let authorities = try cluster.material("certificate-authority", of: "the cluster")
        guard authorities == nil || !server.tls.isInsecure else {
            throw ConfigurationError(
                "kubeconfig \(cluster.file): the cluster names a certificate authority and "
                    + "insecure-skip-tls-verify; choose one")
        }
        if let authorities {
            let bytes = try authorities.read("the cluster's certificate authority")
            guard String(decoding: bytes, as: UTF8.self).contains("-----BEGIN") else {
                throw ConfigurationError(
                    "kubeconfig \(cluster.file): the cluster's certificate authority is not PEM"
                )
            }
        }
        return ClientConfiguration(server: server, authorities: authorities)
    }
}

extension Kubeconfig.Entry {
    /// The string member `key`; empty where it is missing.
    func text(_ key: String, of what: String) throws(ConfigurationError) -> String {
        guard let value = value[key], !value.isNull else { return "" }
        guard let text = value.string else {
            throw ConfigurationError(
                "kubeconfig \(file): \(key) of \(what) must be a string, not a \(value.typeName)")
        }
        return text
    }

    /// The material `key-data` (base64), or the file `key`.
    func material(_ key: String, of what: String) throws(ConfigurationError) -> Material? {
        let data = try text(key + "-data", of: what)
        if !data.isEmpty {
            guard let bytes = Data(base64Encoded: data, options: .ignoreUnknownCharacters),
                !bytes.isEmpty
            else {
                throw ConfigurationError(
                    "kubeconfig \(file): \(key)-data of \(what) is not base64")
            }
            return .bytes(Array(bytes))
        }
        let path = try text(key, of: what)
        return path.isEmpty ? nil : .file(absolute(path))
    }

    /// A path as the file means it: relative ones start from the file's folder.
    func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : folder + path }
}
