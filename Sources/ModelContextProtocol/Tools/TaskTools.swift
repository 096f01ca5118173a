import KubernetesCore
import SwiftletAPI

/// The tools with which tasks are submitted and followed.
public enum TaskTools {
    /// All of them, in the order in which they are listed.
    public static let all: [ToolDefinition] = [
        submit, get, wait, cancel, list, pools, logs,
    ]

    /// The tool of this name; nil where there is none.
    public static func named(_ name: String) -> ToolDefinition? { all.first { $0.name == name } }

    // MARK: - Arguments

    private static let namespace = StructuralSchema.string(minLength: 1, maxLength: 63).described(
        "The namespace. Default: that of the caller's ServiceAccount.")

    private static let task = StructuralSchema.string(minLength: 1, maxLength: 512).described(
        "The task: the taskId that submit_task gave, or its name, or namespace/name.")

    private static let text = StructuralSchema.string(maxLength: 131_072)

    private static let submission = StructuralSchema.object([
        "namespace": namespace,
        "name": .string(minLength: 1, maxLength: 253).described(
            "The task's name, in lower case with digits, - and dots. Default: made up."),
        "idempotencyKey": .string(minLength: 1, maxLength: 256).described(
            "Any text that stands for this piece of work. A call with a key that was used before "
                + "answers with the task of that time and starts nothing."),
        "type": .string(minLength: 1, maxLength: 63).described(
            "The type of work, one that list_pools names. Default: general."),
        "pool": .string(minLength: 1, maxLength: 253).described(
            "The pool, as name or namespace/name. Default: one that takes the type."),
        "persona": .string(minLength: 1, maxLength: 128).described(
            "The persona that the agents must have."),
        "priority": .integer(
            minimum: Bounds.priority.lowerBound, maximum: Bounds.priority.upperBound
        ).described("Higher goes first. Default: 0."),
        "command": .array(of: text, maxCount: 256).described(
            "The program and its first arguments, one element each. No shell reads them."),
        "args": .array(of: text, maxCount: 256).described("More arguments."),
        "env": .map(of: text, maxCount: 128).described("Environment variables by name."),
        "input": .anything().described("Free JSON, given to the program as a file."),
        "dependsOn": .array(of: .string(minLength: 1, maxLength: 253), maxCount: 64).described(
            "Names of tasks of the namespace that have to succeed before."),
        "timeoutSeconds": seconds.described("How long an attempt may take. Default: 600."),
        "queueTimeoutSeconds": seconds.described("How long it may wait. Default: for ever."),
        "maxRetries": .integer(
            minimum: Bounds.retries.lowerBound, maximum: Bounds.retries.upperBound
        ).described("How often it is tried again after it failed. Default: 3."),
        "requests": .map(of: .intOrString(), maxCount: 8).described(
            "What an attempt needs, as in cpu: 500m, memory: 1Gi."),
        "ttlSecondsAfterFinished": .integer(
            minimum: Bounds.retentionSeconds.lowerBound,
            maximum: Bounds.retentionSeconds.upperBound
        ).described("How long the result is kept. Default: 86400."),
    ])

    private static let seconds = StructuralSchema.integer(
        minimum: Bounds.positiveSeconds.lowerBound, maximum: Bounds.positiveSeconds.upperBound)

    // MARK: - Results

    private static let view = StructuralSchema.object(
        [
            "taskId": .string(), "namespace": .string(), "name": .string(), "phase": .string(),
            "done": .boolean(), "succeeded": .boolean(), "reason": .string(),
            "message": .string(), "pool": .string(), "attempt": .integer(),
            "position": .integer(), "blockedBy": .array(of: .string()),
            "progress": .freeObject(), "createdAt": .string(), "startedAt": .string(),
            "finishedAt": .string(), "result": .anything(), "failure": .freeObject(),
            "waitsForPermission": .array(of: .freeObject()),
        ], required: ["taskId", "phase", "done"])

    private static let page = StructuralSchema.object(
        ["tasks": .array(of: view), "nextCursor": .string()], required: ["tasks"])

    // MARK: - Tools

    static let submit = ToolDefinition(
        "submit_task", "Submit a background task", .repeatable, makesTasks: true,
        input: submission, output: view,
        "Starts a piece of work on a pool of background agents. The answer comes as soon as the "
            + "task is stored; follow it with wait_task.")

    static let get = ToolDefinition(
        "get_task", "Look at a task", .reads,
        input: .object(["task": task, "namespace": namespace], required: ["task"]), output: view,
        "Says where a task is: its phase and why, its place in the queue, its progress, and its "
            + "result or failure.")

    static let wait = ToolDefinition(
        "wait_task", "Wait for a task", .reads,
        input: .object(
            [
                "task": task, "namespace": namespace,
                "timeoutSeconds": .integer(minimum: 0, maximum: MCPLimits.waitSecondsMax)
                    .described("How long to wait. Default: 30."),
            ], required: ["task"]), output: view,
        "Waits until a task has ended, and says what get_task says. Where `done` is false the time "
            + "was over before: call it again.")

    static let cancel = ToolDefinition(
        "cancel_task", "Call a task off", .repeatable,
        input: .object(["task": task, "namespace": namespace], required: ["task"]), output: view,
        "Asks for a task to be stopped. A running program is told to stop and has some seconds; "
            + "the task may still end by itself before.")

    static let list = ToolDefinition(
        "list_tasks", "List tasks", .reads,
        input: .object([
            "namespace": namespace,
            "phase": .oneOf(TaskPhase.allCases.map(\.rawValue)).described("Only those in it."),
            "pool": .string(maxLength: 253).described("Only those of it: name or namespace/name."),
            "limit": .integer(minimum: 1, maximum: MCPLimits.pageMax).described("Default: 20."),
            "cursor": .string(maxLength: 253).described("nextCursor of the page before."),
        ]), output: page,
        "Lists the tasks of a namespace in order of their names, without results.")

    static let pools = ToolDefinition(
        "list_pools", "List pools", .reads, input: .object(["namespace": namespace]),
        output: .object(["pools": .array(of: .freeObject())], required: ["pools"]),
        "Lists the pools that take tasks of a namespace: the types of work they are for, their "
            + "agents and their queues.")

    static let logs = ToolDefinition(
        "get_task_logs", "Read a task's output", .reads,
        input: .object(
            [
                "task": task, "namespace": namespace,
                "lines": .integer(minimum: 1, maximum: 1_000).described(
                    "How many of the last lines. Default: 100."),
            ], required: ["task"]),
        output: .object(
            ["taskId": .string(), "lines": .array(of: .string()), "source": .string()],
            required: ["taskId", "lines"]),
        "The last lines that a task wrote: of the running attempt, or of the last one as long as "
            + "its agent is there; else the end that was kept of a failure.")
}
