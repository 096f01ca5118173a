/// A checkpoint folder as bytes: names, contents, and whether a file may be executed; nothing else.
///
/// The format, all numbers big-endian: the eight bytes `SWCKPT1\n`, the number of entries in four
/// bytes, then each entry: its kind in one byte (0 file, 1 executable file, 2 folder), the length
/// of its name in two bytes, that of its content in eight bytes, name, content. Entries stand in
/// ascending order of their names, so that equal folders give equal bytes, and a folder stands
/// before what is in it. Reading believes nothing: no name leaves the folder, none stands twice, no
/// file is a folder of others, and no size is trusted before the bytes are there.
public struct CheckpointArchive: Hashable, Sendable {
    /// One file or folder.
    public struct Entry: Hashable, Sendable {
        /// What an entry is.
        public enum Kind: UInt8, Hashable, Sendable {
            /// A file.
            case file = 0
            /// A file that may be executed.
            case executable = 1
            /// A folder.
            case folder = 2
        }

        /// The path below the checkpoint folder, its parts separated by `/`.
        public var name: String
        /// What it is.
        public var kind: Kind
        /// The content of a file; empty for folders.
        public var content: [UInt8]

        /// An entry by all its fields.
        public init(_ name: String, kind: Kind = .file, content: [UInt8] = []) {
            self.name = name
            self.kind = kind
            self.content = content
        }
    }

    /// Why a folder cannot be packed, or bytes are no archive.
    public struct ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong, in words.
        public let description: String

        /// An error of this description.
        public init(_ description: String) { self.description = description }
    }

    /// Most entries in an archive.
    public static let entriesMax = 10_000
    /// Most bytes of a name.
    public static let nameBytesMax = 1_024
    /// Most folders inside each other.
    public static let depthMax = 32

    /// The entries, in ascending order of their names.
    public let entries: [Entry]

    /// An archive of `entries`, which may stand in any order.
    public init(_ entries: [Entry]) throws(ArchiveError) {
        self.entries = entries.sorted { Self.precedes($0.name, $1.name) }
        try check()
    }

    /// Reads an archive of at most `bytesMax` bytes.
    public init(
        reading bytes: [UInt8], bytesMax: Int = ProtocolLimits.checkpointBytesMax
    ) throws(ArchiveError) {
        guard bytes.count <= bytesMax else {
            throw ArchiveError("it has \(bytes.count) bytes, more than the \(bytesMax) allowed")
        }
        var reader = Reader(bytes: bytes[...])
        guard try Array(reader.take(Self.magic.count)) == Self.magic else {
            throw ArchiveError("it does not begin as a checkpoint does")
        }
        let count = try reader.number(bytes: 4)
        try EntryRules.check(count: count)
        var entries: [Entry] = []
        for _ in 0..<count {
            guard let kind = Entry.Kind(rawValue: UInt8(try reader.number(bytes: 1))) else {
                throw ArchiveError("it has an entry of an unknown kind")
            }
            let nameLength = try reader.number(bytes: 2)
            let contentLength = try reader.number(bytes: 8)
            guard let name = String(validating: try reader.take(nameLength), as: UTF8.self) else {
                throw ArchiveError("it has a name that is not UTF-8")
            }
            entries.append(Entry(name, kind: kind, content: Array(try reader.take(contentLength))))
        }
        guard reader.bytes.isEmpty else { throw ArchiveError("it has bytes behind its end") }
        self.entries = entries
        try check()
    }

    /// This archive as bytes.
    public var encoded: [UInt8] {
        var result = Self.magic
        result.reserveCapacity(size)
        func append(_ number: Int, bytes: Int) {
            for index in (0..<bytes).reversed() {
                result.append(UInt8(truncatingIfNeeded: number >> (8 * index)))
            }
        }
        append(entries.count, bytes: 4)
        for entry in entries {
            append(Int(entry.kind.rawValue), bytes: 1)
            append(entry.name.utf8.count, bytes: 2)
            append(entry.content.count, bytes: 8)
            result.append(contentsOf: entry.name.utf8)
            result.append(contentsOf: entry.content)
        }
        return result
    }

    /// How many bytes `encoded` has.
    public var size: Int {
        entries.reduce(Self.magic.count + 4) { sum, entry in
            sum + 11 + entry.name.utf8.count + entry.content.count
        }
    }

    /// What an archive begins with.
    public static let magic = Array("SWCKPT1\n".utf8)

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private func check() throws(ArchiveError) {
        try EntryRules.check(count: entries.count)
        var rules = EntryRules()
        for entry in entries {
            try rules.take(entry.name, entry.kind, contentBytes: entry.content.count)
        }
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>

        mutating func take(_ count: Int) throws(ArchiveError) -> ArraySlice<UInt8> {
            guard count >= 0, count <= bytes.count else {
                throw ArchiveError("it ends in the middle of an entry")
            }
            defer { bytes = bytes.dropFirst(count) }
            return bytes.prefix(count)
        }

        mutating func number(bytes count: Int) throws(ArchiveError) -> Int {
            var result: UInt64 = 0
            for byte in try take(count) { result = result << 8 | UInt64(byte) }
            guard let number = Int(exactly: result) else {
                throw ArchiveError("it has a length that cannot be")
            }
            return number
        }
    }
}
