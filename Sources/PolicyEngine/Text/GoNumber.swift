/// Numbers as texts, read as Kyverno reads them.
enum GoNumber {
    /// A number with an optional fraction and exponent; nil where `text` is none.
    static func double(_ text: String) -> Double? {
        let words: Set<String> = ["inf", "infinity", "nan"]
        let bare = text.first.map { $0 == "+" || $0 == "-" ? text.dropFirst() : text[...] } ?? ""
        let isWord = words.contains(bare.lowercased())
        let isDigits = bare.utf8.allSatisfy { byte in
            (byte >= 0x30 && byte <= 0x39) || "+-.eE".utf8.contains(byte)
        }
        return isWord || isDigits ? Double(text) : nil
    }
}
