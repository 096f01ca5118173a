import KubernetesCore

/// Puts the head of an answer together from the lines that libcurl delivers. Heads of interim
/// answers (1xx) and of answers that libcurl repeats on its own are passed over; trailers are not
/// heads.
struct ResponseHeadParser {
    /// What a line brought about.
    enum Step: Equatable {
        case more
        case head(HTTPResponseHead)
        case malformed
    }

    /// Most bytes in all lines of one head.
    static let bytesMax = 256 << 10

    private var status = 0
    private var fields = HTTPFields()
    private var byteCount = 0
    private var isDone = false

    /// Takes one line with its line break.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Step {
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            fields = HTTPFields()
            byteCount = 0
            isDone = false
            let parts = line.split(separator: " ", maxSplits: 2)
            let number = parts.count > 1 ? Int(parts[1].prefix { $0.isNumber }) : nil
            guard let number, (100..<1_000).contains(number) else { return .malformed }
            status = number
            return .more
        }
        guard !isDone else { return .more }
        byteCount += bytes.count
        guard byteCount <= ResponseHeadParser.bytesMax, status > 0 else { return .malformed }
        let text = line.drop { $0 == " " }.prefix { $0 != "\r" && $0 != "\n" && $0 != "\r\n" }
        guard !text.isEmpty else {
            guard status >= 200 else { return .more }
            isDone = true
            return .head(HTTPResponseHead(status: status, fields: fields))
        }
        guard let colon = text.firstIndex(of: ":") else { return .more }
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        fields.append(String(text[..<colon]), String(value))
        return .more
    }
}
