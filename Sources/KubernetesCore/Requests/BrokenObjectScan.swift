/// Looks for names in the beginning of an event that is too long to be parsed. It only serves to
/// say which object is meant; nothing is decided by it but that.
struct BrokenObjectScan {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The first string member `key` anywhere; empty where there is none or it is escaped.
    func string(_ key: String) -> String { string(key, from: 0) ?? "" }

    /// The first string member `key` behind the word `metadata`.
    func metadata(_ key: String) -> String {
        guard let start = end(of: "\"metadata\"", from: 0) else { return "" }
        return string(key, from: start) ?? ""
    }

    private func string(_ key: String, from start: Int) -> String? {
        guard var at = end(of: "\"\(key)\"", from: start) else { return nil }
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == UInt8(ascii: ":") { at += 1 }
        guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return nil }
        let value = bytes[(at + 1)...].prefix(254).prefix { $0 != UInt8(ascii: "\"") }
        guard !value.contains(UInt8(ascii: "\\")) else { return nil }
        return String(decoding: value, as: UTF8.self)
    }

    private func end(of text: String, from start: Int) -> Int? {
        let wanted = Array(text.utf8)
        var at = start
        while at + wanted.count <= bytes.count {
            if bytes[at..<at + wanted.count].elementsEqual(wanted) { return at + wanted.count }
            at += 1
        }
        return nil
    }
}
