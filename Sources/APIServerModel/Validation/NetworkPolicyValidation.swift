import KubernetesCore

/// The rules of network policies.
enum NetworkPolicyValidation {
    static func errors(_ value: JSONValue) -> [FieldError] {
        let spec = value["spec"] ?? [:]
        let root = FieldPath("spec")
        var errors = LabelSelector.errors(
            in: spec["podSelector"] ?? [:], at: root.child("podSelector"))
        for (list, peers) in [("ingress", "from"), ("egress", "to")] {
            for (index, rule) in (spec[list]?.array ?? []).enumerated() {
                let path = root.child(list)[index]
                for (index, port) in (rule["ports"]?.array ?? []).enumerated() {
                    errors += portErrors(port, at: path.child("ports")[index])
                }
                for (index, peer) in (rule[peers]?.array ?? []).enumerated() {
                    errors += peerErrors(peer, at: path.child(peers)[index])
                }
            }
        }
        let types = Authorization.texts(spec["policyTypes"])
        let place = root.child("policyTypes")
        if types.count > 2 {
            errors.append(
                .invalid(place, .strings(types), "may not specify more than two policyTypes"))
            return errors
        }
        for (index, type) in types.enumerated() where !["Egress", "Ingress"].contains(type) {
            errors.append(
                .notSupported(place[index], .string(type), ["Egress", "Ingress"]))
        }
        return errors
    }

    private static func portErrors(_ port: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let protocols = ["SCTP", "TCP", "UDP"]
        if let kind = port["protocol"]?.string, !protocols.contains(kind) {
            errors.append(.notSupported(path.child("protocol"), .string(kind), protocols))
        }
        let range: ClosedRange<Int64> = 1...65_535
        let rule = "must be between 1 and 65535, inclusive"
        let last = port["endPort"]?.integer
        switch port["port"] {
        case .some(.integer(let number)):
            if !range.contains(number) {
                errors.append(.invalid(path.child("port"), .integer(number), rule))
            }
            if let last {
                if last < number {
                    errors.append(
                        .invalid(
                            path.child("endPort"), .integer(number),
                            "must be greater than or equal to `port`"))
                }
                if !range.contains(last) {
                    errors.append(.invalid(path.child("endPort"), .integer(last), rule))
                }
            }
        case .some:
            if let last {
                errors.append(
                    .invalid(
                        path.child("endPort"), .integer(last),
                        "may not be specified when `port` is non-numeric"))
            }
        case .none:
            if last != nil {
                errors.append(
                    .required(path.child("port"), "must be specified when `endPort` is specified"))
            }
        }
        return errors
    }

    private static func peerErrors(_ peer: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        var count = 0
        for field in ["podSelector", "namespaceSelector"] {
            guard let selector = peer[field] else { continue }
            count += 1
            errors += LabelSelector.errors(in: selector, at: path.child(field))
        }
        if let block = peer["ipBlock"] {
            if count > 0 {
                errors.append(
                    .forbidden(path, "may not specify both ipBlock and another peer"))
            }
            count += 1
            let range = block["cidr"]?.string ?? ""
            let place = path.child("ipBlock").child("cidr")
            if range.isEmpty {
                errors.append(.required(place))
            } else if !isRange(range) {
                errors.append(
                    .invalid(
                        place, .string(range),
                        "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"))
            }
        }
        if count == 0 { errors.append(.required(path, "must specify a peer")) }
        return errors
    }

    private static func isRange(_ text: String) -> Bool {
        let sides = text.split(separator: "/", omittingEmptySubsequences: false)
        guard sides.count == 2, let bits = Int(sides[1]) else { return false }
        if sides[0].contains(":") { return (0...128).contains(bits) }
        let parts = sides[0].split(separator: ".", omittingEmptySubsequences: false)
        return (0...32).contains(bits) && parts.count == 4
            && parts.allSatisfy { UInt8($0) != nil && (String(UInt8($0) ?? 0) == $0) }
    }
}
