import ControlLoop
import KubernetesCore
import PolicyEngine
import SwiftletAPI
import Testing
import YAMLReading

@testable import Reconcilers

/// A pool in its model, and the policy machine beside it: what one tells the other sees.
struct PolicyBench {
    var model: PoolModel
    var machine: PolicyMachine
    var view = ClusterView.of([])
    /// Objects beside the pool's: policies in all forms, namespaces.
    var others: [String: any ClusterObject] = [:]
    var told: [PoolVerdict] = []
    var loaded: LoadedPolicies?

    static let text = PolicyText { text throws(PolicyText.Fault) in
        do throws(YAMLError) {
            return try YAMLText.read(text, rules: .kubernetes)
        } catch {
            throw PolicyText.Fault("\(error)")
        }
    }

    init(_ change: (inout BackgroundAgentPoolSpec) -> Void = { _ in }) {
        model = PoolModel(change)
        machine = PolicyMachine(
            settings: PoolModel.settings,
            options: .init(namespace: "swiftlet-system", text: PolicyBench.text))
    }

    // MARK: - Policies

    mutating func folder(_ yaml: String) throws {
        let documents = try PolicyBench.text.objects(yaml)
        try put(
            PolicyFolders(
                documents: documents.map { PolicyDocument(source: "p.yaml", object: $0) }))
    }

    mutating func configMap(_ name: String, _ yaml: String, label: String = "true") throws {
        try put(
            PolicyConfigMap(
                metadata: ObjectMeta(
                    name: name, namespace: "swiftlet-system",
                    labels: [SwiftletNames.Label.policies: label]), data: ["p.yaml": yaml]))
    }

    mutating func cluster<Kind: PolicyKind>(_: Kind.Type, _ yaml: String) throws {
        for object in try PolicyBench.text.objects(yaml) {
            try put(
                PolicyObject<Kind>(reading: JSONDocument(parsing: object.encoded()).root))
        }
    }

    mutating func put<Object: ClusterObject>(_ object: Object) throws {
        others["\(Object.type.plural)/\(object.key)"] = object
        try settle()
    }

    mutating func remove<Object: ClusterObject>(_: Object.Type, _ name: String) throws {
        for key in others.keys
        where key.hasPrefix(Object.type.plural + "/") && key.hasSuffix(name) {
            guard let object = others.removeValue(forKey: key) as? Object else { continue }
            if let change = view.retract(object.key) { feed(.changed([change], in: view)) }
        }
        try settle()
    }

    // MARK: - Turning

    /// Lets the machine and the pool's plans follow each other until both are at rest.
    mutating func settle() throws {
        if others["policyfolders/folders"] == nil {
            others["policyfolders/folders"] = PolicyFolders(documents: [])
        }
        for _ in 0..<4 {
            look()
            try turn()
            model.now = model.now + .seconds(1)
            feed(.timer)
        }
    }

    /// Shows the machine what the model and the policies are now.
    mutating func look() {
        var changes: [AnyChange] = []
        func show(_ object: any ClusterObject) {
            if let change = view.publish(object) { changes.append(change) }
        }
        show(model.pool)
        for (_, object) in others.sorted(by: { $0.key < $1.key }) { show(object) }
        for (_, object) in model.objects.sorted(by: { $0.key < $1.key }) { show(object) }
        show(NamespaceView(metadata: ObjectMeta(name: "team", labels: model.namespaceLabels)))
        feed(.changed(changes, in: view))
    }

    mutating func feed(_ input: MachineInput) {
        let moment = Moment(
            instant: Instant(nanoseconds: (model.now - PoolModel.start).nanoseconds),
            time: model.now)
        for command in machine.handle(input, at: moment) {
            switch command {
            case .publish(let object):
                if let verdict = object as? PoolVerdict {
                    told.append(verdict)
                    model.verdict = verdict
                }
                if let policies = object as? LoadedPolicies { loaded = policies }
            case .retract: model.verdict = nil
            case .apply, .wake: continue
            }
        }
    }

    private mutating func turn() throws {
        model.awaitsPolicies = true
        try model.settle(10)
    }

    // MARK: - What came of it

    var condition: Condition? { model.pool.status.conditions["PolicyCompliant"] }

    /// Reason and status in one word, as in `False/PolicyViolation`.
    var word: String { condition.map { "\($0.status.rawValue)/\($0.reason)" } ?? "" }
}
