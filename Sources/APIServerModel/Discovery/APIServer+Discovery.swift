import KubernetesCore

extension APIServer {
    /// Answers what is about the server itself; nil where the path is not one of those.
    func discover(_ request: ServerRequest, _ query: Query) throws(Failure) -> ServerReply? {
        guard request.method == "GET" || request.method == "HEAD" else { return nil }
        let segments = query.segments
        switch segments.first {
        case "healthz", "livez", "readyz": return health(segments, query)
        case "version" where segments.count == 1: return .json(DiscoveryDocuments.version)
        case "openapi": return openAPI(request, segments)
        case "api": break
        case "apis": break
        case nil:
            return .json([
                "paths": .strings(
                    [
                        "/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2",
                        "/openapi/v3", "/readyz", "/version",
                    ])
            ])
        default: return nil
        }
        let isCore = segments.first == "api"
        switch (segments.count, isCore) {
        case (1, _):
            if let reply = aggregated(request, isCore: isCore) { return reply }
            return .json(isCore ? apiVersions : apiGroups)
        case (2, true): return resourceList(group: "", version: segments[1])
        case (2, false): return group(segments[1])
        case (3, false): return resourceList(group: segments[1], version: segments[2])
        default: return nil
        }
    }

    private func health(_ segments: [String], _ query: Query) -> ServerReply {
        guard query["verbose"] != nil, let name = segments.first else { return .text("ok") }
        return .text("[+]ping ok\n[+]model ok\n\(name) check passed\n")
    }

    private var apiVersions: JSONValue {
        [
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [
                [
                    "clientCIDR": "0.0.0.0/0",
                    "serverAddress": .string(
                        configuration.serverURL.split(separator: "/").last.map(String.init) ?? ""),
                ]
            ],
        ]
    }

    private var apiGroups: JSONValue {
        [
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": .array(
                registry.groups.filter { !$0.name.isEmpty }.map {
                    DiscoveryDocuments.group($0.name, $0.versions)
                }),
        ]
    }

    private func group(_ name: String) -> ServerReply? {
        guard let found = registry.groups.first(where: { $0.name == name }), !name.isEmpty else {
            return nil
        }
        var document = DiscoveryDocuments.group(found.name, found.versions)
        document["kind"] = "APIGroup"
        document["apiVersion"] = "v1"
        return .json(document)
    }

    private func resourceList(group: String, version: String) -> ServerReply? {
        let definitions = registry.definitions(group: group, version: version)
        guard !definitions.isEmpty else { return nil }
        return .json([
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": .string(group.isEmpty ? version : group + "/" + version),
            "resources": .array(
                definitions.flatMap { definition in
                    definition.version(version).map {
                        DiscoveryDocuments.resources(definition, $0)
                    } ?? []
                }),
        ])
    }

    /// All groups with their resources in one document, where the client can read that.
    private func aggregated(_ request: ServerRequest, isCore: Bool) -> ServerReply? {
        let wanted = MediaType.list(request.header("accept") ?? "").first {
            $0.type == "application/json"
        }
        guard let wanted, wanted.parameters["as"] == "APIGroupDiscoveryList",
            wanted.parameters["g"] == "apidiscovery.k8s.io",
            let version = wanted.parameters["v"], version == "v2" || version == "v2beta1"
        else { return nil }
        let items = registry.groups.filter { $0.name.isEmpty == isCore }.map { group in
            DiscoveryDocuments.aggregated(group.name, group.versions, registry)
        }
        let document: JSONValue = [
            "kind": "APIGroupDiscoveryList",
            "apiVersion": .string("apidiscovery.k8s.io/" + version),
            "metadata": [:], "items": .array(items),
        ]
        let type = "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
        return .response(
            status: 200, headers: [("content-type", type)], body: document.encoded() + [0x0A])
    }
}

/// The documents of discovery, from definitions alone.
enum DiscoveryDocuments {
    static let version: JSONValue = [
        "major": "1", "minor": "36", "gitVersion": "v1.36.0+swiftlet",
        "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
        "buildDate": "2026-04-22T00:00:00Z", "goVersion": "none", "compiler": "swift",
        "platform": "linux/amd64", "emulationMajor": "1", "emulationMinor": "36",
        "minCompatibilityMajor": "1", "minCompatibilityMinor": "35",
    ]

