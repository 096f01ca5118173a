import KubernetesCore

extension BackgroundAgentPoolSpec {
    /// Refuses what would let an agent out of its bounds: whoever may write a pool could otherwise
    /// have the operator make pods that they may not make themselves. The rules are those of the
    /// restricted pod security standard.
    func checkTemplateSecurity(_ list: inout FaultList) {
        let field = "spec.template.spec"
        guard let pod = template["spec"] else { return }
        for name in ["hostNetwork", "hostPID", "hostIPC"] {
            list.require(
                pod[name]?.bool != true, "\(field).\(name)", "agents never share it with the node")
        }
        for (index, volume) in (pod["volumes"]?.array ?? []).enumerated() {
            list.require(
                volume["hostPath"] == nil, "\(field).volumes[\(index)].hostPath",
                "agents never see the node's files")
            list.require(
                volume["name"]?.string?.hasPrefix("swiftlet-") != true,
                "\(field).volumes[\(index)].name",
                "names that begin with swiftlet- are the operator's")
        }
        checkIdentity(pod["securityContext"], "\(field).securityContext", &list)
        for kind in ["initContainers", "containers"] {
            for (index, container) in (pod[kind]?.array ?? []).enumerated() {
                checkContainer(container, "\(field).\(kind)[\(index)]", &list)
            }
        }
        list.require(
            pod["ephemeralContainers"] == nil, "\(field).ephemeralContainers",
            "a template cannot have them")
    }

    private func checkContainer(
        _ container: JSONValue, _ field: String, _ list: inout FaultList
    ) {
        let context = container["securityContext"]
        let place = field + ".securityContext"
        checkIdentity(context, place, &list)
        list.require(
            context?["privileged"]?.bool != true, place + ".privileged",
            "agents are never privileged")
        list.require(
            context?["allowPrivilegeEscalation"]?.bool != true,
            place + ".allowPrivilegeEscalation", "agents never gain rights")
        let procMount = context?["procMount"]?.string
        list.require(
            procMount == nil || procMount == "Default", place + ".procMount", "must be Default")
        for name in context?[path: ["capabilities", "add"]]?.array ?? [] {
            list.require(
                name.string == "NET_BIND_SERVICE", place + ".capabilities.add",
                "only NET_BIND_SERVICE may be added")
        }
        for (index, port) in (container["ports"]?.array ?? []).enumerated() {
            list.require(
                (port["hostPort"]?.integer ?? 0) == 0, "\(field).ports[\(index)].hostPort",
                "agents never listen on the node")
        }
    }

    private func checkIdentity(
        _ context: JSONValue?, _ field: String, _ list: inout FaultList
    ) {
        list.require(
            context?["runAsNonRoot"]?.bool != false, field + ".runAsNonRoot",
            "agents never run as root")
        list.require(
            context?["runAsUser"]?.integer != 0, field + ".runAsUser", "agents never run as root")
        let profile = context?[path: ["seccompProfile", "type"]]?.string
        list.require(
            profile != "Unconfined", field + ".seccompProfile",
            "must be RuntimeDefault or Localhost")
    }
}
