/// The fields of a JSON text in the order in which they stand there, and those that stand there
/// twice. Objects as values know neither; the server's messages name both.
struct DocumentOrder {
    /// The path of each field, as in `spec.parts[0].name`, by its position.
    private(set) var positions: [String: Int] = [:]
    /// The paths of fields that an object has more than once, each once, in order.
    private(set) var duplicates: [String] = []

    private let bytes: [UInt8]
    private var at = 0
    private static let depthMax = 256

    /// Reads a text that is known to be JSON; of any other it reads the beginning.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        value("", depth: 0)
    }

    /// `paths` in the order of the text; paths that are not in it come last.
    func sorted(_ paths: [String]) -> [String] {
        paths.enumerated().sorted { left, right in
            let places = (
                positions[left.element] ?? Int.max, positions[right.element] ?? Int.max
            )
            return places.0 == places.1 ? left.offset < right.offset : places.0 < places.1
        }.map(\.element)
    }

    private func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || (0x09...0x0D).contains(byte) { at += 1 }
    }

    private mutating func value(_ path: String, depth: Int) {
        skipSpace()
        guard depth < DocumentOrder.depthMax else {
            at = bytes.count
            return
        }
        switch peek() {
        case UInt8(ascii: "{"): object(path, depth: depth)
        case UInt8(ascii: "["): array(path, depth: depth)
        case UInt8(ascii: "\""): _ = string()
        default:
            while let byte = peek(), !",]}".utf8.contains(byte) { at += 1 }
        }
    }

    private mutating func object(_ path: String, depth: Int) {
        at += 1
        var seen: Set<String> = []
        while true {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { break }
            let key = string()
            let place = path.isEmpty ? key : path + "." + key
            if positions[place] == nil { positions[place] = positions.count }
            if !seen.insert(key).inserted, !duplicates.contains(place) {
                duplicates.append(place)
            }
            skipSpace()
            guard peek() == UInt8(ascii: ":") else { break }
            at += 1
            value(place, depth: depth + 1)
            skipSpace()
            guard peek() == UInt8(ascii: ",") else { break }
            at += 1
        }
        if peek() == UInt8(ascii: "}") { at += 1 }
    }

    private mutating func array(_ path: String, depth: Int) {
        at += 1
        var index = 0
        skipSpace()
        if peek() == UInt8(ascii: "]") {
            at += 1
            return
        }
        while at < bytes.count {
            value("\(path)[\(index)]", depth: depth + 1)
            index += 1
            skipSpace()
            guard peek() == UInt8(ascii: ",") else { break }
            at += 1
        }
        if peek() == UInt8(ascii: "]") { at += 1 }
    }

    /// Takes a string; escapes stay as they are written, which keys of messages do not have.
    private mutating func string() -> String {
        at += 1
        let start = at
        while let byte = peek(), byte != UInt8(ascii: "\"") {
            at += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        let end = min(at, bytes.count)
        at = end + 1
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
}
