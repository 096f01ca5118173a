import KubernetesCore

/// The output of one task among the output of an agent.
public enum TaskLog {
    /// Most bytes of lines that are given.
    public static let bytesMax = 64 << 10

    /// The last lines that the task `uid` wrote, out of an agent's log, in which each line of a
    /// task is a JSON object that says whose it is. Other lines are the agent's own.
    /// - Parameter attempt: which attempt's lines are meant.
    public static func lines(
        of uid: String, attempt: Int, in log: String, last count: Int
    ) -> [String] {
        var lines: [String] = []
        var bytes = 0
        for text in log.split(separator: "\n").reversed() where lines.count < count {
            guard let line = line(text, uid, attempt) else { continue }
            bytes += line.utf8.count + 1
            guard bytes <= bytesMax else { break }
            lines.append(line)
        }
        return lines.reversed()
    }

    private static func line(_ text: Substring, _ uid: String, _ attempt: Int) -> String? {
        guard text.hasPrefix("{"), let document = try? JSONDocument(parsing: String(text)),
            (try? document.root["taskUID"]?.string()) == uid,
            (try? document.root["attempt"]?.integer()) == attempt
        else { return nil }
        return try? document.root["line"]?.string()
    }
}
