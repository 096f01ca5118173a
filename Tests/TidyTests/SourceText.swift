/// A Swift source reduced to what its rules are about: the same lines and columns, with the insides
/// of comments and string literals replaced by spaces, so that a word in prose is never taken for
/// code.
struct SourceText {
    /// The lines as they stand in the file.
    let lines: [String]
    /// The lines with comments and the contents of string literals blanked.
    let code: [String]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        code = SourceText.blanked(text)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private enum Mode {
        case code
        case lineComment
        case blockComment(depth: Int)
        case string(pounds: Int, multiline: Bool)
        case interpolation(parentheses: Int)
    }

    private static func blanked(_ text: String) -> String {
        let input = Array(text.unicodeScalars)
        var output = String.UnicodeScalarView()
        var stack: [Mode] = [.code]
        var at = 0

        func starts(_ word: String, at index: Int) -> Bool {
            let scalars = Array(word.unicodeScalars)
            return index + scalars.count <= input.count
                && Array(input[index..<index + scalars.count]) == scalars
        }
        func copy(_ count: Int) {
            for _ in 0..<count where at < input.count {
                output.append(input[at])
                at += 1
            }
        }
        func blank(_ count: Int) {
            for _ in 0..<count where at < input.count {
                output.append(input[at] == "\n" ? "\n" : " ")
                at += 1
            }
        }

        while at < input.count {
            switch stack[stack.count - 1] {
            case .code, .interpolation:
                if starts("//", at: at) {
                    stack.append(.lineComment)
                } else if starts("/*", at: at) {
                    stack.append(.blockComment(depth: 1))
                    blank(2)
                } else if let (pounds, multiline) = stringStart(input, at) {
                    copy(pounds + (multiline ? 3 : 1))
                    stack.append(.string(pounds: pounds, multiline: multiline))
                } else {
                    step(&stack, input[at])
                    copy(1)
                }
            case .lineComment:
                if input[at] == "\n" { stack.removeLast() } else { blank(1) }
            case .blockComment(let depth):
                if starts("/*", at: at) {
                    stack[stack.count - 1] = .blockComment(depth: depth + 1)
                    blank(2)
                } else if starts("*/", at: at) {
                    if depth == 1 {
                        stack.removeLast()
                    } else {
                        stack[stack.count - 1] = .blockComment(depth: depth - 1)
                    }
                    blank(2)
                } else {
                    blank(1)
                }
            case .string(let pounds, let multiline):
                let hashes = String(repeating: "#", count: pounds)
                let quote = multiline ? "\"\"\"" : "\""
                if starts(quote + hashes, at: at) {
                    stack.removeLast()
                    copy(quote.count + pounds)
                } else if starts("\\" + hashes + "(", at: at) {
                    blank(2 + pounds)
                    stack.append(.interpolation(parentheses: 0))
                } else if pounds == 0, input[at] == "\\" {
                    blank(2)
                } else {
                    blank(1)
                }
            }
        }
        return String(output)
    }

    /// Follows the parentheses of an interpolation, and leaves it at its last one.
    private static func step(_ stack: inout [Mode], _ scalar: Unicode.Scalar) {
        guard case .interpolation(let open) = stack[stack.count - 1] else { return }
        switch scalar {
        case "(": stack[stack.count - 1] = .interpolation(parentheses: open + 1)
        case ")" where open == 0: stack.removeLast()
        case ")": stack[stack.count - 1] = .interpolation(parentheses: open - 1)
        default: break
        }
    }

    /// Whether a string literal starts here, with how many pound signs, and whether it spans lines.
    private static func stringStart(
        _ input: [Unicode.Scalar], _ at: Int
    ) -> (pounds: Int, multiline: Bool)? {
        var index = at
        while index < input.count, input[index] == "#" { index += 1 }
        guard index < input.count, input[index] == "\"" else { return nil }
        let multiline =
            index + 2 < input.count && input[index + 1] == "\"" && input[index + 2] == "\""
        return (index - at, multiline)
    }
}
