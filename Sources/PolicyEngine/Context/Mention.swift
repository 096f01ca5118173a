/// Whether an expression uses a name: as a word of its own that no dot stands before.
enum Mention {
    static func of(_ name: String, in text: String) -> Bool {
        var text = text
        var name = name
        return text.withUTF8 { text in name.withUTF8 { find($0, in: text) } }
    }

    private static func find(
        _ name: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard let first = name.first, text.count >= name.count else { return false }
        for start in 0...(text.count - name.count) where text[start] == first {
            if start > 0 {
                let before = text[start - 1]
                if before == UInt8(ascii: ".") || isAlphanumeric(before) { continue }
            }
            let end = start + name.count
            guard text[start..<end].elementsEqual(name) else { continue }
            let endsInWord = isWord(text[end - 1])
            let goesOn = end < text.count && isWord(text[end])
            if endsInWord != goesOn { return true }
        }
        return false
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "_")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
