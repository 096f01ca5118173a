import KubernetesCore

/// The forms of a `ValidatingPolicy` about pods that judge the templates of pod controllers.
///
/// Kyverno makes them by replacing texts: `object.spec` becomes `object.spec.template.spec`. That
/// hits messages as well as expressions, and `request.object.spec`, but neither `object.?spec` nor
/// `object["spec"]`.
enum PodControllerForms {
    /// One form: what it is about and the spec that says so.
    struct Form {
        let name: String
        let spec: JSONValue
    }

    private static let controllers: [(resource: String, group: String)] = [
        ("daemonsets", "apps"), ("deployments", "apps"), ("replicasets", "apps"),
        ("statefulsets", "apps"), ("jobs", "batch"),
    ]
    private static let cronJobs = "cronjobs"

    /// The forms of `spec`, a spec that can be read; none where the policy is about more than pods.
    static func forms(of spec: JSONValue) -> [Form] {
        guard let match = spec["matchConstraints"], isAboutPods(match) else { return [] }
        let asked = spec[path: ["autogen", "podControllers", "controllers"]]?.array
        let names = Set(
            asked?.compactMap(\.string) ?? controllers.map(\.resource) + [cronJobs])
        var forms: [Form] = []
        let chosen = controllers.filter { names.contains($0.resource) }
        if !chosen.isEmpty {
            forms.append(
                form("defaults", spec, match, of: chosen, below: "spec.template"))
        }
        if names.contains(cronJobs) {
            forms.append(
                form(
                    cronJobs, spec, match, of: [(cronJobs, "batch")],
                    below: "spec.jobTemplate.spec.template"))
        }
        return forms
    }

    private static func isAboutPods(_ match: JSONValue) -> Bool {
        guard let rules = match["resourceRules"]?.array, rules.count == 1 else { return false }
        let rule = rules[0]
        let selector = match["objectSelector"]?.object ?? [:]
        return rule["apiGroups"] == [""] && rule["apiVersions"] == ["v1"]
            && rule["resources"] == ["pods"] && (rule["resourceNames"]?.array ?? []).isEmpty
            && (match["excludeResourceRules"]?.array ?? []).isEmpty
            && selector.allSatisfy { $0.1.object?.isEmpty ?? $0.1.array?.isEmpty ?? true }
    }

    private static func form(
        _ name: String, _ spec: JSONValue, _ match: JSONValue,
        of controllers: [(resource: String, group: String)], below template: String
    ) -> Form {
        let operations = match["resourceRules"]?[0]?["operations"] ?? []
        var rules: [JSONValue] = []
        for group in ["apps", "batch"] {
            let resources = controllers.filter { $0.group == group }.map(\.resource)
            guard !resources.isEmpty else { continue }
            rules.append([
                "apiGroups": [.string(group)], "apiVersions": ["v1"],
                "resources": .strings(resources), "operations": operations,
            ])
        }
        var constraints: JSONValue = ["resourceRules": .array(rules)]
        constraints["namespaceSelector"] = match["namespaceSelector"]
        var result = mapped(spec) { rewritten($0, below: template) }
        result["matchConstraints"] = constraints
        return Form(name: name, spec: result)
    }

    private static func mapped(_ value: JSONValue, _ change: (String) -> String) -> JSONValue {
        switch value {
        case .string(let text): .string(change(text))
        case .array(let elements): .array(elements.map { mapped($0, change) })
        case .object(let members): .object(members.mapValues { mapped($0, change) })
        default: value
        }
    }

    /// `text` with the fields of a pod turned into those of the template at `template`.
    static func rewritten(_ text: String, below template: String) -> String {
        var result = text
        for field in ["spec", "metadata"] {
            for object in ["object.", "oldObject."] {
                result = replaced(
                    object + field, by: object + template + "." + field, in: result)
            }
        }
        return result
    }

    /// The namespace is the controller's own, a template has none.
    private static func replaced(_ old: String, by new: String, in text: String) -> String {
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        let pattern = Array(old.utf8)
        var at = 0
        while at < bytes.count {
            let end = at + pattern.count
            guard end <= bytes.count, bytes[at..<end].elementsEqual(pattern) else {
                result.append(bytes[at])
                at += 1
                continue
            }
            result += isNamespace(bytes[end...]) ? pattern : Array(new.utf8)
            at = end
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isNamespace(_ rest: ArraySlice<UInt8>) -> Bool {
        let field = Array(".namespace".utf8)
        guard rest.starts(with: field) else { return false }
        guard let next = rest.dropFirst(field.count).first else { return true }
        return
            !(next == UInt8(ascii: "_")
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(next | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next))
    }
}
