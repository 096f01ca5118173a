import FoundationEssentials
import KubernetesCore

/// The environment of a container's process: what the container names, and the few variables that
/// every container has.
struct ContainerEnvironment: Sendable {
    let pod: LocalPod
    let container: LocalContainer
    let paths: PathMap
    let api: InProcessAPI
    /// Folders that come first in PATH.
    let commandPath: [String]
    let home: String
    let serverPort: Int

    /// All variables. Throws where a ConfigMap or Secret that must be there is missing.
    func variables(hostPath: String) async throws -> [String: String] {
        var result = [
            "PATH": (commandPath + [hostPath]).joined(separator: ":"),
            "HOME": home, "HOSTNAME": pod.name, "TMPDIR": home,
            "KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "\(serverPort)",
        ]
        for source in container.spec["envFrom"]?.array ?? [] {
            let prefix = source["prefix"]?.string ?? ""
            if let map = source["configMapRef"] {
                for (key, value) in try await data("configmaps", map) {
                    result[prefix + key] = value
                }
            }
            if let secret = source["secretRef"] {
                for (key, value) in try await data("secrets", secret) {
                    result[prefix + key] = value
                }
            }
        }
        for variable in container.spec["env"]?.array ?? [] {
            guard let name = variable["name"]?.string else { continue }
            if let source = variable["valueFrom"] {
                if let value = try await value(from: source) { result[name] = value }
            } else {
                result[name] = Self.expand(variable["value"]?.string ?? "", result)
            }
        }
        return result.mapValues(paths.rewrite)
    }

    private func value(from source: JSONValue) async throws -> String? {
        if let field = source["fieldRef"]?["fieldPath"]?.string {
            return PodFields.value(field, of: pod)
        }
        if let reference = source["configMapKeyRef"] {
            return try await key("configmaps", reference)
        }
        if let reference = source["secretKeyRef"] { return try await key("secrets", reference) }
        if let resource = source["resourceFieldRef"]?["resource"]?.string {
            let parts = resource.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return nil }
            let value = container.spec["resources"]?[parts[0]]?[parts[1]]
            return value?.string ?? value?.integer.map(String.init) ?? "0"
        }
        return nil
    }

    private func key(_ plural: String, _ reference: JSONValue) async throws -> String? {
        let key = reference["key"]?.string ?? ""
        if let value = try await data(plural, reference)[key] { return value }
        if reference["optional"]?.bool == true { return nil }
        let name = reference["name"]?.string ?? ""
        throw LocalClusterError.volume(
            "couldn't find key \(key) in \(plural) \(pod.namespace)/\(name)")
    }

    private func data(_ plural: String, _ reference: JSONValue) async throws -> [String: String] {
        let name = reference["name"]?.string ?? ""
        let object: JSONValue
        do {
            object = try await api.send(
                "GET", "/api/v1/namespaces/\(pod.namespace)/\(plural)/\(name)")
        } catch LocalClusterError.refused(_, status: 404, let message) {
            if reference["optional"]?.bool == true { return [:] }
            throw LocalClusterError.volume(message)
        }
        var result: [String: String] = [:]
        for (key, value) in object["data"]?.object ?? JSONObject() {
            let text = value.string ?? ""
            result[key] =
                plural == "secrets"
                ? Data(base64Encoded: text).map { String(decoding: $0, as: UTF8.self) } ?? "" : text
        }
        return result
    }

    /// Replaces `$(NAME)` by variables set before; `$$` stands for one dollar sign, and a name that
    /// is not set stays as it is, as Kubernetes defines it.
    static func expand(_ text: String, _ variables: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        while let first = rest.first {
            rest = rest.dropFirst()
            guard first == "$", let second = rest.first else {
                result.append(first)
                continue
            }
            if second == "$" {
                result.append("$")
                rest = rest.dropFirst()
            } else if second == "(", let end = rest.firstIndex(of: ")") {
                let name = String(rest[rest.index(after: rest.startIndex)..<end])
                result += variables[name] ?? "$(\(name))"
                rest = rest[rest.index(after: end)...]
            } else {
                result.append("$")
            }
        }
        return result
    }
}
