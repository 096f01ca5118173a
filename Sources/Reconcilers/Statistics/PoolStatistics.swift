public import ControlLoop
public import KubernetesCore
public import SwiftletAPI
public import TaskScheduling

/// What a pool has learned, as the machines of this process see it: a local observation beside the
/// pool, under the pool's key.
public struct PoolStatistics: ClusterObject {
    /// A kind of a group that no API server has.
    public static let type = ResourceType(
        group: "local." + SwiftletNames.group, version: "v1", kind: "PoolStatistics",
        plural: "poolstatistics")

    /// The pool's namespace and name.
    public var metadata: ObjectMeta
    /// What has been learned.
    public var experience: PoolExperience
    /// Tasks that ended, a minute, over the last minutes.
    public var tasksPerMinute: Double

    /// What `pool` has learned.
    public init(
        pool: Key<BackgroundAgentPool>, experience: PoolExperience, tasksPerMinute: Double = 0
    ) {
        metadata = ObjectMeta(name: pool.name, namespace: pool.namespace)
        self.experience = experience
        self.tasksPerMinute = tasksPerMinute
    }

    /// The statistics of `pool`.
    public static func of(
        _ pool: Key<BackgroundAgentPool>, in view: ClusterView
    ) -> PoolStatistics? {
        view[Key<PoolStatistics>(namespace: pool.namespace, name: pool.name)]
    }

    /// What the pool's status says of it.
    var performance: BackgroundAgentPoolStatus.Performance {
        var result = BackgroundAgentPoolStatus.Performance()
        func seconds(_ milliseconds: Int?) -> Double? {
            milliseconds.map { (Double($0) / 100).rounded() / 10 }
        }
        result.averageDurationSeconds = seconds(experience.runs.meanMilliseconds)
        result.p95DurationSeconds = seconds(experience.runs.quantileMilliseconds(0.95))
        result.schedulingP50Milliseconds =
            experience.waits.quantileMilliseconds(0.5).map(Double.init)
        result.schedulingP99Milliseconds =
            experience.waits.quantileMilliseconds(0.99).map(Double.init)
        result.tasksPerMinute = (tasksPerMinute * 10).rounded() / 10
        return result
    }
}

extension PoolExperience {
    /// The experience as the pool's ConfigMap keeps it.
    var text: String {
        func list(_ sample: DurationSample) -> JSONValue {
            .array(sample.numbers.map { JSONValue.int($0) })
        }
        var types = JSONObject()
        for (type, sample) in byType { types[type] = list(sample) }
        var used = JSONObject()
        for (type, sample) in usage {
            used[type] = ["milliCPU": list(sample.milliCPU), "kibibytes": list(sample.kibibytes)]
        }
        return JSONValue.object([
            "version": 1, "types": .object(types), "runs": list(runs), "waits": list(waits),
            "usage": .object(used),
            "totals": [
                "succeeded": .int(totals.succeeded), "failed": .int(totals.failed),
                "retried": .int(totals.retried), "countedUntil": .integer(totals.countedUntil),
            ],
        ]).text
    }

    /// Reads what `text` gave; what is broken or of another version teaches nothing.
    init?(text: String) {
        guard text.utf8.count <= 262_144,
            let document = try? JSONDocument(parsing: Array(text.utf8)).root.value(),
            document["version"] == 1, let runs = document["runs"].flatMap(DurationSample.init),
            let waits = document["waits"].flatMap(DurationSample.init)
        else { return nil }
        var types: [String: DurationSample] = [:]
        for (type, value) in document["types"]?.object ?? JSONObject() {
            if let sample = DurationSample(value) { types[type] = sample }
        }
        var usage: [String: UsageSample] = [:]
        for (type, value) in document["usage"]?.object ?? JSONObject() {
            guard let cpu = value["milliCPU"].flatMap(DurationSample.init),
                let memory = value["kibibytes"].flatMap(DurationSample.init)
            else { continue }
            usage[type] = UsageSample(milliCPU: cpu, kibibytes: memory)
        }
        self.init(
            byType: types, runs: runs, waits: waits, usage: usage,
            totals: Totals(document["totals"]))
    }
}

extension PoolExperience.Totals {
    /// Reads what an experience keeps; what is broken counts as none.
    fileprivate init(_ value: JSONValue?) {
        self.init()
        func count(_ key: String) -> Int {
            Int(min(max(value?[key]?.integer ?? 0, 0), 1 << 50))
        }
        succeeded = count("succeeded")
        failed = count("failed")
        retried = count("retried")
        countedUntil = Int64(count("countedUntil"))
    }
}

extension DurationSample {
    fileprivate init?(_ value: JSONValue) {
        guard let numbers = value.array else { return nil }
        self.init(numbers: numbers.map { Int($0.integer ?? -1) })
    }
}
