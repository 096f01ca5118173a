/// Paths of files, as text.
enum FilePath {
    /// The shortest path that means the same: no empty parts, no `.`, no `..` that can be taken
    /// back. Nothing stays nothing.
    static func clean(_ path: String) -> String {
        guard !path.isEmpty else { return "" }
        let isRooted = path.hasPrefix("/")
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if let last = parts.last, last != ".." {
                parts.removeLast()
            } else if !isRooted {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        if isRooted { return "/" + joined }
        return joined.isEmpty ? "." : joined
    }
}
