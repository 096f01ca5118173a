import Glibc

/// The environment of this process. Nothing in Swiftlet changes it after the start.
public enum ProcessEnvironment {
    /// All variables.
    public static var current: [String: String] {
        var result: [String: String] = [:]
        var entry: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = environ
        while let text = entry.pointee {
            let pair = String(cString: text)
            let name = pair.prefix { $0 != "=" }
            if name.count < pair.count {
                result[String(name)] = String(pair.dropFirst(name.count + 1))
            }
            entry += 1
        }
        return result
    }
}
