import KubernetesCore

/// Estimates of what rules cost, and the limits for them.
extension RuleCompiler {
    /// What the rules of a schema cost together, by estimate.
    struct Estimates {
        private(set) var total: UInt64 = 0
        private var parts: [(path: String, cost: UInt64)] = []

        mutating func add(_ cost: UInt64, _ path: String) {
            let (sum, overflow) = total.addingReportingOverflow(cost)
            total = overflow ? .max : sum
            parts.append((path, cost))
        }

        /// The rules that cost most, the first of equals first.
        var greatest: [String] {
            parts.enumerated()
                .sorted { ($1.element.cost, $0.offset) < ($0.element.cost, $1.offset) }
                .prefix(4).map(\.element.path)
        }
    }

    /// How often at most a value of `type` can occur, where nothing bounds the lists and maps
    /// above.
    static func cardinality(_ type: SchemaType?) -> UInt64 {
        ((3 << 20) - 2) / ((type?.sizeMin ?? 1) + 1)
    }

    /// Checks what one expression costs at worst. `cardinality` is how often its value can occur;
    /// `nil` where nothing bounds it.
    mutating func checkCost(
        _ program: CELProgram, _ type: SchemaType?, _ cardinality: UInt64?, _ path: String,
        _ name: String
    ) {
        let once = CostEstimator.estimate(program, type)
        let (product, overflow) = once.multipliedReportingOverflow(
            by: cardinality ?? Self.cardinality(type))
        let cost = overflow ? UInt64.max : product
        estimates.add(cost, path)
        guard cost > CostEstimator.ruleMax else { return }
        faults.append(
            RuleFault(
                kind: .forbidden, path: path, badValue: nil,
                detail: "estimated \(name) cost " + Self.excess(cost, CostEstimator.ruleMax)))
    }

    /// Checks what all rules cost at worst.
    mutating func checkTotalCost() {
        guard estimates.total > CostEstimator.schemaMax else { return }
        for path in estimates.greatest {
            faults.append(
                RuleFault(
                    kind: .forbidden, path: path, badValue: nil,
                    detail: "contributed to estimated rule cost total exceeding cost limit for "
                        + "entire OpenAPIv3 schema"))
        }
        faults.append(
            RuleFault(
                kind: .forbidden, path: "", badValue: nil,
                detail: "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 "
                    + "schema " + Self.excess(estimates.total, CostEstimator.schemaMax)))
    }

    private static func excess(_ cost: UInt64, _ limit: UInt64) -> String {
        let factor = Double(cost) / Double(limit)
        let digits = ExactDecimal(factor).fixed(factor < 1.5 ? 6 : 1)
        let shown = factor > 100 ? "more than 100x" : "\(digits.whole).\(digits.fraction)x"
        return
            "exceeds budget by factor of \(shown) (try simplifying the rule, or adding maxItems, "
            + "maxProperties, and maxLength where arrays, maps, and strings are declared)"
    }
}
