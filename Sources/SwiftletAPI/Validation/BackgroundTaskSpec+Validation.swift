import KubernetesCore

extension BackgroundTaskSpec {
    /// Child tasks that one task may be cut into.
    public static let childrenMax = 1_024

    /// What is wrong with this spec as that of the task `name`: what schemas cannot say, and what
    /// slipped past them. Empty for a spec that can be followed; at most 20 faults.
    public func faults(name: String) -> [ValidationFault] {
        var list = FaultList(readingFaults)
        if let poolRef {
            list.check(poolRef.name, "spec.poolRef.name", NameRules.dnsSubdomainErrors)
            if let namespace = poolRef.namespace {
                list.check(namespace, "spec.poolRef.namespace", NameRules.dnsLabelErrors)
            }
        }
        list.require(
            poolRef == nil || (poolSelector == nil && persona == nil), "spec.poolRef",
            "excludes poolSelector and persona: they choose among pools")
        list.check(selector: poolSelector, "spec.poolSelector")
        checkProgram(&list)
        list.check(quantities: resources.requests, "spec.resources.requests")
        for (index, dependency) in dependsOn.enumerated() {
            let place = "spec.dependsOn[\(index)].name"
            list.check(dependency.name, place, NameRules.dnsSubdomainErrors)
            list.require(dependency.name != name, place, "a task cannot depend on itself")
        }
        checkRetry(&list)
        checkFanOut(&list)
        return list.faults
    }

    private func checkProgram(_ list: inout FaultList) {
        list.require(
            command.first?.isEmpty != true, "spec.command[0]", "the program must have a name")
        for (field, arguments) in [("spec.command", command), ("spec.args", args)] {
            let broken = arguments.firstIndex { $0.utf8.contains(0) }
            if let broken {
                list.require(false, field + "[\(broken)]", "must not contain a NUL character")
            }
        }
        var seen: Set<String> = []
        for (index, variable) in env.enumerated() {
            let place = "spec.env[\(index)].name"
            list.require(
                BackgroundTaskSpec.isVariableName(variable.name), place,
                "\"\(variable.name.prefix(64))\" is no name of a variable: use letters, digits, _, "
                    + "- and dots, and begin with a letter or _")
            list.require(
                !variable.name.hasPrefix("SWIFTLET_"), place,
                "names that begin with SWIFTLET_ are the runner's")
            list.require(
                seen.insert(variable.name).inserted, place,
                "\"\(variable.name.prefix(64))\" is given twice")
            if case .value(let text) = variable.source {
                list.require(
                    !text.utf8.contains(0), "spec.env[\(index)].value",
                    "must not contain a NUL character")
            }
        }
    }

    private static func isVariableName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 128,
            isLetter(first) || first == UInt8(ascii: "_")
        else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                true
            default: isLetter(byte)
            }
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    private func checkRetry(_ list: inout FaultList) {
        list.require(
            retry.backoff.initialSeconds <= retry.backoff.maxSeconds,
            "spec.retry.backoff.initialSeconds", "must not be greater than maxSeconds")
        for (index, rule) in retry.rules.enumerated() {
            let place = "spec.retry.rules[\(index)]"
            list.require(
                !rule.exitCodes.isEmpty || !rule.classes.isEmpty || rule.messagePattern != nil,
                place, "must say what it fits: exitCodes, classes or messagePattern")
            guard let pattern = rule.messagePattern else { continue }
            do {
                _ = try Pattern(pattern)
            } catch {
                list.require(false, place + ".messagePattern", "\(error)")
            }
        }
    }

    private func checkFanOut(_ list: inout FaultList) {
        list.require(
            shards == nil || matrix.isEmpty, "spec.matrix", "excludes shards: give one of them")
        if case .count(let least) = successPolicy.minSucceeded {
            list.require(
                least <= childCount || !fansOut, "spec.successPolicy.minSucceeded",
                "is \(least), but there are only \(childCount) children")
        }
        var children = 1
        for (key, values) in matrix.sorted(by: { $0.key < $1.key }) {
            let place = "spec.matrix[\(key.prefix(64))]"
            list.require(
                BackgroundTaskSpec.isVariableName(key) && key.utf8.count <= 63, place,
                "\"\(key.prefix(64))\" is no name of 1 to 63 letters, digits and underscores")
            list.require(!values.isEmpty, place, "needs at least one value")
            let (product, overflow) = children.multipliedReportingOverflow(
                by: max(1, values.count))
            children = overflow ? Int.max : product
        }
        list.require(
            children <= BackgroundTaskSpec.childrenMax, "spec.matrix",
            "has \(children) combinations, more than the \(BackgroundTaskSpec.childrenMax) allowed")
    }
}
