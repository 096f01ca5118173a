import KubernetesCore

/// How much one side believes of what the other sends. Texts above a limit are cut by the writer
/// and refused by the reader.
public enum ProtocolLimits {
    /// Most attempts that one agent runs at once.
    public static let slotsMax = 64
    /// Most leases and reports in one message: twice the slots, for attempts that are ending.
    public static let leasesMax = 2 * slotsMax
    /// Most bytes of a sync request or reply.
    public static let messageBytesMax = 8 << 20
    /// Most bytes of a report's log tail.
    public static let logTailBytesMax = 4 << 10
    /// Most bytes of a report's message.
    public static let messageTextBytesMax = 1 << 10
    /// Most bytes of a progress message.
    public static let progressBytesMax = 256
    /// Most bytes of a result as compact JSON.
    public static let resultBytesMax = 32 << 10
    /// Most bytes of a task's input as compact JSON.
    public static let inputBytesMax = 1 << 20
    /// Most bytes of a persona file.
    public static let personaBytesMax = 64 << 10
    /// Most elements of `command` and of `args`.
    public static let argumentsMax = 1_024
    /// Most bytes of one argument or environment value.
    public static let argumentBytesMax = 128 << 10
    /// Most environment variables of a task.
    public static let environmentMax = 512
    /// Longest run and grace in seconds: 400 days.
    public static let secondsMax = 400 * 86_400
    /// The highest checkpoint sequence that is believed.
    public static let sequenceMax = 1_000_000_000
    /// Most bytes of a packed checkpoint folder that is sent, whatever the store then accepts.
    public static let checkpointBytesMax = 64 << 20
    /// Most bytes of a packed checkpoint folder that is kept beside its task: a Secret takes a
    /// mebibyte, and its JSON is a third larger.
    public static let checkpointBesideTaskMax = 512 << 10
    /// Most bytes of a packed checkpoint folder on a workspace volume, whatever the pool allows.
    public static let checkpointOnVolumeMax = 64 << 30

    /// The longest prefix of `text` that has at most `bytes` bytes and cuts no character.
    public static func prefix(of text: String, bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        var result = ""
        var used = 0
        for character in text {
            let size = String(character).utf8.count
            guard used + size <= bytes else { break }
            used += size
            result.append(character)
        }
        return result
    }
}
