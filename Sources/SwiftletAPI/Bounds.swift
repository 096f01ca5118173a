/// The limits of our specs' numbers, lists and texts. Schemas refuse what lies outside; decoding
/// holds what slipped past inside them, so that no arithmetic on a spec can overflow.
public enum Bounds {
    /// Agents of one pool.
    public static let replicas = 0...1_000
    /// Attempts that an agent runs at once.
    public static let slots = 1...64
    /// Seconds of anything that has to end within a week.
    public static let seconds = 0...604_800
    /// Like `seconds`, where zero would make no sense.
    public static let positiveSeconds = 1...604_800
    /// Seconds that something may be kept: up to ten years.
    public static let retentionSeconds = 0...315_360_000
    /// A priority of a task.
    public static let priority = -1_000...1_000
    /// Retries of a task.
    public static let retries = 0...100
    /// Shards of a task.
    public static let shards = 1...256
    /// An exit code.
    public static let exitCode = 0...255
    /// A share of a hundred.
    public static let percent = 1...100
    /// Agents that a status lists.
    public static let listedAgents = 100
    /// Persona files that a status lists, and that are read.
    public static let listedPersonas = 32
    /// Attempts that a status lists.
    public static let listedAttempts = 10
    /// Bytes of a task's result.
    public static let resultBytes = 32_768
    /// Characters of the end of a log that a status carries.
    public static let logTail = 4_096
    /// Characters of a message in a status.
    public static let message = 1_024
    /// Characters of a pool's name: agents' names are made from it.
    public static let poolName = 50
}
