/// Policies for tests.
enum PolicySamples {
    /// A ClusterPolicy that wants a label on pods.
    static func label(
        _ key: String, action: String = "Enforce", name: String = "labels", failure: String = ""
    ) -> String {
        """
        apiVersion: kyverno.io/v1
        kind: ClusterPolicy
        metadata: {name: \(name)}
        spec:\(failure)
          rules:
            - name: has-\(key)
              match: {any: [{resources: {kinds: [Pod]}}]}
              validate:
                failureAction: \(action)
                message: "The label `\(key)` is required."
                pattern: {metadata: {labels: {\(key): "?*"}}}
        """
    }

    /// The same as a ValidatingPolicy.
    static func expression(_ key: String, actions: String = "[Deny]") -> String {
        """
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: cel-labels}
        spec:
          validationActions: \(actions)
          matchConstraints:
            resourceRules:
              - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
          validations:
            - expression: "has(object.metadata.labels) && '\(key)' in object.metadata.labels"
              message: "The label \(key) is required."
        """
    }

    /// A ValidatingAdmissionPolicy that wants small grace periods.
    static let grace = """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: grace}
        spec:
          matchConstraints:
            resourceRules:
              - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
          validations:
            - expression: "object.spec.terminationGracePeriodSeconds <= 5"
              message: "at most five seconds"
        """

    /// What binds it.
    static let graceBinding = """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: grace}
        spec: {policyName: grace, validationActions: [Deny]}
        """

    /// A rule that adds a label and a toleration.
    static let additions = """
        apiVersion: kyverno.io/v1
        kind: ClusterPolicy
        metadata: {name: adds}
        spec:
          rules:
            - name: add-owner
              match: {any: [{resources: {kinds: [Pod]}}]}
              mutate:
                patchStrategicMerge: {metadata: {labels: {+(owner): qa}}}
        """

    /// A rule that changes what the template says.
    static let change = """
        apiVersion: kyverno.io/v1
        kind: ClusterPolicy
        metadata: {name: changes}
        spec:
          rules:
            - name: other-image
              match: {any: [{resources: {kinds: [Pod]}}]}
              mutate:
                patchStrategicMerge: {spec: {containers: [{(name): agent, image: "evil:1"}]}}
        """
}
