import KubernetesCore
import Testing

@testable import PodSecurity

/// What admission makes of labels, exemptions and updates.
struct AdmissionTests {
    static let prefix = NamespacePodSecurity.prefix

    static func request(
        _ object: JSONValue, kind: String = "Pod", old: JSONValue? = nil,
        subresource: String = "", labels: JSONObject, user: String = "u"
    ) -> PodSecurityAdmission.Request {
        let named = labels.map { (prefix + $0.0, $0.1) }
        return .init(
            kind: kind, object: object, old: old, subresource: subresource, namespace: "n",
            labels: JSONObject(named), user: user)
    }

    static let host: JSONValue = [
        "metadata": ["name": "p"], "spec": ["hostNetwork": true, "containers": []],
    ]
    static let hostText = "\"baseline:latest\": host namespaces (hostNetwork=true)"

    @Test func `the three modes speak for themselves`() {
        let admission = PodSecurityAdmission()
        let enforced = admission.decide(
            Self.request(Self.host, labels: ["enforce": "baseline", "warn": "baseline"]))
        #expect(enforced.refusal == "violates PodSecurity " + Self.hostText)
        #expect(enforced.warnings.isEmpty)
        #expect(enforced.audit == [Self.prefix + "enforce-policy": "baseline:latest"])
        let warned = admission.decide(
            Self.request(Self.host, labels: ["warn": "baseline", "audit": "baseline"]))
        #expect(warned.refusal == nil)
        #expect(warned.warnings == ["would violate PodSecurity " + Self.hostText])
        #expect(
            warned.audit == [
                Self.prefix + "enforce-policy": "privileged:latest",
                Self.prefix + "audit-violations": "would violate PodSecurity " + Self.hostText,
            ])
        let nothing = admission.decide(Self.request(Self.host, labels: [:]))
        #expect(
            nothing
                == PodSecurityDecision(
                    audit: [Self.prefix + "enforce-policy": "privileged:latest"]))
    }

    @Test func `what makes pods is warned about and never refused`() {
        let template = Self.host
        let deployment: JSONValue = ["spec": ["template": template]]
        let decision = PodSecurityAdmission().decide(
            Self.request(
                deployment, kind: "Deployment",
                labels: ["enforce": "restricted", "warn": "baseline"]))
        #expect(decision.refusal == nil)
        #expect(decision.warnings == ["would violate PodSecurity " + Self.hostText])
        let cron: JSONValue = ["spec": ["jobTemplate": ["spec": ["template": template]]]]
        let other = PodSecurityAdmission().decide(
            Self.request(cron, kind: "CronJob", labels: ["warn": "baseline"]))
        #expect(other.warnings == decision.warnings)
        let scaled = PodSecurityAdmission().decide(
            Self.request(
                deployment, kind: "Deployment", subresource: "scale", labels: ["warn": "baseline"]))
        #expect(scaled == PodSecurityDecision())
    }

    @Test func `labels that say nothing known are held strictly where they refuse`() {
        let (policy, errors) = NamespacePodSecurity.reading(labels: [
            Self.prefix + "enforce": "strict", Self.prefix + "warn": "loud",
            Self.prefix + "enforce-version": "1.30", Self.prefix + "audit": "baseline",
            Self.prefix + "audit-version": "v1.25",
        ])
        #expect(policy.enforce.description == "restricted:latest")
        #expect(policy.warn.description == "privileged:latest")
        #expect(policy.audit.description == "baseline:v1.25")
        #expect(
            errors.map(\.message) == [
                "metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"strict\": "
                    + "must be one of privileged, baseline, restricted",
                "metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: "
                    + "\"1.30\": must be \"latest\" or \"v1.x\"",
                "metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: \"loud\": must "
                    + "be one of privileged, baseline, restricted",
            ])
        let decision = PodSecurityAdmission().decide(
            Self.request(Self.host, labels: ["warn": "loud"]))
        #expect(
            decision.audit[Self.prefix + "error"] == "Failed to parse policy: \(errors[2].message)")
    }

    @Test func `labels that were wrong before may stay`() {
        let admission = PodSecurityAdmission()
        let wrong: JSONObject = [.init(Self.prefix + "warn"): "loud"]
        #expect(admission.labelErrors(wrong, old: nil).count == 1)
        #expect(admission.labelErrors(wrong, old: wrong).isEmpty)
        #expect(admission.labelErrors(wrong, old: [:]).count == 1)
    }

    @Test func `exemptions are noted and nothing is looked at`() {
        func audit(_ admission: PodSecurityAdmission, _ pod: JSONValue = Self.host) -> String? {
            let decision = admission.decide(
                Self.request(pod, labels: ["enforce": "restricted"]))
            return decision.refusal == nil ? decision.audit[Self.prefix + "exempt"] : "refused"
        }
        #expect(audit(PodSecurityAdmission(exemptNamespaces: ["n"])) == "namespace")
        #expect(audit(PodSecurityAdmission(exemptUsers: ["u"])) == "user")
        var pod = Self.host
        pod[path: ["spec", "runtimeClassName"]] = "gvisor"
        #expect(
            audit(PodSecurityAdmission(exemptRuntimeClasses: ["gvisor"]), pod) == "runtimeClass")
        #expect(audit(PodSecurityAdmission(exemptRuntimeClasses: ["gvisor"])) == "refused")
    }

    @Test func `only an update that matters is looked at`() {
        let labels: JSONObject = ["enforce": "baseline"]
        let old: JSONValue = [
            "metadata": ["name": "p"],
            "spec": ["hostNetwork": true, "containers": [["name": "a", "image": "x:1"]]],
        ]
        func isRefused(_ change: (inout JSONValue) -> Void, _ subresource: String = "") -> Bool {
            var pod = old
            change(&pod)
            let request = Self.request(pod, old: old, subresource: subresource, labels: labels)
            return PodSecurityAdmission().decide(request).refusal != nil
        }
        #expect(!isRefused { $0[path: ["metadata", "labels"]] = ["a": "b"] })
        #expect(isRefused { $0[path: ["spec", "containers"]] = [["name": "a", "image": "x:2"]] })
        #expect(
            isRefused {
                $0[path: ["metadata", "annotations"]] = [
                    "seccomp.security.alpha.kubernetes.io/pod": "unconfined"
                ]
            })
        let debug: JSONValue = [["name": "d", "image": "y"]]
        #expect(
            isRefused(
                { $0[path: ["spec", "ephemeralContainers"]] = debug }, "ephemeralcontainers"))
        #expect(!isRefused({ $0[path: ["spec", "ephemeralContainers"]] = debug }, "status"))
    }

    @Test func `raising the level names the pods that are there already`() {
        func pod(_ name: String, _ spec: JSONValue, owner: String? = nil) -> JSONValue {
            var pod: JSONValue = ["metadata": ["name": .string(name)], "spec": spec]
            if let owner {
                pod[path: ["metadata", "ownerReferences"]] = [
                    ["uid": .string(owner), "controller": true]
                ]
            }
            return pod
        }
        let pods = [
            pod("z", ["hostPID": true]), pod("b", ["hostNetwork": true], owner: "1"),
            pod("a", ["hostIPC": true], owner: "1"), pod("ok", Samples.safe),
            pod("p", ["containers": [["name": "c", "securityContext": ["privileged": true]]]]),
        ]
        func warnings(_ labels: JSONObject, _ old: JSONObject) -> [String] {
            let full = { (labels: JSONObject) in
                JSONObject(labels.map { (Self.prefix + $0.0, $0.1) })
            }
            return PodSecurityAdmission().warnings(
                namespace: "n", labels: full(labels), old: full(old)
            ) { pods }
        }
        #expect(
            warnings(["enforce": "baseline"], [:]) == [
                "existing pods in namespace \"n\" violate the new PodSecurity enforce level "
                    + "\"baseline:latest\"",
                "a (and 2 other pods): host namespaces", "p: privileged",
            ])
        #expect(warnings(["enforce": "baseline"], ["enforce": "restricted"]).isEmpty)
        #expect(warnings(["enforce": "baseline"], ["enforce": "baseline"]).isEmpty)
        #expect(warnings(["enforce": "privileged"], [:]).isEmpty)
        #expect(warnings(["warn": "restricted"], [:]).isEmpty)
        #expect(
            !warnings(
                ["enforce": "baseline", "enforce-version": "v1.30"], ["enforce": "restricted"]
            ).isEmpty)
    }

    @Test func `of very many pods the first are looked at, and that is said`() {
        let pods = (0..<3_001).map { number -> JSONValue in
            ["metadata": ["name": .string("p\(number)")], "spec": ["hostPID": true]]
        }
        let warnings = PodSecurityAdmission().warnings(
            namespace: "n", labels: [.init(Self.prefix + "enforce"): "baseline"], old: [:]
        ) { pods }
        #expect(
            warnings.first == "new PodSecurity enforce level only checked against the first 3000 "
                + "of 3001 existing pods")
        #expect(warnings.last == "p0 (and 2999 other pods): host namespaces")
    }
}
