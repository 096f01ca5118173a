import Glibc

/// The control groups of one runner's attempts.
struct AttemptGroups: Sendable {
    /// How they are made.
    let plan: ControlGroupPlan
    /// What tells this runner's groups from those of others in the same place.
    let owner: String

    /// A group with a name that no other has.
    func next() -> AttemptGroup {
        var generator = SystemRandomNumberGenerator()
        return plan.group(named: prefix + String(generator.next() as UInt64, radix: 36))
    }

    private var prefix: String { ControlGroupPlan.attemptPrefix + owner + "-" }

    /// Decides whether and where attempts get groups, and prepares that; beside it, what to say.
    /// - Parameter owner: what no other living runner has, and this one's successor has again.
    static func prepare(
        _ source: ControlGroupSource, owner: String
    ) -> (groups: AttemptGroups?, words: String) {
        do throws(ControlGroupPlan.Refusal) {
            let plan = try ControlGroupPlan(source.facts)
            try carryOut(plan)
            let groups = AttemptGroups(plan: plan, owner: owner)
            return (groups, groups.words + groups.sweep())
        } catch {
            return (
                nil,
                "attempts get no control groups: their processes are limited one by one, and "
                    + "looked at now and then (\(error))"
            )
        }
    }

    private var words: String {
        let names = plan.places.map(\.controller).joined(separator: ", ")
        let parents = Set(plan.places.map(\.parent)).sorted().joined(separator: " and ")
        let without =
            plan.without.isEmpty
            ? ""
            : "; limited one by one, and looked at now and then, as to "
                + plan.without.joined(separator: "; ")
        return "each attempt gets a control group of its own in \(parents) (version "
            + "\(plan.interface.rawValue): \(names))\(without)"
    }

    private static func carryOut(_ plan: ControlGroupPlan) throws(ControlGroupPlan.Refusal) {
        do throws(SystemError) {
            for step in plan.preparation { try carryOut(step) }
        } catch {
            var words = "\(error)"
            for step in plan.retreat {
                do throws(SystemError) {
                    try carryOut(step)
                } catch {
                    words += "; \(error)"
                }
            }
            throw ControlGroupPlan.Refusal(description: words)
        }
    }

    private static func carryOut(_ step: ControlGroupPlan.Step) throws(SystemError) {
        switch step {
        case .make(let folder):
            guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
                throw SystemError("making \(folder)")
            }
        case .write(let text, let file): try ControlFile.write(text, to: file)
        case .remove(let folder):
            guard rmdir(folder) == 0 || errno == ENOENT else {
                throw SystemError("removing \(folder)")
            }
        }
    }

    /// Removes the groups that an earlier runner with this one's folder has left, and says what
    /// became of them.
    private func sweep() -> String {
        var names: Set<String> = []
        for parent in Set(plan.places.map(\.parent)) {
            for folder in ControlFile.folders(in: parent) {
                let name = folder.dropFirst(parent.count + 1)
                if name.hasPrefix(prefix) { names.insert(String(name)) }
            }
        }
        var words = names.isEmpty ? "" : "; an earlier run has left \(names.count) of them"
        for name in names.sorted() {
            do throws(SystemError) {
                try plan.group(named: name).clear()
            } catch {
                words += "; one stays, what is in it may go on: \(error)"
            }
        }
        return words
    }
}
