import KubernetesCore

/// Collects faults, at most as many as a person reads.
struct FaultList {
    private(set) var faults: [ValidationFault]

    init(_ faults: [ValidationFault] = []) { self.faults = Array(faults.prefix(FaultList.max)) }

    private static let max = 20

    /// Notes a fault of `field` unless `isFine`.
    mutating func require(
        _ isFine: Bool, _ field: @autoclosure () -> String, _ message: @autoclosure () -> String
    ) {
        guard !isFine, faults.count < FaultList.max else { return }
        let fault = ValidationFault(field: field(), message: message())
        if !faults.contains(fault) { faults.append(fault) }
    }

    /// Notes what a rule for names says about `name`.
    mutating func check(
        _ name: String, _ field: @autoclosure () -> String, _ rule: (String) -> [String]
    ) {
        guard let problem = rule(name).first else { return }
        require(false, field(), problem)
    }

    /// Notes every quantity that is none, or is negative.
    mutating func check(quantities: [String: String], _ field: String) {
        for (name, text) in quantities.sorted(by: { $0.key < $1.key }) {
            check(name, "\(field)[\(name.prefix(64))]") { NameRules.qualifiedNameErrors($0) }
            do {
                let isNegative = try Quantity(text).isNegative
                require(
                    !isNegative, "\(field)[\(name.prefix(64))]", "must not be negative")
            } catch {
                require(
                    false, "\(field)[\(name.prefix(64))]",
                    "\"\(text.prefix(64))\" is no quantity such as 500m or 2Gi: \(error)")
            }
        }
    }

    /// Notes what is wrong with a label selector.
    mutating func check(selector: JSONValue?, _ field: String) {
        guard let selector else { return }
        for error in LabelSelector.errors(in: selector, at: FieldPath(field)) {
            require(false, error.path, error.body)
        }
    }
}
