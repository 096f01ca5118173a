import KubernetesCore

/// Reads a document line by line: headers, and keys with their values.
struct TOMLReader {
    let bytes: [UInt8]
    let limits: TOMLText.Limits
    /// Where the next byte is.
    var place = 0
    private var values = 0

    init(_ bytes: [UInt8], limits: TOMLText.Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(TOMLError) -> JSONObject {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
        var tables = TOMLTables(limits: limits)
        var table = TOMLTables.root
        while true {
            skipBlanks()
            switch next {
            case nil: return tables.object(TOMLTables.root)
            case UInt8(ascii: "#"), 0x0A, 0x0D: break
            case UInt8(ascii: "["): table = try header(&tables)
            default: try pair(in: table, of: &tables)
            }
            skipBlanks()
            try skipComment()
            guard next == nil || skipNewline() else {
                throw fault("nothing but a comment may follow on the line")
            }
        }
    }

    // MARK: - Statements

    private mutating func header(_ tables: inout TOMLTables) throws(TOMLError) -> Int {
        let start = place
        place += 1
        let isList = skip(UInt8(ascii: "["))
        skipBlanks()
        let path = try keys()
        guard skip(UInt8(ascii: "]")), !isList || skip(UInt8(ascii: "]")) else {
            throw fault("the header of a table has no end: \(isList ? "]]" : "]") is expected")
        }
        try count(at: start)
        do throws(TOMLTables.Fault) {
            return isList ? try tables.append(path) : try tables.open(path)
        } catch {
            throw describe(error, at: start)
        }
    }

    /// A key and its value, inside `depth` values that `tables`, those of the document or of an
    /// inline table, do not know of.
    mutating func pair(
        in table: Int, of tables: inout TOMLTables, depth: Int = 0
    ) throws(TOMLError) {
        let start = place
        let path = try keys()
        guard skip(UInt8(ascii: "=")) else { throw fault("= is expected behind a key") }
        skipBlanks()
        // What the key's own parts put around the value counts, too.
        let value = try value(depth: depth + tables.depth(of: table) + path.count)
        do throws(TOMLTables.Fault) {
            try tables.put(value, at: path, of: table)
        } catch {
            throw describe(error, at: start)
        }
    }

    /// The parts of a dotted key, and the blanks behind it.
    private mutating func keys() throws(TOMLError) -> [String] {
        var path: [String] = []
        repeat {
            skipBlanks()
            let start = place
            path.append(try key())
            guard path.count <= limits.depthMax else {
                throw describe(.tooDeep, at: start)
            }
            skipBlanks()
        } while skip(UInt8(ascii: "."))
        return path
    }

    private mutating func key() throws(TOMLError) -> String {
        switch next {
        case UInt8(ascii: "\""): return try basicString(isKey: true)
        case UInt8(ascii: "'"): return try literalString(isKey: true)
        default:
            let start = place
            while let byte = next, TOMLReader.isBare(byte) { place += 1 }
            guard place > start else { throw fault("a key is expected") }
            return String(decoding: bytes[start..<place], as: UTF8.self)
        }
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    // MARK: - Bytes

    /// The next byte; nil at the end.
    var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    /// The byte so many places further; nil beyond the end.
    func ahead(_ distance: Int) -> UInt8? {
        let index = place + distance
        return index < bytes.count ? bytes[index] : nil
    }

    /// Goes over `byte`, where it is the next one.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    /// Goes over spaces and tabs.
    mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x09 { place += 1 }
    }

    /// Goes over the end of a line.
    mutating func skipNewline() -> Bool {
        if next == 0x0D, ahead(1) == 0x0A {
            place += 2
            return true
        }
        return skip(0x0A)
    }

    /// Goes over a comment, up to the end of its line.
    mutating func skipComment() throws(TOMLError) {
        guard skip(UInt8(ascii: "#")) else { return }
        while let byte = next, byte != 0x0A {
            if byte == 0x0D, ahead(1) == 0x0A { return }
            try refuseControl(byte)
            place += 1
        }
    }

    /// Throws where `byte`, which is next, is a control character other than a tab.
    func refuseControl(_ byte: UInt8) throws(TOMLError) {
        if byte < 0x20 && byte != 0x09 || byte == 0x7F {
            throw fault("a control character, which has to be written as an escape")
        }
    }

    /// Counts one more value.
    mutating func count(at start: Int) throws(TOMLError) {
        values += 1
        guard values <= limits.valuesMax else { throw describe(.tooMany, at: start) }
    }

    // MARK: - Faults

    /// A fault where the reader stands, or at `index`.
    func fault(_ message: String, at index: Int? = nil) -> TOMLError {
        let before = bytes[..<min(index ?? place, bytes.count)]
        let line = before.count { $0 == 0x0A } + 1
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        // Characters are counted by their first bytes.
        let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
        return TOMLError(line: line, column: column, message)
    }

    func describe(_ fault: TOMLTables.Fault, at start: Int) -> TOMLError {
        let message =
            switch fault {
            case .twice(let key): "\"\(key.prefix(100))\" is given twice"
            case .closed(let key): "\"\(key.prefix(100))\" is a value, and cannot be extended"
            case .tooDeep: "more than \(limits.depthMax) tables and arrays inside each other"
            case .tooMany: "more than \(limits.valuesMax) values"
            }
        return self.fault(message, at: start)
    }
}
