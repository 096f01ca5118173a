/// A bar that shows how far something is.
public enum ProgressBar {
    /// A bar of `width` columns in brackets; what is outside 0…100 counts as the nearer end.
    public static func of(percent: Int, width: Int = 20) -> String {
        let percent = min(max(percent, 0), 100)
        let full = percent * width / 100
        let head = full < width && percent > 0 ? ">" : ""
        let empty = max(0, width - full - head.count)
        return "[" + String(repeating: "=", count: full) + head
            + String(repeating: " ", count: empty) + "]"
    }

    /// A bar of counts beside each other: busy ones as `#`, idle ones as `-`, others as `.`.
    public static func of(busy: Int, idle: Int, of total: Int, width: Int = 10) -> String {
        guard total > 0 else { return "[" + String(repeating: " ", count: width) + "]" }
        func share(_ count: Int) -> Int {
            min(width, max(0, Int((Double(count) / Double(total) * Double(width)).rounded())))
        }
        let busyColumns = busy > 0 ? max(1, share(busy)) : 0
        let idleColumns = min(width - busyColumns, share(idle))
        let rest = max(0, width - busyColumns - idleColumns)
        return "[" + String(repeating: "#", count: busyColumns)
            + String(repeating: "-", count: idleColumns) + String(repeating: ".", count: rest) + "]"
    }
}
