import KubernetesCore

/// The tools that an attempt has while it runs: only agents of pools are told of them.
public enum AgentTools {
    /// Most bytes of what `save_checkpoint` keeps.
    public static let checkpointBytesMax = 256 << 10
    /// Most bytes of what a permission is asked for, and of why.
    public static let permissionBytesMax = 1_024
    /// Most bytes of one memory.
    public static let memoryBytesMax = 4 << 10

    /// All of them, in the order in which they are listed.
    public static let all: [ToolDefinition] = [
        progress, save, load, complete, permission, remember, recall,
    ]

    /// The tool of this name; nil where there is none.
    public static func named(_ name: String) -> ToolDefinition? { all.first { $0.name == name } }

    private static let lease = StructuralSchema.string(minLength: 3, maxLength: 80).described(
        "Which attempt this is: what SWIFTLET_LEASE says. Not needed where the client sends it as "
            + "the header Swiftlet-Lease.")

    private static let nothing = StructuralSchema.object(
        ["stored": .boolean()], required: ["stored"])

    static let progress = ToolDefinition(
        "report_progress", "Say how far the work is", .repeatable,
        input: .object(
            [
                "lease": lease, "percent": .integer(minimum: 0, maximum: 100),
                "message": .string(maxLength: 256).described("A few words for people."),
            ], required: ["percent"]), output: nothing,
        "Says how far the work is. People see it beside the task, after a moment.")

    static let save = ToolDefinition(
        "save_checkpoint", "Keep the state of the work", .writes,
        input: .object(
            [
                "lease": lease,
                "state": .string(maxLength: checkpointBytesMax).described(
                    "Whatever is needed to go on from here, as text: at most "
                        + "\(checkpointBytesMax >> 10) KiB in UTF-8."),
            ], required: ["state"]),
        output: .object(["sequence": .integer(), "stored": .boolean()], required: ["stored"]),
        "Keeps a state from which the work can go on, in place of the one before. It is durable "
            + "when the answer comes. If the agent is lost, the next attempt finds it with "
            + "load_checkpoint. Files in SWIFTLET_CHECKPOINT_DIR are kept beside it, and come back "
            + "by themselves; larger things belong there.")

    static let load = ToolDefinition(
        "load_checkpoint", "Get the state that was kept", .reads,
        input: .object(["lease": lease]),
        output: .object(
            ["found": .boolean(), "sequence": .integer(), "state": .string()],
            required: ["found"]),
        "The state that save_checkpoint kept last, by this attempt or an earlier one.")

    static let complete = ToolDefinition(
        "complete_task", "End the task", .repeatable,
        input: .object([
            "lease": lease,
            "result": .anything().described("What the task gives back; at most 32 KiB as JSON."),
            "failure": .string(minLength: 1, maxLength: 1_024).described(
                "Why the work could not be done. Only where it failed."),
        ]), output: nothing,
        "Ends the attempt, with a result or with a failure. The answer comes when that is durable; "
            + "soon after, the program is told to stop.")

    static let permission = ToolDefinition(
        "request_permission", "Ask before something that matters", .repeatable,
        input: .object(
            [
                "lease": lease,
                "action": .string(minLength: 1, maxLength: 128).described(
                    "What is to be done, as a word for policies: deploy/production."),
                "reason": .string(maxLength: permissionBytesMax).described(
                    "Why, and what exactly: for the person who decides."),
                "timeoutSeconds": .integer(minimum: 0, maximum: MCPLimits.waitSecondsMax)
                    .described("How long to wait for an answer. Default: 30."),
            ], required: ["action"]),
        output: .object(
            [
                "decision": .oneOf(["allow", "deny", "pending"]), "by": .string(),
                "message": .string(),
            ], required: ["decision"]),
        "Asks whether something may be done. Policies decide where they say something about it, "
            + "else a person is asked. Where the decision is pending, call again with the same "
            + "words. Do nothing before it is allow.")

    static let remember = ToolDefinition(
        "remember", "Keep something for later tasks", .repeatable,
        input: .object(
            [
                "lease": lease, "text": .string(minLength: 1, maxLength: memoryBytesMax),
                "key": .string(minLength: 1, maxLength: 128).described(
                    "A name for it. What was kept under the same name is replaced."),
            ], required: ["text"]), output: nothing,
        "Keeps a text for later tasks of the same type, tenant and pool. The oldest is forgotten "
            + "where there is no more room.")

    static let recall = ToolDefinition(
        "recall", "Look for something that was kept", .reads,
        input: .object(
            [
                "lease": lease,
                "query": .string(minLength: 1, maxLength: 1_024).described(
                    "Words that should be in it."),
                "limit": .integer(minimum: 1, maximum: 20).described("Default: 5."),
            ], required: ["query"]),
        output: .object(["memories": .array(of: .freeObject())], required: ["memories"]),
        "Looks for texts that earlier tasks of the same type, tenant and pool kept: those that "
            + "share the most telling words with the query come first.")
}
