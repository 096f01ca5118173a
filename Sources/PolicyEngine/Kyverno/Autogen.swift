import KubernetesCore

/// Rules for pods, turned into rules for what makes pods.
///
/// A rule that is written for pods also holds for the pods in the templates of Deployments, Jobs
/// and so on, where nothing in its policy speaks against that. The rules are made from the
/// document, so that they are read like any other rule.
struct Autogen {
    /// Kinds that make pods, in the order of their names.
    static let controllers = [
        "CronJob", "DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController",
        "StatefulSet",
    ]
    static let annotation = "pod-policies.kyverno.io/autogen-controllers"

    private static let prefix = "autogen-"
    private static let nameMax = 63

    /// The controllers that the rules of the policy hold for; none where its rules do not allow it.
    let controllers: [String]

    /// Looks at the rules of a policy and at its annotation.
    init(rules: [JSONValue], annotation: String?) {
        guard Autogen.allows(rules) else {
            controllers = []
            return
        }
        guard let annotation else {
            controllers = Autogen.controllers
            return
        }
        let wanted = annotation.split(separator: ",", omittingEmptySubsequences: false)
        controllers = Autogen.controllers.filter { wanted.contains(Substring($0)) }
    }

    /// Whether a rule's name is one of those that are made.
    static func isMade(_ name: String) -> Bool { name.hasPrefix(prefix) }

    // MARK: Which policies

    private static func allows(_ rules: [JSONValue]) -> Bool {
        var isNeeded = false
        for rule in rules {
            if present(rule["generate"]) { return false }
            if !(rule["mutate"]?["patchesJson6902"]?.string ?? "").isEmpty { return false }
            for entry in rule["mutate"]?["foreach"]?.array ?? []
            where !(entry["patchesJson6902"]?.string ?? "").isEmpty {
                return false
            }
            for filter in filters(of: rule["match"]) + filters(of: rule["exclude"]) {
                let resources = filter["resources"]
                let kinds = kinds(of: filter)
                let narrows =
                    !(resources?["name"]?.string ?? "").isEmpty
                    || !(resources?["names"]?.array ?? []).isEmpty
                    || present(resources?["selector"]) || present(resources?["annotations"])
                if narrows || (kinds.count > 1 && hasPod(kinds)) { return false }
                isNeeded =
                    isNeeded || kinds.contains { $0 == "Pod" || controllers.contains($0) }
            }
        }
        return isNeeded
    }

    private static func present(_ value: JSONValue?) -> Bool {
        guard let value else { return false }
        return !value.isNull
    }

    /// The filters of a block: its own fields, and those under `any` and `all`.
    private static func filters(of block: JSONValue?) -> [JSONValue] {
        guard let block else { return [] }
        return [block] + (block["any"]?.array ?? []) + (block["all"]?.array ?? [])
    }

    private static func kinds(of filter: JSONValue) -> [String] {
        (filter["resources"]?["kinds"]?.array ?? []).compactMap(\.string)
    }

    private static func kinds(ofAll block: JSONValue?) -> [String] {
        filters(of: block).flatMap(kinds)
    }

    /// Whether one of the kinds is the pod, by whatever version.
    private static func hasPod(_ kinds: [String]) -> Bool {
        kinds.contains { kind in
            let last = kind.split(separator: "/").last { !($0.first?.isLowercase ?? false) }
            return last.map { $0.split(separator: ".").first == "Pod" } ?? false
        }
    }

    // MARK: Which rules

    /// The rule for controllers but the CronJob; `nil` where there is none.
    func controllerRule(_ rule: JSONValue) -> JSONValue? {
        let kinds = controllers.filter { $0 != "CronJob" }
        guard !kinds.isEmpty, Autogen.isForPods(rule) else { return nil }
        let made = Autogen.made(
            rule, name: "autogen-", ["spec", "template"], kinds: kinds, everywhere: false)
        return made.map { Autogen.shift($0, by: "spec.template") }
    }

    /// The rule for CronJobs; `nil` where there is none.
    func cronJobRule(_ rule: JSONValue) -> JSONValue? {
        guard controllers.contains("CronJob"), Autogen.isForPods(rule) else { return nil }
        let made = Autogen.made(
            rule, name: "autogen-cronjob-", ["spec", "jobTemplate", "spec", "template"],
            kinds: ["CronJob"], everywhere: true)
        return made.map { Autogen.shift($0, by: "spec.jobTemplate.spec.template") }
    }

