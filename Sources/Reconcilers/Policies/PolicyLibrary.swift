import ControlLoop
import KubernetesCore
import PolicyEngine
import SwiftletAPI

/// The policies of all sources: found, compiled once, and what could not be.
struct PolicyLibrary: Sendable {
    /// Documents as they were found.
    struct Sources: Sendable, Equatable {
        /// Documents of folders and ConfigMaps: nobody but the operator holds anyone to them.
        var own: [PolicyDocument] = []
        /// Documents that the cluster keeps, and holds everyone to at admission.
        var cluster: [PolicyDocument] = []
        /// What could not be read.
        var problems: [PolicyProblem] = []
    }

    let sources: Sources
    let set: PolicySet
    let faults: [PolicyFault]

    /// Compiles the documents of `sources`.
    init(_ sources: Sources) {
        self.sources = sources
        let all = sources.own + sources.cluster
        set = PolicySet(all)
        let consequence = PolicyConsequence(sources)
        faults =
            sources.problems.map { PolicyFault($0, .forbids) }
            + set.problems.map { PolicyFault($0, consequence.effect(of: $0)) }
    }
}

extension PolicyLibrary.Sources {
    /// What the cache shows of policies.
    init(in view: ClusterView, exceptionsFrom namespace: String, reading text: PolicyText) {
        if let folders = view[PolicyFolders.key] {
            own = folders.documents
            problems = folders.problems
        }
        for map in view.all(PolicyConfigMap.self) where map.isOfPolicies {
            read(map, text)
        }
        add(PolicyKinds.ClusterPolicy.self, in: view)
        add(PolicyKinds.Policy.self, in: view)
        add(PolicyKinds.ValidatingPolicy.self, in: view)
        add(PolicyKinds.NamespacedValidatingPolicy.self, in: view)
        add(PolicyKinds.AdmissionPolicy.self, in: view)
        add(PolicyKinds.AdmissionBinding.self, in: view)
        add(PolicyKinds.Exception.self, in: view, from: namespace)
        add(PolicyKinds.ExpressionException.self, in: view, from: namespace)
    }

    private mutating func read(_ map: PolicyConfigMap, _ text: PolicyText) {
        for (key, value) in map.data.sorted(by: { $0.key < $1.key }) {
            let source = "\(map.reference) key \(key)"
            do throws(PolicyText.Fault) {
                own += try text.objects(value).map { PolicyDocument(source: source, object: $0) }
            } catch {
                problems.append(
                    PolicyProblem(source: source, policy: "", path: "", reason: error.reason))
            }
        }
    }

    /// Adds the objects of a kind. Exceptions count only from one namespace, or from all where that
    /// is `*`: whoever may write exceptions lifts policies.
    private mutating func add<Kind: PolicyKind>(
        _: Kind.Type, in view: ClusterView, from namespace: String? = nil
    ) {
        for object in view.all(PolicyObject<Kind>.self) {
            if let namespace, namespace != "*", object.metadata.namespace != namespace { continue }
            cluster.append(
                PolicyDocument(source: "\(object.reference)", object: object.document))
        }
    }
}
