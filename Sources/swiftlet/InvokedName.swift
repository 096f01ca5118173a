/// As what the program was called: `kubectl` runs plugins under a name of its own, and what people
/// type is then two words.
enum InvokedName {
    /// The name under which a kubectl finds the program as a plugin.
    static let plugin = "kubectl-swiftlet"

    /// What people type to get the program that was started as `path`.
    static func of(_ path: String?) -> String {
        let file = path?.split(separator: "/").last.map(String.init)
        return file == plugin ? "kubectl swiftlet" : "swiftlet"
    }
}
