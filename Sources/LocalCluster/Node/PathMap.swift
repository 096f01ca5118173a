/// Where the paths that a container knows are on this machine.
///
/// A process of the local node has no root folder of its own, so the mount paths that appear in its
/// command, arguments and environment are replaced by the folders behind them.
struct PathMap: Sendable {
    /// Mount paths with their folders, the longest path first.
    private let mounts: [(path: String, folder: String)]

    init(_ mounts: [(path: String, folder: String)]) {
        self.mounts = mounts.map { mount in
            var path = mount.path
            while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
            return (path, mount.folder)
        }.filter { $0.path.count > 1 }.sorted {
            $0.path.utf8.count == $1.path.utf8.count
                ? $0.path < $1.path : $0.path.utf8.count > $1.path.utf8.count
        }
    }

    /// `text` with every mount path that stands in it as a path of its own replaced.
    func rewrite(_ text: String) -> String {
        guard text.contains("/"), !mounts.isEmpty else { return text }
        var result = ""
        var rest = text[...]
        var mayStart = true
        scan: while let first = rest.first {
            if mayStart, first == "/" {
                for (path, folder) in mounts where rest.hasPrefix(path) {
                    let behind = rest.dropFirst(path.count)
                    guard behind.first.map({ !PathMap.continuesName($0) }) ?? true else { continue }
                    result += folder
                    rest = behind
                    mayStart = false
                    continue scan
                }
            }
            mayStart = !PathMap.continuesName(first) && first != "/"
            result.append(first)
            rest = rest.dropFirst()
        }
        return result
    }

    private static func continuesName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "-" || character == "_"
            || character == "."
    }
}
