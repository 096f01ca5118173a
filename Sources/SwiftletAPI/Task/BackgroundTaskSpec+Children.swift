public import KubernetesCore

extension BackgroundTaskSpec {
    /// When a task that is cut into children counts as succeeded.
    public struct SuccessPolicy: Hashable, Sendable {
        /// Children that must succeed; a share is rounded up.
        public var minSucceeded = IntOrPercent.percent(100)
        /// Whether what still runs or waits is cancelled as soon as the outcome is certain.
        public var stopEarly = false

        /// The defaults: all of them, and each is given its chance.
        public init() {}

        init(reading node: JSONNode?, _ faults: inout [ValidationFault]) throws(JSONError) {
            stopEarly = try node.flag("stopEarly", stopEarly)
            guard let given = node["minSucceeded"] else { return }
            guard let share = IntOrPercent(reading: given.value()), SuccessPolicy.isSensible(share)
            else {
                faults.append(
                    ValidationFault(
                        field: given.path,
                        message: "expected a number such as 2 or a share such as 25%"))
                return
            }
            minSucceeded = share
        }

        private static func isSensible(_ share: IntOrPercent) -> Bool {
            switch share {
            case .count(let count): (0...BackgroundTaskSpec.childrenMax).contains(count)
            case .percent(let percent): (0...100).contains(percent)
            }
        }
    }

    /// Whether the work is done by child tasks instead of by this task itself.
    public var fansOut: Bool { shards != nil || !matrix.isEmpty }

    /// How many children there are to be; 0 where the task does not fan out. Bounded by
    /// `childrenMax` in every spec without faults.
    public var childCount: Int {
        if let shards { return max(0, shards) }
        guard !matrix.isEmpty else { return 0 }
        var count = 1
        for values in matrix.values {
            let (product, overflow) = count.multipliedReportingOverflow(by: values.count)
            if overflow { return .max }
            count = product
        }
        return count
    }

    /// How many of `childCount` children have to succeed.
    public var childrenToSucceed: Int {
        let count = childCount
        return min(max(0, successPolicy.minSucceeded.resolved(of: count, roundingUp: true)), count)
    }

    /// The values of the matrix for child `index`, by name: the last name in order changes with
    /// every child, the first one slowest.
    public func combination(_ index: Int) -> [(name: String, value: String)] {
        var rest = index
        var result: [(name: String, value: String)] = []
        for (name, values) in matrix.sorted(by: { $0.key > $1.key }) where !values.isEmpty {
            result.append((name, values[max(0, rest) % values.count]))
            rest /= values.count
        }
        return result.reversed()
    }
}

extension BackgroundTaskStatus {
    /// The children of a task that is cut into several.
    public struct Children: Hashable, Sendable {
        /// How many there are to be.
        public var total: Int
        /// Which have succeeded.
        public var succeeded = IndexSet()
        /// Which have failed or were cancelled.
        public var failed = IndexSet()

        /// Children of which none has ended.
        public init(total: Int) { self.total = total }

        /// Those that have ended.
        public var finished: Int { succeeded.count + failed.count }

        init?(reading node: JSONNode?) throws(JSONError) {
            guard let node else { return nil }
            let optional = Optional(node)
            total = try node.required("total").integer()
            let bound = max(0, min(total, BackgroundTaskSpec.childrenMax))
            succeeded = IndexSet(try optional.text("succeededIndexes") ?? "", below: bound)
            failed = IndexSet(try optional.text("failedIndexes") ?? "", below: bound)
        }

        var json: JSONValue {
            var result: JSONObject = [
                "total": .int(total), "succeeded": .int(succeeded.count),
                "failed": .int(failed.count),
            ]
            if succeeded.count > 0 { result.put("succeededIndexes", succeeded.text) }
            if failed.count > 0 { result.put("failedIndexes", failed.text) }
            return .object(result)
        }
    }
}