    static func group(_ name: String, _ versions: [String]) -> JSONValue {
        let list = versions.map { version -> JSONValue in
            ["groupVersion": .string(name + "/" + version), "version": .string(version)]
        }
        return [
            "name": .string(name), "versions": .array(list),
            "preferredVersion": list.first ?? [:],
        ]
    }

    /// A resource and its subresources as `APIResourceList` has them.
    static func resources(
        _ definition: ResourceDefinition, _ version: ServedVersion
    ) -> [JSONValue] {
        let plural = definition.resource.resource
        var main: JSONValue = [
            "name": .string(plural), "singularName": .string(definition.singular),
            "namespaced": .bool(definition.isNamespaced), "kind": .string(definition.kind),
            "verbs": .strings(definition.verbs),
        ]
        if !definition.shortNames.isEmpty { main["shortNames"] = .strings(definition.shortNames) }
        if !definition.categories.isEmpty { main["categories"] = .strings(definition.categories) }
        if !definition.traits.contains(.isReview) {
            let digest = SHA256Digest.hash(Array("\(definition.resource)/\(version.name)".utf8))
            main["storageVersionHash"] = .string(Base64.encode(Array(digest.prefix(8))))
        }
        return [main]
            + subresources(definition, version).map { sub in
                var value: JSONValue = [
                    "name": .string(plural + "/" + sub.name), "singularName": "",
                    "namespaced": .bool(definition.isNamespaced), "kind": .string(sub.kind),
                    "verbs": .strings(sub.verbs),
                ]
                if !sub.group.isEmpty { value["group"] = .string(sub.group) }
                if !sub.version.isEmpty { value["version"] = .string(sub.version) }
                return value
            }
    }

    static func subresources(
        _ definition: ResourceDefinition, _ version: ServedVersion
    ) -> [ResourceDefinition.Subresource] {
        var all = definition.subresources
        let hasStatus = version.custom?.hasStatus ?? definition.traits.contains(.hasStatus)
        let verbs = ["get", "patch", "update"]
        if hasStatus { all.append(.init(name: "status", kind: definition.kind, verbs: verbs)) }
        if version.scale != nil {
            all.append(
                .init(
                    name: "scale", kind: "Scale", group: "autoscaling", version: "v1",
                    verbs: verbs))
        }
        return all.sorted { $0.name < $1.name }
    }

    /// A group with everything in it, as aggregated discovery has it.
    static func aggregated(
        _ group: String, _ versions: [String], _ registry: ResourceRegistry
    ) -> JSONValue {
        let list = versions.map { name -> JSONValue in
            let resources = registry.definitions(group: group, version: name).compactMap {
                definition in
                definition.version(name).map { resource(definition, $0, group: group) }
            }
            return [
                "version": .string(name), "freshness": "Current", "resources": .array(resources),
            ]
        }
        return ["metadata": ["name": .string(group)], "versions": .array(list)]
    }

    private static func resource(
        _ definition: ResourceDefinition, _ version: ServedVersion, group: String
    ) -> JSONValue {
        func kind(_ group: String, _ version: String, _ kind: String) -> JSONValue {
            ["group": .string(group), "version": .string(version), "kind": .string(kind)]
        }
        var value: JSONValue = [
            "resource": .string(definition.resource.resource),
            "responseKind": kind(group, version.name, definition.kind),
            "scope": .string(definition.isNamespaced ? "Namespaced" : "Cluster"),
            "singularResource": .string(definition.singular), "verbs": .strings(definition.verbs),
        ]
        if !definition.shortNames.isEmpty { value["shortNames"] = .strings(definition.shortNames) }
        if !definition.categories.isEmpty { value["categories"] = .strings(definition.categories) }
        let parts = subresources(definition, version).map { sub -> JSONValue in
            [
                "subresource": .string(sub.name),
                "responseKind": kind(
                    sub.group.isEmpty ? group : sub.group,
                    sub.version.isEmpty ? version.name : sub.version, sub.kind),
                "verbs": .strings(sub.verbs),
            ]
        }
        if !parts.isEmpty { value["subresources"] = .array(parts) }
        return value
    }
}