    private static func isForPods(_ rule: JSONValue) -> Bool {
        guard !isMade(rule["name"]?.string ?? "") else { return false }
        let excluded = kinds(ofAll: rule["exclude"])
        return hasPod(kinds(ofAll: rule["match"])) && (excluded.isEmpty || hasPod(excluded))
    }

    private static func made(
        _ rule: JSONValue, name: String, _ path: [String], kinds: [String], everywhere: Bool
    ) -> JSONValue? {
        var result = rule
        let whole = name + (rule["name"]?.string ?? "")
        result["name"] = .string(String(decoding: whole.utf8.prefix(nameMax), as: UTF8.self))
        let names = kinds.map(selector)
        result["match"] = retarget(rule["match"], to: names, everywhere, isMatch: true)
        if present(rule["exclude"]) {
            result["exclude"] = retarget(rule["exclude"], to: names, everywhere, isMatch: false)
        }
        if let validate = rule["validate"], validate.object != nil {
            result["validate"] = validation(validate, path)
        } else if let mutate = rule["mutate"], mutate.object != nil {
            guard let mutation = mutation(mutate, path) else { return nil }
            result["mutate"] = mutation
        } else {
            return nil
        }
        return result
    }

    /// A controller's group, version and kind.
    private static func selector(_ kind: String) -> JSONValue {
        switch kind {
        case "CronJob", "Job": .string("batch/v1/" + kind)
        case "ReplicationController": .string("v1/" + kind)
        default: .string("apps/v1/" + kind)
        }
    }

    /// A block whose filters name the controllers in place of the pod; `everywhere`, all of its
    /// filters do.
    private static func retarget(
        _ block: JSONValue?, to kinds: [JSONValue], _ everywhere: Bool, isMatch: Bool
    ) -> JSONValue? {
        guard var result = block else { return nil }
        for key in ["any", "all"] {
            guard let list = result[key]?.array, !list.isEmpty else { continue }
            result[key] = .array(
                list.map { filter in
                    guard everywhere || hasPod(Autogen.kinds(of: filter)) else { return filter }
                    var filter = filter
                    filter[path: ["resources", "kinds"]] = .array(kinds)
                    return filter
                })
            return result
        }
        if isMatch || !Autogen.kinds(of: result).isEmpty {
            result[path: ["resources", "kinds"]] = .array(kinds)
        }
        return result
    }

    private static func validation(_ validate: JSONValue, _ path: [String]) -> JSONValue {
        var result = validate
        if let pattern = validate["pattern"], !pattern.isNull {
            result["pattern"] = wrap(pattern, path)
        } else if let patterns = validate["anyPattern"]?.array {
            result["anyPattern"] = .array(patterns.map { wrap($0, path) })
        }
        return result
    }

    private static func mutation(_ mutate: JSONValue, _ path: [String]) -> JSONValue? {
        if let patch = mutate["patchStrategicMerge"], !patch.isNull {
            return ["patchStrategicMerge": wrap(patch, path)]
        }
        guard let list = mutate["foreach"]?.array, !list.isEmpty else { return nil }
        return [
            "foreach": .array(
                list.map { entry in
                    var result = JSONObject()
                    for key in ["list", "context", "preconditions"] { result[key] = entry[key] }
                    result["patchStrategicMerge"] = wrap(
                        entry["patchStrategicMerge"] ?? .null, path)
                    return .object(result)
                })
        ]
    }

    private static func wrap(_ value: JSONValue, _ path: [String]) -> JSONValue {
        path.reversed().reduce(value) { [$1: $0] }
    }

    // MARK: Where expressions look

    /// The rule with what its texts say about the pod said about the pod in the template.
    private static func shift(_ rule: JSONValue, by path: String) -> JSONValue {
        let isExpression = present(rule["validate"]?["cel"])
        let roots =
            isExpression ? ["object", "oldObject"] : ["request.object", "request.oldObject"]
        var replacements: [(String, String)] = []
        for part in ["spec", "metadata"] {
            for root in roots {
                replacements.append(("\(root).\(part)", "\(root).\(path).\(part)"))
            }
        }
        return shift(rule, replacements)
    }

    private static func shift(
        _ value: JSONValue, _ replacements: [(String, String)]
    ) -> JSONValue {
        switch value {
        case .string(let text): .string(shift(text, replacements))
        case .array(let elements): .array(elements.map { shift($0, replacements) })
        case .object(let members):
            .object(
                JSONObject(
                    members.map { (shift($0, replacements), shift($1, replacements)) }))
        default: value
        }
    }

    private static func shift(_ text: String, _ replacements: [(String, String)]) -> String {
        replacements.reduce(text) { TextReplacement.replace($1.0, $1.1, in: $0) }
    }
}
