import KubernetesCore

/// What a value without quotes or brackets stands for.
enum TOMLScalar {
    /// Why it stands for nothing.
    struct Fault: Error {
        let reason: String
    }

    static func value(of word: ArraySlice<UInt8>) throws(Fault) -> JSONValue {
        let text = String(decoding: word, as: UTF8.self)
        switch text {
        case "true": return true
        case "false": return false
        case "inf", "+inf", "-inf", "nan", "+nan", "-nan":
            throw Fault(reason: "\(text) is a number that JSON does not have")
        default: break
        }
        let bytes = Array(word)
        if let date = TOMLDate(bytes) {
            guard date.isValid else { throw Fault(reason: "\(text) is no date or time") }
            return .string(text)
        }
        if let radix = radix(bytes) {
            return try integer(bytes.dropFirst(2), radix: radix, isNegative: false)
        }
        let unsigned = bytes.dropFirst(isSign(bytes.first) ? 1 : 0)
        guard let first = unsigned.first, digit(first, radix: 10) != nil else {
            throw Fault(reason: "\(text.prefix(100)) is no value; texts have quotes")
        }
        let isWhole = unsigned.allSatisfy { digit($0, radix: 10) != nil || $0 == underscore }
        let whole = unsigned.prefix { digit($0, radix: 10) != nil || $0 == underscore }
        guard first != UInt8(ascii: "0") || whole.count == 1 else {
            throw Fault(reason: "\(text.prefix(100)) begins with a zero")
        }
        if isWhole {
            return try integer(unsigned, radix: 10, isNegative: bytes.first == UInt8(ascii: "-"))
        }
        return try float(bytes, unsigned)
    }

    /// The value of a digit; nil where `byte` is none.
    static func digit(_ byte: UInt8, radix: Int) -> Int? {
        let value: Int
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = Int(byte) - 0x30
        case UInt8(ascii: "a")...UInt8(ascii: "f"): value = Int(byte) - 0x61 + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): value = Int(byte) - 0x41 + 10
        default: return nil
        }
        return value < radix ? value : nil
    }

    private static let underscore = UInt8(ascii: "_")

    private static func isSign(_ byte: UInt8?) -> Bool {
        byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }

    private static func radix(_ bytes: [UInt8]) -> Int? {
        guard bytes.count > 1, bytes[0] == UInt8(ascii: "0") else { return nil }
        return switch bytes[1] {
        case UInt8(ascii: "x"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
    }

    private static func integer(
        _ digits: ArraySlice<UInt8>, radix: Int, isNegative: Bool
    ) throws(Fault) -> JSONValue {
        var number: Int64 = 0
        for byte in try plain(digits, radix: radix) {
            guard let digit = digit(byte, radix: radix).map(Int64.init) else { continue }
            // Downwards where it is negative: the lowest number has no counterpart.
            let (product, isOver) = number.multipliedReportingOverflow(by: Int64(radix))
            let (sum, isBeyond) = product.addingReportingOverflow(isNegative ? -digit : digit)
            guard !isOver, !isBeyond else {
                throw Fault(reason: "a whole number with more than 64 bits")
            }
            number = sum
        }
        return .integer(number)
    }

    private static func float(
        _ bytes: [UInt8], _ unsigned: ArraySlice<UInt8>
    ) throws(Fault) -> JSONValue {
        let parts = unsigned.split(
            maxSplits: 1, omittingEmptySubsequences: false,
            whereSeparator: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") })
        let halves = (parts.first ?? []).split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard halves.count <= 2 else {
            throw Fault(reason: "a number with two points; texts have quotes")
        }
        for half in halves { _ = try plain(half, radix: 10) }
        if parts.count > 1 {
            _ = try plain(parts[1].dropFirst(isSign(parts[1].first) ? 1 : 0), radix: 10)
        }
        let text = String(decoding: bytes.filter { $0 != underscore }, as: UTF8.self)
        guard let number = Double(text), number.isFinite else {
            throw Fault(reason: "a number that is too large")
        }
        return .double(number)
    }

    /// Digits without the underscores, each of which has to stand between two of them.
    private static func plain(
        _ digits: ArraySlice<UInt8>, radix: Int
    ) throws(Fault) -> [UInt8] {
        var result: [UInt8] = []
        var isBehindDigit = false
        for byte in digits {
            if byte == underscore, isBehindDigit {
                isBehindDigit = false
                continue
            }
            guard digit(byte, radix: radix) != nil else {
                throw Fault(reason: "a number with a wrong digit; texts have quotes")
            }
            result.append(byte)
            isBehindDigit = true
        }
        guard isBehindDigit else { throw Fault(reason: "a number that lacks a digit") }
        return result
    }
}
