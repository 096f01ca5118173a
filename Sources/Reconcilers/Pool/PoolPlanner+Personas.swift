import ControlLoop
import KubernetesCore
import SwiftletAPI

/// What a pool's status says about its persona files. A pool without them says nothing.
extension PoolPlanner {
    func setPersonas(_ status: inout BackgroundAgentPoolStatus) {
        guard let source = pool.spec.persona else {
            status.personas = []
            status.conditions.remove("PersonasRead")
            return
        }
        // Until somebody has looked, what was said before stays.
        guard let known = world.personas, known.source == source,
            known.pool == pool.metadata.uid
        else { return }
        status.personas = known.files.map(\.persona)
        let (isRead, reason, message) = verdict(on: known)
        status.conditions.set(
            "PersonasRead", Condition.Status(isRead), reason: reason, message: message, at: now,
            generation: pool.metadata.generation)
    }

    private func verdict(
        on known: PoolPersonas
    ) -> (isRead: Bool, reason: String, message: String) {
        let source = known.source
        guard known.isFound else {
            return (
                false, "PersonaNotFound",
                "There is no ConfigMap \(source.name) with the label "
                    + "\(SwiftletNames.Label.personas) in namespace "
                    + "\(pool.metadata.namespace): its files are not read."
            )
        }
        guard !known.files.isEmpty else {
            return (
                false, "PersonaNotFound",
                "The ConfigMap \(source.name) has no "
                    + (source.key.map { "key \($0)." } ?? "keys.")
            )
        }
        let refused = known.files.compactMap { file in
            file.persona.refusal.map { "\(file.persona.file): \($0)" }
        }
        if !refused.isEmpty {
            return (false, "PersonaRefused", refused.joined(separator: "; ") + ".")
        }
        if known.omitted > 0 {
            return (
                false, "PersonaRefused",
                "\(known.omitted) files are beyond the \(Bounds.listedPersonas) that are read."
            )
        }
        let names = known.files.map { $0.persona.name ?? $0.persona.id ?? $0.persona.file }
        return (true, "PersonasRead", "Read: \(names.joined(separator: ", ")).")
    }

    /// Tells people when a file is not used.
    mutating func notePersonas(_ status: BackgroundAgentPoolStatus) {
        let before = pool.status.conditions["PersonasRead"]
        guard let now = status.conditions["PersonasRead"], now.status == .no,
            before?.reason != now.reason || before?.message != now.message
        else { return }
        note(.warning, now.reason, now.message)
    }
}
