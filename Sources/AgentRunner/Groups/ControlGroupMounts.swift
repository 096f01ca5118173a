/// Where this machine shows its trees of control groups, as `/proc/self/mountinfo` says.
struct ControlGroupMounts: Hashable, Sendable {
    /// One tree, or what is seen of it, in one place.
    struct Mount: Hashable, Sendable {
        /// The group that is seen at `folder`.
        var group: String
        /// Where it is seen.
        var folder: String
        /// What it counts, in version one; nil in version two.
        var controllers: Set<String>?
    }

    /// Most lines that are read: a node with many pods has thousands of mounts.
    private static let linesMax = 20_000

    /// In the order of the text.
    private(set) var mounts: [Mount] = []

    /// Reads the text; lines that are none are passed over.
    init(_ text: String) {
        for line in text.split(separator: "\n").prefix(Self.linesMax) {
            let words = line.split(separator: " ").map(String.init)
            // Optional fields end with a dash; the kind of the file system comes after it.
            guard words.count > 6, let dash = words[6...].firstIndex(of: "-"),
                words.indices.contains(dash + 3)
            else { continue }
            let mount = (group: Self.plain(words[3]), folder: Self.plain(words[4]))
            switch words[dash + 1] {
            case "cgroup":
                mounts.append(
                    Mount(
                        group: mount.group, folder: mount.folder,
                        controllers: Set(words[dash + 3].split(separator: ",").map(String.init))))
            case "cgroup2":
                mounts.append(Mount(group: mount.group, folder: mount.folder, controllers: nil))
            default: continue
            }
        }
    }

    /// The folders in which a group is seen: of the tree with this controller, or of version two.
    /// Beside each, whether it is all that is seen there: the group of a container, or a tree's
    /// own.
    func folders(of group: String, with controller: String?) -> [(path: String, isTop: Bool)] {
        mounts.compactMap { mount in
            guard mount.controllers?.contains(controller ?? "") ?? (controller == nil),
                let rest = Self.rest(of: group, below: mount.group)
            else { return nil }
            return (mount.folder + rest, rest.isEmpty)
        }
    }

    /// What of the path `group` lies below `top`: empty, or with a slash in front; nil where it
    /// lies elsewhere, as that of a process outside of this container's view does.
    private static func rest(of group: String, below top: String) -> String? {
        guard group.hasPrefix("/"), !group.split(separator: "/").contains("..") else { return nil }
        if top == "/" { return group == "/" ? "" : group }
        if group == top { return "" }
        return group.hasPrefix(top + "/") ? String(group.dropFirst(top.count)) : nil
    }

    /// A path in which blanks and the like stand as a backslash and three octal digits.
    private static func plain(_ text: String) -> String {
        guard text.contains("\\") else { return text }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
