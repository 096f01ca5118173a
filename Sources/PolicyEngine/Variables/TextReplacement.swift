/// Plain search and replace in texts.
enum TextReplacement {
    /// `text` with every `old` in it replaced by `new`, from left to right.
    static func replace(_ old: String, _ new: String, in text: String) -> String {
        let old = Array(old.utf8)
        let bytes = Array(text.utf8)
        guard !old.isEmpty, bytes.count >= old.count else { return text }
        var result: [UInt8] = []
        var at = 0
        var isChanged = false
        while at < bytes.count {
            if bytes[at] == old[0], bytes[at...].starts(with: old) {
                result += new.utf8
                at += old.count
                isChanged = true
            } else {
                result.append(bytes[at])
                at += 1
            }
        }
        return isChanged ? String(decoding: result, as: UTF8.self) : text
    }
}
