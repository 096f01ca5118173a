import ControlLoop
import Foundation
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing
import YAMLReading

/// The operator's rights follow from its access lists. `SWIFTLET_UPDATE=1 swift test --filter
/// OperatorRBACTests`, like `swiftlet generate`, writes the file anew.
@Suite struct OperatorRBACTests {
    private static func allows(
        _ rules: [JSONValue], _ verb: String, _ group: String, _ resource: String
    ) -> Bool {
        rules.contains { rule in
            func holds(_ field: String, _ text: String) -> Bool {
                (rule[field]?.array ?? []).contains(.string(text))
            }
            return holds("verbs", verb) && holds("apiGroups", group)
                && holds("resources", resource)
        }
    }

    @Test func `every access of every controller is granted`() {
        let rules = OperatorRBAC.clusterAccess.policyRules
        for access in [
            PoolReconciler.access, TaskReconciler.access, SchedulerMachine.access,
            SessionMachine.access, StatisticsMachine.access, PolicyMachine.access,
            PolicyReportReconciler.access, .events, OperatorRBAC.gatewayAccess,
        ] {
            for type in access.reads {
                for verb in ["get", "list", "watch"] {
                    #expect(OperatorRBACTests.allows(rules, verb, type.group, type.plural))
                }
            }
            for write in access.writes {
                let resource =
                    write.subresource.map { write.type.plural + "/" + $0 } ?? write.type.plural
                let verb = write.verb == .apply ? "patch" : write.verb.rawValue
                #expect(
                    OperatorRBACTests.allows(rules, verb, write.type.group, resource),
                    "\(write) is in an access list and not in the rules")
            }
        }
    }

    @Test func `what may be created under a name that is ours may be looked up`() {
        // A create whose answer was lost finds its own object: see `WriteVerdict.lookUp`. Reviews
        // have no name; nothing of them is kept.
        for access in [OperatorRBAC.clusterAccess, OperatorRBAC.ownAccess] {
            let rules = access.policyRules
            for write in access.writes where write.verb == .create && write.subresource == nil {
                guard !write.type.kind.hasSuffix("Review") else { continue }
                #expect(
                    OperatorRBACTests.allows(rules, "get", write.type.group, write.type.plural),
                    "\(write.type.plural) are created, and cannot be looked up")
            }
        }
        // Reading one Event by its name is all: they are not listed.
        let rules = OperatorRBAC.clusterAccess.policyRules
        #expect(!OperatorRBACTests.allows(rules, "list", "", "events"))
    }

    @Test func `nothing is granted by a wildcard, and secrets are not listed`() {
        let rules = OperatorRBAC.clusterAccess.policyRules + OperatorRBAC.ownAccess.policyRules
        for rule in rules {
            for field in ["verbs", "apiGroups", "resources"] {
                let words = rule[field]?.array ?? []
                let isOpen = words.contains("*")
                #expect(!isOpen)
            }
        }
        for verb in ["list", "watch", "delete"] {
            #expect(!OperatorRBACTests.allows(rules, verb, "", "secrets"))
        }
        #expect(
            !OperatorRBACTests.allows(
                OperatorRBAC.clusterAccess.policyRules, "create", "coordination.k8s.io", "leases"),
            "leases are the operator's own namespace's business")
    }

    @Test func `rules are told once and in a fixed order`() {
        let access = Access(
            reads: [.pod], writes: [.patch(.pod), .status(.pod), .create(.configMap)],
            gets: [.secret])
        let rules = access.policyRules
        #expect(
            rules == [
                ["apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]],
                [
                    "apiGroups": [""], "resources": ["pods"],
                    "verbs": ["get", "list", "patch", "watch"],
                ],
                ["apiGroups": [""], "resources": ["pods/status"], "verbs": ["patch"]],
                ["apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]],
            ])
        #expect(access.union(access).policyRules == rules)
    }

    @Test func `the file of the rights says what the access lists say`() throws {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        let path = parts.dropLast(3).joined(separator: "/") + "/manifests/rbac.yaml"
        let text = YAMLText.write(OperatorRBAC.objects(namespace: "swiftlet-system"))
        if ProcessInfo.processInfo.environment["SWIFTLET_UPDATE"] == "1" {
            try Data(text.utf8).write(to: URL(filePath: path))
        }
        let written = try String(contentsOfFile: path, encoding: .utf8)
        #expect(written == text, "run `swiftlet generate`: \(path) is not what the lists say")
    }
}
