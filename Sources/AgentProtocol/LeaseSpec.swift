public import KubernetesCore

/// What an agent needs to run one attempt.
public struct LeaseSpec: Hashable, Sendable {
    /// The namespace of the task.
    public var namespace: String
    /// The name of the task.
    public var name: String
    /// The program and its first arguments; never a shell string.
    public var command: [String]
    /// Further arguments.
    public var args: [String]
    /// The variables that the task adds to the process's environment.
    public var env: [TaskVariable]

    /// The trace that the attempt belongs to, as its variable `TRACEPARENT` says; nil where there
    /// is none.
    public var trace: String? {
        for variable in env where variable.name == LeaseSpec.traceVariable {
            if case .value(let text) = variable.source { return text }
        }
        return nil
    }

    /// Where programs look for the trace that they belong to (OpenTelemetry, environment variables
    /// as context carriers).
    public static let traceVariable = "TRACEPARENT"
    /// The task's free input.
    public var input: JSONValue?
    /// How long the attempt may run, in seconds, at least 1.
    public var timeoutSeconds: Int
    /// How long the attempt may take to end after SIGTERM, in seconds.
    public var graceSeconds: Int
    /// Whether the attempt's checkpoint folder is committed.
    public var checkpointEnabled: Bool
    /// The checkpoint that the attempt starts from, as far as the task's status knows.
    public var restore: CheckpointRef?
    /// The persona file's text, where the pool has one.
    public var persona: String?
    /// What the task says that an attempt needs.
    public var resources = AttemptResources()

    /// What runs `namespace/name`; the rest as a plain task has it.
    public init(
        namespace: String, name: String, command: [String], args: [String] = [],
        env: [TaskVariable] = [], input: JSONValue? = nil, timeoutSeconds: Int = 600,
        graceSeconds: Int = 30, checkpointEnabled: Bool = true, restore: CheckpointRef? = nil,
        persona: String? = nil
    ) {
        self.namespace = namespace
        self.name = name
        self.command = command
        self.args = args
        self.env = env
        self.input = input
        self.timeoutSeconds = timeoutSeconds
        self.graceSeconds = graceSeconds
        self.checkpointEnabled = checkpointEnabled
        self.restore = restore
        self.persona = persona
    }

    /// The program with all its arguments.
    public var argv: [String] { command + args }

    /// Reads the spec of an order.
    public init(reading node: JSONNode) throws(JSONError) {
        namespace = try node.required("namespace").string(atMost: 253)
        name = try node.required("name").string(atMost: 253)
        command = try node["command"].map(LeaseSpec.arguments) ?? []
        args = try node["args"].map(LeaseSpec.arguments) ?? []
        env =
            try node["env"]?.list(atMost: ProtocolLimits.environmentMax) {
                element throws(JSONError) in
                try TaskVariable(reading: element)
            } ?? []
        input = try node["input"]?.value(atMost: ProtocolLimits.inputBytesMax)
        timeoutSeconds = try node.required("timeoutSeconds").integer(
            in: 1...ProtocolLimits.secondsMax)
        graceSeconds = try node.required("graceSeconds").integer(in: 0...ProtocolLimits.secondsMax)
        let checkpoint = node["checkpoint"]
        checkpointEnabled = try checkpoint?["enabled"]?.bool() ?? false
        restore = try checkpoint?["restore"].map(CheckpointRef.init(reading:))
        persona = try node["persona"]?.string(atMost: ProtocolLimits.personaBytesMax)
        if let needs = node["resources"] { resources = try AttemptResources(reading: needs) }
    }

    /// This spec in JSON.
    public var json: JSONValue {
        var checkpoint: JSONValue = ["enabled": .bool(checkpointEnabled)]
        checkpoint["restore"] = restore?.json
        var result: JSONValue = [
            "namespace": .string(namespace), "name": .string(name),
            "timeoutSeconds": .int(timeoutSeconds), "graceSeconds": .int(graceSeconds),
            "checkpoint": checkpoint,
        ]
        if !command.isEmpty { result["command"] = .strings(command) }
        if !args.isEmpty { result["args"] = .strings(args) }
        if !env.isEmpty { result["env"] = .array(env.map(\.json)) }
        result["input"] = input
        result["persona"] = persona.map(JSONValue.string)
        if !resources.isEmpty { result["resources"] = resources.json }
        return result
    }

    private static func arguments(_ node: JSONNode) throws(JSONError) -> [String] {
        try node.list(atMost: ProtocolLimits.argumentsMax) { element throws(JSONError) in
            try element.string(atMost: ProtocolLimits.argumentBytesMax)
        }
    }
}
