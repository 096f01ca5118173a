import KubernetesCore

/// The eyes through which a resource is read: under which version and in which form.
struct ObjectView: Sendable {
    let definition: ResourceDefinition
    let version: ServedVersion
    let form: ResponseForm

    init(_ definition: ResourceDefinition, _ version: ServedVersion, form: ResponseForm = .object) {
        self.definition = definition
        self.version = version
        self.form = form
        isDirect =
            !definition.traits.contains(.isAlias) && form == .object
        prefix = Array(
            ("{\"apiVersion\":\"" + definition.apiVersion(version.name) + "\",\"kind\":\""
                + definition.kind + "\",").utf8)
    }

    /// Whether the stored bytes can be sent as they are.
    let isDirect: Bool
    private let prefix: [UInt8]

    var apiVersion: String { definition.apiVersion(version.name) }

    /// The object with its `apiVersion` and `kind`.
    func value(_ object: StoredObject) -> JSONValue { value(object.value) }

    func value(_ stored: JSONValue) -> JSONValue {
        var value =
            definition.traits.contains(.isAlias) ? EventTranslation.fromCore(stored) : stored
        value["apiVersion"] = .string(apiVersion)
        value["kind"] = .string(definition.kind)
        return value
    }

    /// The object as JSON; in a list of a built-in kind its items do not repeat the kind.
    func write(_ object: StoredObject, into bytes: inout [UInt8], isItem: Bool = false) {
        guard isDirect else {
            var value = self.value(object)
            if form == .partialMetadata { value = ObjectView.partial(object.metadata) }
            if isItem, !definition.isCustom, form == .object {
                value["apiVersion"] = nil
                value["kind"] = nil
            }
            value.write(into: &bytes)
            return
        }
        if isItem, !definition.isCustom {
            bytes.append(UInt8(ascii: "{"))
        } else {
            bytes.append(contentsOf: prefix)
        }
        bytes.append(contentsOf: object.tail)
    }

    /// An object reduced to its metadata.
    static func partial(_ metadata: JSONValue) -> JSONValue {
        ["kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata]
    }
}
