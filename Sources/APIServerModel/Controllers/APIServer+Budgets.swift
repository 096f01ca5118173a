import KubernetesCore

extension APIServer {
    /// Counts again what the disruption budgets of a namespace allow.
    mutating func refreshBudgets(_ namespace: String, at now: Timestamp) {
        let budgets = store.objects(.disruptionBudgets, namespace: namespace)
        guard !budgets.isEmpty else { return }
        let pods = store.objects(.pods, namespace: namespace)
        for budget in budgets {
            // A selector that is none was refused when the budget was written.
            guard
                let selector = try? LabelSelector(
                    reading: budget.value[path: ["spec", "selector"]] ?? [:])
            else { continue }
            let chosen = pods.filter {
                let phase = $0.value[path: ["status", "phase"]]?.string
                return selector.matches($0.labels) && phase != "Succeeded" && phase != "Failed"
            }
            let healthy = chosen.filter {
                !$0.isDeleting && PodColumns.Summary.isTrue($0.value, "Ready")
            }.count
            let wanted = DisruptionBudget.desired(budget.value, expected: chosen.count)
            let allowed = chosen.isEmpty ? 0 : max(0, healthy - wanted)
            var value = budget.value
            var status = value["status"] ?? [:]
            status["currentHealthy"] = .int(healthy)
            status["desiredHealthy"] = .int(wanted)
            status["disruptionsAllowed"] = .int(allowed)
            status["expectedPods"] = .int(chosen.count)
            status["observedGeneration"] = budget.metadata["generation"]
            var condition: JSONValue = [
                "type": "DisruptionAllowed", "status": .string(allowed > 0 ? "True" : "False"),
                "reason": .string(allowed > 0 ? "SufficientPods" : "InsufficientPods"),
                "message": "", "lastTransitionTime": .string(now.description),
                "observedGeneration": budget.metadata["generation"] ?? 0,
            ]
            let before = status["conditions"]?[0]
            if before?["status"] == condition["status"], let time = before?["lastTransitionTime"] {
                condition["lastTransitionTime"] = time
            }
            status["conditions"] = [condition]
            value["status"] = status
            if value != budget.value { store.put(value, in: .disruptionBudgets) }
        }
    }

    /// Takes one disruption from the budgets of a pod, or refuses its eviction.
    mutating func takeDisruption(
        _ pod: StoredObject, _ options: DeletionOptions, at now: Timestamp
    ) throws(Failure) {
        refreshBudgets(pod.namespace, at: now)
        let phase = pod.value[path: ["status", "phase"]]?.string
        if phase == "Pending" || phase == "Succeeded" || phase == "Failed" || pod.isDeleting {
            return
        }
        for budget in store.objects(.disruptionBudgets, namespace: pod.namespace) {
            // A selector that is none was refused when the budget was written.
            guard
                let selector = try? LabelSelector(
                    reading: budget.value[path: ["spec", "selector"]] ?? [:]),
                selector.matches(pod.labels)
            else { continue }
            let status = budget.value["status"] ?? [:]
            let allowed = status["disruptionsAllowed"]?.integer ?? 0
            guard allowed <= 0 else {
                guard !options.isDryRun else { continue }
                var value = budget.value
                value[path: ["status", "disruptionsAllowed"]] = .integer(allowed - 1)
                store.put(value, in: .disruptionBudgets)
                continue
            }
            let wanted = status["desiredHealthy"]?.integer ?? 0
            let healthy = status["currentHealthy"]?.integer ?? 0
            throw Failure(
                code: 429, reason: "TooManyRequests",
                message: "Cannot evict pod as it would violate the pod's disruption budget.",
                details: Failure.Details(
                    causes: [
                        .init(
                            reason: "DisruptionBudget",
                            message: "The disruption budget \(budget.name) needs \(wanted) "
                                + "healthy pods and has \(healthy) currently",
                            field: "")
                    ]))
        }
    }
}

/// The arithmetic of disruption budgets.
enum DisruptionBudget {
    /// How many of the pods must be healthy.
    static func desired(_ budget: JSONValue, expected: Int) -> Int {
        if let least = budget[path: ["spec", "minAvailable"]] {
            return count(least, of: expected)
        }
        if let most = budget[path: ["spec", "maxUnavailable"]] {
            return max(0, expected - count(most, of: expected))
        }
        return expected
    }

    /// A number, or a share of the whole rounded up.
    private static func count(_ value: JSONValue, of whole: Int) -> Int {
        if let number = value.integer { return Int(clamping: max(0, number)) }
        guard let text = value.string, text.hasSuffix("%"), let percent = Int(text.dropLast()),
            (0...100).contains(percent)
        else { return whole }
        return (whole * percent + 99) / 100
    }
}
