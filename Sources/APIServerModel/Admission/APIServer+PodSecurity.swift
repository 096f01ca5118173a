import KubernetesCore
import PodSecurity

extension APIServer {
    /// Holds pods, and kinds that make pods, against the levels that their namespace's labels name,
    /// and the labels of namespaces against what may stand there.
    mutating func checkPodSecurity(
        _ value: JSONValue, old: JSONValue?, _ call: inout APICall
    ) throws(Failure) {
        if call.definition.storage == .namespaces {
            try checkNamespaceLabels(value, old: old, &call)
            return
        }
        let definition = call.definition
        guard !definition.isCustom, ["", "apps", "batch"].contains(definition.group),
            PodSecuritySubject.templatePaths[definition.kind] != nil,
            let namespace = store.object(.namespaces, "", call.namespace)
        else { return }
        let decision = configuration.podSecurity.decide(
            .init(
                kind: definition.kind, object: value, old: old, subresource: call.path.subresource,
                namespace: call.namespace, labels: namespace.labels, user: call.user.name))
        let name = value[path: ["metadata", "name"]]?.string ?? ""
        note(decision, name, call)
        call.warnings += decision.warnings
        if let refusal = decision.refusal { throw .forbidden(call.resource, name, refusal) }
    }

    private mutating func note(_ decision: PodSecurityDecision, _ name: String, _ call: APICall) {
        let prefix = NamespacePodSecurity.prefix
        let isWorthIt = ["audit-violations", "error"].contains {
            decision.audit[prefix + $0] != nil
        }
        guard isWorthIt else { return }
        record(
            AuditNote(
                time: call.now, user: call.user.name,
                object: "\(call.resource) \"\(name)\" in namespace \"\(call.namespace)\"",
                annotations: decision.audit))
    }

    private func checkNamespaceLabels(
        _ value: JSONValue, old: JSONValue?, _ call: inout APICall
    ) throws(Failure) {
        guard call.path.subresource.isEmpty else { return }
        func labels(_ namespace: JSONValue) -> JSONObject {
            namespace[path: ["metadata", "labels"]]?.object ?? [:]
        }
        let admission = configuration.podSecurity
        let name = value[path: ["metadata", "name"]]?.string ?? ""
        let errors = admission.labelErrors(labels(value), old: old.map(labels))
        guard errors.isEmpty else { throw call.failure(name, errors) }
        guard let old else { return }
        call.warnings += admission.warnings(
            namespace: name, labels: labels(value), old: labels(old)
        ) { store.objects(.pods, namespace: name).map(\.value) }
    }
}
