extension CheckpointArchive {
    /// What has to be true of an archive's entries, one after the other: for those who read an
    /// archive that is too large to be held.
    public struct EntryRules: Sendable {
        private var files: Set<String> = []
        private var previous: String?

        /// Rules before the first entry.
        public init() {}

        /// Whether an archive may have so many entries.
        public static func check(count: Int) throws(ArchiveError) {
            guard (0...CheckpointArchive.entriesMax).contains(count) else {
                throw ArchiveError(
                    "it has \(count) entries, more than the "
                        + "\(CheckpointArchive.entriesMax) allowed")
            }
        }

        /// Whether this may be the next entry.
        public mutating func take(
            _ name: String, _ kind: Entry.Kind, contentBytes: Int
        ) throws(ArchiveError) {
            try Self.check(name: name)
            if let previous, !previous.utf8.lexicographicallyPrecedes(name.utf8) {
                throw ArchiveError("the name \(name) stands twice or out of order")
            }
            previous = name
            guard kind != .folder || contentBytes == 0 else {
                throw ArchiveError("the folder \(name) has content")
            }
            var parent = name[...]
            while let slash = parent.lastIndex(of: "/") {
                parent = parent[..<slash]
                if files.contains(String(parent)) {
                    throw ArchiveError("\(name) lies in \(parent), which is a file")
                }
            }
            if kind != .folder { files.insert(name) }
        }

        private static func check(name: String) throws(ArchiveError) {
            guard (1...nameBytesMax).contains(name.utf8.count), !name.utf8.contains(0) else {
                throw ArchiveError("it has a name that is empty, too long or holds a null byte")
            }
            let parts = name.utf8.split(
                separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            guard parts.count <= depthMax else {
                throw ArchiveError("\(name) lies deeper than \(depthMax) folders")
            }
            for part in parts {
                let text = Array(part)
                guard (1...255).contains(text.count), text != Array(".".utf8),
                    text != Array("..".utf8)
                else {
                    throw ArchiveError("the name \(name) leaves the folder or is no plain path")
                }
            }
        }
    }
}
