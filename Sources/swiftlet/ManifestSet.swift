import FoundationEssentials
import KubernetesClient
import KubernetesCore
import YAMLReading

/// The objects of a folder of manifests, and how they are applied.
struct ManifestSet: Sendable {
    /// In the order of the files and of the documents in them.
    let objects: [JSONValue]

    /// Reads every YAML file of a folder in the order of their names.
    init(folder: String) throws {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw CommandFailure(
                "the folder \(folder) cannot be read: \(error.systemReason); "
                    + "name one with --samples")
        }
        var objects: [JSONValue] = []
        for name in names.sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
            do {
                objects += try YAMLText.read(text).filter { !$0.isNull }
            } catch {
                throw CommandFailure("\(folder)/\(name): \(error)")
            }
        }
        guard !objects.isEmpty else { throw CommandFailure("\(folder) holds no manifests") }
        self.objects = objects
    }

    /// Applies every object under the field manager `manager`; namespaces first.
    func apply(with client: KubernetesClient, as manager: String) async throws {
        var kinds: [String: [String: ResourceType]] = [:]
        let options = WriteOptions(fieldManager: manager, force: true)
        let namespaces = objects.filter { $0["kind"]?.string == "Namespace" }
        let rest = objects.filter { $0["kind"]?.string != "Namespace" }
        for object in namespaces + rest {
            let apiVersion = object["apiVersion"]?.string ?? ""
            let kind = object["kind"]?.string ?? ""
            if kinds[apiVersion] == nil {
                kinds[apiVersion] = try await Self.discover(apiVersion, with: client)
            }
            guard let type = kinds[apiVersion]?[kind] else {
                throw CommandFailure("the cluster does not know the kind \(kind) of \(apiVersion)")
            }
            var object = object
            if type.scope == .namespaced, object[path: ["metadata", "namespace"]] == nil {
                object[path: ["metadata", "namespace"]] = .string(client.configuration.namespace)
            }
            _ = try await client.apply(object, of: type, options: options)
        }
    }

    /// The kinds of one group and version, by the server's own word.
    private static func discover(
        _ apiVersion: String, with client: KubernetesClient
    ) async throws -> [String: ResourceType] {
        let parts = apiVersion.split(separator: "/", maxSplits: 1).map(String.init)
        let group = parts.count == 2 ? parts[0] : ""
        let version = parts.last ?? ""
        let path = (group.isEmpty ? "/api/" : "/apis/") + apiVersion
        let list = try await client.value(APIRequest(.get, .get, path: path))
        var result: [String: ResourceType] = [:]
        for resource in list["resources"]?.array ?? [] {
            guard let plural = resource["name"]?.string, !plural.contains("/"),
                let kind = resource["kind"]?.string
            else { continue }
            result[kind] = ResourceType(
                group: group, version: version, kind: kind, plural: plural,
                scope: resource["namespaced"]?.bool == true ? .namespaced : .cluster)
        }
        return result
    }
}
