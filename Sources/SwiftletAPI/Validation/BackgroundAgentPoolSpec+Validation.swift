import KubernetesCore

extension BackgroundAgentPoolSpec {
    /// What is wrong with this spec: what schemas cannot say, and what slipped past them. Empty for
    /// a spec that can be followed; at most 20 faults.
    public var faults: [ValidationFault] {
        var list = FaultList(readingFaults)
        checkAutoscaling(&list)
        list.require(
            agent.heartbeatSeconds < agent.timeoutSeconds, "spec.agent.timeoutSeconds",
            "must be greater than heartbeatSeconds")
        list.require(
            agent.recycle.mode != .ephemeral || slotsPerAgent == 1, "spec.slotsPerAgent",
            "must be 1 with agent.recycle.mode Ephemeral")
        list.require(
            update.maxUnavailable.resolved(of: 100, roundingUp: false) > 0
                || update.maxSurge.resolved(of: 100, roundingUp: true) > 0,
            "spec.update.maxUnavailable", "must not be 0 together with maxSurge")
        list.require(
            scoring.capacity + scoring.specialization + scoring.performance + scoring.workload > 0,
            "spec.scoring", "at least one weight must be greater than 0")
        checkContracts(&list)
        checkTemplate(&list)
        checkTemplateSecurity(&list)
        checkIsolation(&list)
        list.check(quantities: quota?.hard ?? [:], "spec.quota.hard")
        if let claim = workspace?.claimName {
            list.check(claim, "spec.workspace.claimName", NameRules.dnsSubdomainErrors)
        }
        if let tenant { list.check(tenant, "spec.tenant", NameRules.dnsLabelErrors) }
        return list.faults
    }

    private func checkAutoscaling(_ list: inout FaultList) {
        let field = "spec.autoscaling"
        list.require(
            autoscaling.minReplicas <= autoscaling.maxReplicas, field + ".minReplicas",
            "must not be greater than maxReplicas")
        for (index, floor) in autoscaling.floors.enumerated() {
            let place = field + ".floors[\(index)]"
            if let fault = CronText.fault(in: floor.cron) {
                list.require(false, place + ".cron", fault)
            }
            list.require(
                BackgroundAgentPoolSpec.isTimeZoneName(floor.timeZone), place + ".timeZone",
                "\"\(floor.timeZone.prefix(64))\" is no name of a time zone such as Europe/Berlin")
        }
    }

    private func checkContracts(_ list: inout FaultList) {
        for (index, type) in taskTypes.enumerated() {
            let place = "spec.taskTypes[\(index)]"
            if let fault = type.inputSchema?.fault {
                list.require(false, place + ".inputSchema", fault)
            }
            if let fault = type.outputSchema?.fault {
                list.require(false, place + ".outputSchema", fault)
            }
        }
    }

    /// Whether `name` looks like a name of the IANA time zone database.
    static func isTimeZoneName(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count), name.utf8.first != UInt8(ascii: "/") else {
            return false
        }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part != "." && part != ".."
                && part.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "a")...UInt8(ascii: "z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                        UInt8(ascii: "_"), UInt8(ascii: "+"):
                        true
                    default: false
                    }
                }
        }
    }

    private func checkTemplate(_ list: inout FaultList) {
        let field = "spec.template.spec.containers"
        let containers = template[path: ["spec", "containers"]]?.array ?? []
        list.require(!containers.isEmpty, field, "at least one container is needed")
        list.require(containers.count <= 16, field, "at most 16 containers are possible")
        for (index, container) in containers.prefix(16).enumerated() {
            list.check(container["name"]?.string ?? "", field + "[\(index)].name") {
                NameRules.dnsLabelErrors($0)
            }
            list.require(
                container["image"]?.string?.isEmpty == false, field + "[\(index)].image",
                "an image is needed")
        }
        if let agent = containers.first {
            list.require(
                agent["command"] != nil || (agent["args"]?.array ?? []).isEmpty,
                field + "[0].args",
                "need a command beside them: without one the container runs the runner")
        }
        for (key, value) in template[path: ["metadata", "labels"]]?.object ?? JSONObject() {
            let place = "spec.template.metadata.labels[\(key.prefix(64))]"
            list.check(key, place, NameRules.qualifiedNameErrors)
            list.check(value.string ?? " ", place, NameRules.labelValueErrors)
        }
    }

    private func checkIsolation(_ list: inout FaultList) {
        for (index, egress) in isolation.egress.enumerated() {
            let place = "spec.isolation.egress[\(index)]"
            let selects = egress.namespaceSelector != nil || egress.podSelector != nil
            list.require(
                (egress.cidr != nil) != selects, place,
                "must name either cidr, or namespaceSelector and podSelector")
            list.check(selector: egress.namespaceSelector, place + ".namespaceSelector")
            list.check(selector: egress.podSelector, place + ".podSelector")
        }
        list.require(
            (allowedNamespaces.from == .selector) == (allowedNamespaces.selector != nil),
            "spec.allowedNamespaces.selector", "belongs to from: Selector: give both or neither")
        list.check(selector: allowedNamespaces.selector, "spec.allowedNamespaces.selector")
    }
}
