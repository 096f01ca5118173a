/// Text of others, made fit to be shown: names and messages come from anyone who may write an
/// object, and a terminal or a page must never obey what they hold.
public enum PlainText {
    /// Most characters of a message where nothing else is said.
    public static let messageMax = 240

    /// `text` on one line without control characters and without characters that turn the direction
    /// of writing, cut to `max` characters.
    public static func of(_ text: String, max: Int = messageMax) -> String {
        var scalars = String.UnicodeScalarView()
        // A character can be made of any number of scalars; those are bounded, too.
        for scalar in text.unicodeScalars.prefix(max &* 8) {
            scalars.append(isHarmless(scalar) ? scalar : " ")
        }
        let clean = String(scalars)
        guard clean.count > max else { return clean }
        return String(clean.prefix(Swift.max(0, max - 1))) + "…"
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<32, 127..<160: false
        // Line and paragraph separators; marks, overrides and isolates of the writing direction.
        case 0x2028, 0x2029, 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: false
        // What cannot be seen, and tags that could hide a text in another.
        case 0x200B, 0xFEFF, 0xE0000...0xE007F: false
        default: true
        }
    }
}
