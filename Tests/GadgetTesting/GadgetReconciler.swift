package import ControlLoop
package import KubernetesCore

/// Makes as many parts as the gadget wants, removes what is too many, and says how many there are.
package struct GadgetReconciler: Reconciler {
    package struct World: Sendable, Equatable {
        package let gadget: Gadget
        package let parts: [Part]
    }

    package static let access = Access(
        reads: [Gadget.type, Part.type],
        writes: [.create(Part.type), .delete(Part.type), .status(Gadget.type)])

    /// When to look again though nothing changed.
    package var wake: Timestamp?

    package init(wake: Timestamp? = nil) { self.wake = wake }

    package var triggers: [Trigger<Gadget>] { [.owned(Part.self)] }

    package func observe(_ key: Key<Gadget>, in view: ClusterView) -> World? {
        guard let gadget = view[key] else { return nil }
        return World(gadget: gadget, parts: view.owned(Part.self, by: gadget.metadata.uid))
    }

    package func plan(_ world: World, _ context: PlanContext) -> Plan {
        let names = Set(world.parts.map(\.metadata.name))
        let wanted = (0..<world.gadget.parts).map { "\(world.gadget.metadata.name)-\($0)" }
        let creates = wanted.filter { !names.contains($0) }.map { name in
            Action.create(
                [
                    "apiVersion": .string(Part.type.apiVersion), "kind": "Part",
                    "metadata": [
                        "name": .string(name),
                        "namespace": .string(world.gadget.metadata.namespace),
                        "ownerReferences": [world.gadget.asController.json],
                    ],
                ], of: Part.type)
        }
        let deletes = world.parts.filter { !wanted.contains($0.metadata.name) }
            .map { Action.delete($0.reference) }
        var desired: JSONValue = ["parts": .int(world.parts.count)]
        if let failure = context.lastFailure { desired["failure"] = .string(failure.reason) }
        return Plan(
            steps: [deletes, creates],
            status: StatusIntent(desired: desired, observed: world.gadget.status), wake: wake,
            notes: creates.isEmpty
                ? []
                : [
                    Note(
                        .normal, reason: "PartsCreated", message: "\(creates.count) parts",
                        about: world.gadget.reference)
                ])
    }
}
