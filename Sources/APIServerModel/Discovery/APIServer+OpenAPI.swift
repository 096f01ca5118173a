import KubernetesCore

extension APIServer {
    /// The schemas of everything served, in the forms that clients ask for.
    func openAPI(_ request: ServerRequest, _ segments: [String]) -> ServerReply? {
        let accept = request.header("accept") ?? ""
        switch (segments.count, segments.dropFirst().first) {
        case (2, "v2"): return openAPIVersion2(accept)
        case (2, "v3"): return .json(openAPIIndex)
        case (4..., "v3"):
            let path = segments.dropFirst(2)
            let isCore = path.first == "api"
            let parts = Array(path.dropFirst())
            guard path.first == "apis" || isCore, parts.count == (isCore ? 1 : 2) else {
                return nil
            }
            return openAPIVersion3(
                group: isCore ? "" : parts[0], version: isCore ? parts[0] : parts[1])
        default: return nil
        }
    }

    private var openAPIIndex: JSONValue {
        var paths = JSONObject()
        for group in registry.groups {
            for version in group.versions {
                let path =
                    group.name.isEmpty ? "api/" + version : "apis/\(group.name)/\(version)"
                paths[path] = [
                    "serverRelativeURL": .string(
                        "/openapi/v3/\(path)?hash=\(registry.generation)")
                ]
            }
        }
        return ["paths": .object(paths)]
    }

    private func openAPIVersion3(group: String, version: String) -> ServerReply? {
        let served = registry.definitions(group: group, version: version).compactMap {
            definition in definition.version(version).map { (definition, $0) }
        }
        guard !served.isEmpty else { return nil }
        let schemas = OpenAPISchemas(prefix: "#/components/schemas/", isVersion2: false)
        return .json([
            "openapi": "3.0.0", "info": OpenAPIPaths.title,
            "paths": .object(OpenAPIPaths.paths(served, isVersion2: false)),
            "components": ["schemas": .object(schemas.schemas(served))],
        ])
    }

    /// The one document of OpenAPI 2. Clients of every age ask for it as protobuf.
    private func openAPIVersion2(_ accept: String) -> ServerReply {
        var served: [(ResourceDefinition, ServedVersion)] = []
        for definition in registry.sorted {
            for version in definition.versions where version.isServed {
                served.append((definition, version))
            }
        }
        let schemas = OpenAPISchemas(prefix: "#/definitions/", isVersion2: true)
        let document: JSONValue = [
            "swagger": "2.0", "info": OpenAPIPaths.title,
            "paths": .object(OpenAPIPaths.paths(served, isVersion2: true)),
            "definitions": .object(schemas.schemas(served)),
        ]
        let wantsProtobuf = accept.contains("com.github.proto-openapi.spec.v2")
        let wantsJSON = MediaType.list(accept).contains {
            ["application/json", "*/*", "application/*"].contains($0.type)
        }
        guard wantsProtobuf, !wantsJSON else { return .json(document) }
        return .response(
            status: 200,
            headers: [
                ("content-type", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
            ], body: OpenAPIProtobuf.document(document))
    }
}

/// The paths of OpenAPI documents: of each resource the one of its objects, with the parameters by
/// which clients find out what the server can do.
enum OpenAPIPaths {
    static let title: JSONValue = ["title": "Kubernetes", "version": "v1.36.0"]

    static func paths(
        _ served: [(ResourceDefinition, ServedVersion)], isVersion2: Bool
    ) -> JSONObject {
        var paths = JSONObject()
        for (definition, version) in served where !definition.traits.contains(.isReview) {
            let root =
                definition.group.isEmpty
                ? "/api/" + version.name : "/apis/\(definition.group)/\(version.name)"
            let path =
                root + (definition.isNamespaced ? "/namespaces/{namespace}/" : "/")
                + definition.resource.resource
            let kind: JSONValue = [
                "group": .string(definition.group), "kind": .string(definition.kind),
                "version": .string(version.name),
            ]
            let names = ["dryRun", "fieldManager", "fieldValidation"]
            paths[path] = [
                "post": operation("post", kind, names, isVersion2),
                "get": operation("list", kind, ["labelSelector", "fieldSelector"], isVersion2),
            ]
            paths[path + "/{name}"] = [
                "get": operation("get", kind, [], isVersion2),
                "put": operation("put", kind, names, isVersion2),
                "patch": operation("patch", kind, names + ["force"], isVersion2),
                "delete": operation(
                    "delete", kind, ["dryRun", "gracePeriodSeconds", "propagationPolicy"],
                    isVersion2),
            ]
        }
        return paths
    }

    private static func operation(
        _ action: String, _ kind: JSONValue, _ parameters: [String], _ isVersion2: Bool
    ) -> JSONValue {
        let list = parameters.map { name -> JSONValue in
            let type: JSONValue =
                name == "force" ? "boolean" : name == "gracePeriodSeconds" ? "integer" : "string"
            var parameter: JSONValue = ["name": .string(name), "in": "query"]
            if isVersion2 {
                parameter["type"] = type
                parameter["uniqueItems"] = true
            } else {
                parameter["schema"] = ["type": type, "uniqueItems": true]
            }
            return parameter
        }
        return [
            "parameters": .array(list), "responses": ["200": ["description": "OK"]],
            "x-kubernetes-action": .string(action), "x-kubernetes-group-version-kind": kind,
        ]
    }
}
