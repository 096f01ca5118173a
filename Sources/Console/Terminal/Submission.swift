public import KubernetesCore
import Reconcilers
import SwiftletAPI

/// A task as somebody asks for it on the command line.
public struct Submission: Sendable {
    /// Why a task cannot be made of what was asked for, in a sentence.
    public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// The sentence.
        public let description: String
    }

    /// The name; nil where one is to be made.
    public var name: String?
    /// The pool, as `NAME` or `NAMESPACE/NAME`; nil where the task is routed.
    public var pool: String?
    /// The type of work.
    public var type: String?
    /// Higher goes first.
    public var priority: Int?
    /// The program and its arguments.
    public var command: [String] = []
    /// Variables as `NAME=VALUE`.
    public var variables: [String] = []
    /// The input as JSON text; nil for none.
    public var input: String?
    /// Tasks that come first, as `NAME` or `NAME:CONDITION`.
    public var after: [String] = []
    /// Seconds that an attempt may take.
    public var timeoutSeconds: Int?
    /// How often it is tried again.
    public var maxRetries: Int?
    /// Into how many parts it is cut.
    public var shards: Int?
    /// Seconds after its end at which it is deleted.
    public var retentionSeconds: Int?
    /// Annotations as `NAME=VALUE`.
    public var annotations: [String] = []
    /// The trace that it belongs to, as a `traceparent`; one that is none is left out.
    public var trace: String?

    /// Nothing is asked for yet.
    public init() {}

    /// The object to be created in `namespace`.
    /// - Parameter suffix: what makes a name of its own, where none is given.
    public func object(in namespace: String, suffix: String) throws(Refusal) -> JSONValue {
        guard !command.isEmpty else {
            throw Refusal(description: "A task needs a command: swiftlet submit … -- COMMAND ARG…")
        }
        var metadata: JSONObject = [
            "name": .string(name ?? made(suffix)), "namespace": .string(namespace),
        ]
        var members = JSONObject()
        if let trace = trace.flatMap({ TraceContext(traceparent: $0) }) {
            members[SwiftletNames.Annotation.traceparent] = .string(trace.traceparent)
        }
        for (key, value) in try pairs(annotations, "--annotation") {
            members[key] = .string(value)
        }
        if !members.isEmpty { metadata["annotations"] = .object(members) }
        return [
            "apiVersion": .string(BackgroundTask.type.apiVersion),
            "kind": .string(BackgroundTask.type.kind), "metadata": .object(metadata),
            "spec": .object(try spec()),
        ]
    }

    private func spec() throws(Refusal) -> JSONObject {
        var spec: JSONObject = ["command": .strings(command)]
        if let pool {
            let parts = pool.split(separator: "/", omittingEmptySubsequences: false).map(
                String.init)
            guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else {
                throw Refusal(description: "--pool \(pool): expected NAME or NAMESPACE/NAME.")
            }
            var reference: JSONObject = ["name": .string(parts[parts.count - 1])]
            if parts.count == 2 { reference["namespace"] = .string(parts[0]) }
            spec["poolRef"] = .object(reference)
        }
        if let type { spec["type"] = .string(type) }
        if let priority { spec["priority"] = .int(priority) }
        if !variables.isEmpty {
            spec["env"] = .array(
                try pairs(variables, "--env").map { name, value in
                    ["name": .string(name), "value": .string(value)]
                })
        }
        if let input { spec["input"] = try parsed(input) }
        if !after.isEmpty { spec["dependsOn"] = .array(try after.map(dependency)) }
        if let timeoutSeconds { spec["timeoutSeconds"] = .int(timeoutSeconds) }
        if let maxRetries { spec["retry"] = ["maxRetries": .int(maxRetries)] }
        if let shards { spec["shards"] = .int(shards) }
        if let retentionSeconds { spec["ttlSecondsAfterFinished"] = .int(retentionSeconds) }
        return spec
    }

    private func pairs(
        _ texts: [String], _ option: String
    ) throws(Refusal) -> [(String, String)] {
        var result: [(String, String)] = []
        for text in texts {
            guard let mark = text.firstIndex(of: "="), mark != text.startIndex else {
                throw Refusal(description: "\(option) \(text): expected NAME=VALUE.")
            }
            result.append((String(text[..<mark]), String(text[text.index(after: mark)...])))
        }
        return result
    }

    private func parsed(_ text: String) throws(Refusal) -> JSONValue {
        do {
            return try JSONValue(parsing: text)
        } catch {
            throw Refusal(description: "--input: this is no JSON: \(error)")
        }
    }

    private func dependency(_ text: String) throws(Refusal) -> JSONValue {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard let name = parts.first else {
            throw Refusal(description: "--after \(text): expected NAME or NAME:CONDITION.")
        }
        guard parts.count == 2 else { return ["name": .string(name)] }
        let conditions = BackgroundTaskSpec.Dependency.Condition.allCases.map(\.rawValue)
        guard let condition = conditions.first(where: { $0.lowercased() == parts[1].lowercased() })
        else {
            throw Refusal(
                description: "--after \(text): expected one of "
                    + conditions.joined(separator: ", ") + " behind the colon.")
        }
        return ["name": .string(name), "condition": .string(condition)]
    }

    /// A name from the program's, so that lists can be read.
    private func made(_ suffix: String) -> String {
        let program = command.first?.split(separator: "/").last.map(String.init) ?? ""
        let allowed = program.lowercased().unicodeScalars.map { scalar in
            switch scalar {
            case "a"..."z", "0"..."9": Character(scalar)
            default: Character("-")
            }
        }
        var stem = String(String(allowed).drop { $0 == "-" }.prefix(40))
        while stem.last == "-" { stem.removeLast() }
        return (stem.isEmpty ? "task" : stem) + "-" + suffix
    }

    /// Whether `existing`, an object of the cluster, is what `wanted` asks for: then submitting it
    /// once more changes nothing. What the server has filled in does not count.
    public static func isTheSame(_ wanted: JSONValue, as existing: JSONValue) -> Bool {
        guard let asked = wanted["spec"], let found = existing["spec"] else { return false }
        return holds(asked, in: found)
    }

    private static func holds(_ asked: JSONValue, in found: JSONValue) -> Bool {
        switch (asked, found) {
        case (.object(let asked), .object(let found)):
            for (key, value) in asked {
                guard let other = found[key], holds(value, in: other) else { return false }
            }
            return true
        case (.array(let asked), .array(let found)):
            return asked.count == found.count
                && zip(asked, found).allSatisfy { holds($0, in: $1) }
        default: return asked == found
        }
    }
}
