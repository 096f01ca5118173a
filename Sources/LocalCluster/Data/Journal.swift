import APIServerModel
import Logging

/// The journal of a data folder: one file that begins with a picture of everything and goes on with
/// what has changed since. Used by one thread at a time.
///
/// When the changes have grown larger than the picture, a new file begins with a new picture. It
/// takes its name only when it is whole on the disk, and the old one goes after that; so there is a
/// journal to start from at every moment.
final class Journal {
    /// Changes grow at least so far before a new picture is made, where nothing else is asked for.
    static let changeBytesMin = 32 << 20

    private let folder: DataFolder
    private let changeBytesMin: Int
    private var file: DataFile
    private var number: UInt64
    private var sequence: UInt64
    private var pictureBytes: Int

    private init(
        folder: DataFolder, file: DataFile, number: UInt64, sequence: UInt64, pictureBytes: Int,
        changeBytesMin: Int
    ) {
        self.folder = folder
        self.changeBytesMin = changeBytesMin
        self.file = file
        self.number = number
        self.sequence = sequence
        self.pictureBytes = pictureBytes
    }

    private static func name(_ number: UInt64) -> String {
        let digits = String(number)
        return "journal-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }

    /// Opens the journal of a folder and replays it; nil where the folder has none.
    static func open(
        _ folder: DataFolder, historyMax: Int, changeBytesMin: Int = Journal.changeBytesMin,
        log: Logger
    ) throws(LocalClusterError) -> (journal: Journal, replay: JournalReplay)? {
        var numbers: [UInt64] = []
        for name in try folder.names() where name.hasPrefix("journal-") {
            if name.hasSuffix(".new") {
                // A picture that was never finished: the file before it is still there.
                try folder.remove(name)
            } else if let number = UInt64(name.dropFirst("journal-".count)) {
                numbers.append(number)
            }
        }
        guard let number = numbers.max() else { return nil }
        let name = Self.name(number)
        let path = folder.path + "/" + name
        guard let bytes = try DataFile.read(path) else { throw .file(path, 0) }
        let scan = JournalFraming.scan(bytes)
        var replay = JournalReplay(historyMax: historyMax)
        var pictureBytes = 0
        for payload in scan.payloads {
            do throws(JournalError) {
                try replay.take(bytes[payload])
            } catch {
                throw .data(
                    folder.path,
                    "\(name) is damaged at byte \(payload.lowerBound): \(error). "
                        + Self.advice)
            }
            if replay.isWhole, pictureBytes == 0 { pictureBytes = payload.upperBound }
        }
        let file = try DataFile(path: path, isNew: false)
        switch scan.ending {
        case .whole: break
        case .damaged(let at, let why):
            throw .data(folder.path, "\(name) is damaged at byte \(at): \(why). " + Self.advice)
        case .torn(let count, let why):
            guard replay.isWhole else { break }
            log.warning(
                """
                \(name) ended in the middle of a write: the last \(count) bytes, from byte \
                \(scan.end), were cut off (\(why)). A write that was cut off was not acknowledged.
                """)
            try file.cut(to: scan.end)
        }
        guard replay.isWhole else {
            throw .data(
                folder.path,
                "\(name) is damaged at byte \(scan.end): the picture it begins with is not whole. "
                    + Self.advice)
        }
        for old in numbers.sorted() where old != number { try folder.remove(Self.name(old)) }
        let journal = Journal(
            folder: folder, file: file, number: number,
            sequence: scan.firstSequence &+ UInt64(scan.payloads.count),
            pictureBytes: pictureBytes, changeBytesMin: changeBytesMin)
        return (journal, replay)
    }

    private static let advice =
        "Put the file back from a copy, or begin anew with another folder"

    /// Begins the journal of a folder that has none.
    static func begin(
        _ folder: DataFolder, with snapshot: JournalSnapshot,
        changeBytesMin: Int = Journal.changeBytesMin
    ) throws(LocalClusterError) -> Journal {
        let (file, sequence) = try picture(snapshot, number: 1, sequence: 1, in: folder)
        return Journal(
            folder: folder, file: file, number: 1, sequence: sequence, pictureBytes: file.size,
            changeBytesMin: changeBytesMin)
    }

    /// Whether the changes have grown so far that a new picture is due.
    var wantsSnapshot: Bool {
        file.size - pictureBytes > max(changeBytesMin, pictureBytes)
    }

    /// Appends one frame and waits until it is on the disk.
    func append(_ payload: [UInt8]) throws(LocalClusterError) {
        try file.append(JournalFraming.frame(payload, sequence: sequence))
        sequence &+= 1
        try file.synchronise()
    }

    /// Goes on in a new file that begins with `snapshot`, which holds all that was appended.
    func begin(with snapshot: JournalSnapshot) throws(LocalClusterError) {
        let old = number
        (file, sequence) = try Self.picture(
            snapshot, number: number &+ 1, sequence: sequence, in: folder)
        number &+= 1
        pictureBytes = file.size
        try folder.remove(Self.name(old))
    }

    private static func picture(
        _ snapshot: JournalSnapshot, number: UInt64, sequence: UInt64, in folder: DataFolder
    ) throws(LocalClusterError) -> (DataFile, next: UInt64) {
        let name = Self.name(number)
        try folder.remove(name + ".new")
        let file = try DataFile(path: folder.path + "/" + name + ".new", isNew: true)
        var next = sequence
        try snapshot.write { payload throws(LocalClusterError) in
            try file.append(JournalFraming.frame(payload, sequence: next))
            next &+= 1
        }
        try file.synchronise()
        try file.take(name, in: folder)
        return (file, next)
    }
}
