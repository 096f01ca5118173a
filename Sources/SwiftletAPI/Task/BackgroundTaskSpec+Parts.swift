import KubernetesCore

extension BackgroundTaskSpec {
    /// A pool by name.
    public struct PoolReference: Hashable, Sendable {
        /// The pool's name.
        public var name: String
        /// The pool's namespace; nil for the task's own.
        public var namespace: String?

        /// A pool by name.
        public init(name: String, namespace: String? = nil) {
            self.name = name
            self.namespace = namespace
        }

        init(reading node: JSONNode) throws(JSONError) {
            name = try node.required("name").string()
            namespace = try Optional(node).text("namespace").flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    /// A variable of an attempt's environment.
    public struct EnvironmentVariable: Hashable, Sendable {
        /// Where a variable's value comes from.
        public enum Source: Hashable, Sendable {
            /// The value itself.
            case value(String)
            /// A key of a Secret in the task's namespace.
            case secretKey(SecretKey)
        }

        /// The variable's name.
        public var name: String
        /// Where its value comes from.
        public var source: Source

        /// A variable by both fields.
        public init(name: String, source: Source) {
            self.name = name
            self.source = source
        }

        init(reading node: JSONNode) throws(JSONError) {
            let optional = Optional(node)
            name = try node.required("name").string()
            if let from = try optional.nested("valueFrom") {
                let key = Optional(try from.required("secretKeyRef"))
                source = .secretKey(
                    SecretKey(
                        name: try key.text("name") ?? "", key: try key.text("key") ?? "",
                        isOptional: try key.flag("optional", false)))
            } else {
                source = .value(try optional.text("value") ?? "")
            }
        }
    }

    /// A key of a Secret in the task's namespace.
    public struct SecretKey: Hashable, Sendable {
        /// The Secret's name.
        public var name: String
        /// The key inside it.
        public var key: String
        /// Whether the variable is left out where there is no such key.
        public var isOptional: Bool

        /// A key by all its fields.
        public init(name: String, key: String, isOptional: Bool = false) {
            self.name = name
            self.key = key
            self.isOptional = isOptional
        }
    }

    /// What an attempt needs.
    public struct Resources: Hashable, Sendable {
        /// Resource name (`cpu`, `memory`, `ephemeral-storage`) to quantity.
        public var requests: [String: String] = [:]

        /// Nothing in particular.
        public init() {}
    }

    /// A task that must have ended first.
    public struct Dependency: Hashable, Sendable {
        /// How the other task must have ended.
        public enum Condition: String, Hashable, Sendable, CaseIterable {
            case succeeded = "Succeeded"
            case failed = "Failed"
            case finished = "Finished"
        }

        /// The other task's name.
        public var name: String
        /// How it must have ended.
        public var condition: Condition

        /// A dependency by both fields.
        public init(name: String, condition: Condition = .succeeded) {
            self.name = name
            self.condition = condition
        }

        init(reading node: JSONNode, _ faults: inout [ValidationFault]) throws(JSONError) {
            name = try node.required("name").string()
            condition = try Optional(node).word("condition", .succeeded, &faults)
        }
    }

    /// What becomes of the checkpoints that attempts commit.
    public struct Checkpoint: Hashable, Sendable {
        /// Whether the next attempt is given the last committed checkpoint.
        public var enabled = true

        /// The defaults.
        public init() {}
    }
}
