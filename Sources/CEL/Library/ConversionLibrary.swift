/// Conversions: functions called as the types they make.
enum ConversionLibrary {
    static let functions: [CELFunction] =
        CELFunction.define(
            "int",
            [
                "(int) -> int", "(uint) -> int", "(double) -> int", "(string) -> int",
                "(timestamp) -> int", "(duration) -> int",
            ]
        ) { a, _ throws(CELError) in .int(try int(a[0])) }
        + CELFunction.define(
            "uint", ["(uint) -> uint", "(int) -> uint", "(double) -> uint", "(string) -> uint"]
        ) { a, _ throws(CELError) in .uint(try uint(a[0])) }
        + CELFunction.define(
            "double",
            ["(double) -> double", "(int) -> double", "(uint) -> double", "(string) -> double"]
        ) { a, _ throws(CELError) in .double(try double(a[0])) }
        + CELFunction.define(
            "string",
            [
                "(string) -> string", "(bool) -> string", "(bytes) -> string",
                "(double) -> string", "(duration) -> string", "(int) -> string",
                "(timestamp) -> string", "(uint) -> string", "(ip) -> string",
                "(cidr) -> string",
            ],
            cost: { arguments, _ in
                if case .bytes?? = arguments.first { return CostModel.traversal(arguments, nil) }
                return 1
            }
        ) { a, _ throws(CELError) in .string(try string(a[0])) }
        + CELFunction.define("bool", ["(bool) -> bool", "(string) -> bool"]) {
            a, _ throws(CELError) in .bool(try bool(a[0]))
        }
        + CELFunction.define(
            "bytes", ["(bytes) -> bytes", "(string) -> bytes"],
            cost: { arguments, _ in
                if case .string?? = arguments.first { return CostModel.traversal(arguments, nil) }
                return 1
            }
        ) { a, _ throws(CELError) in
            switch a[0] {
            case .bytes: a[0]
            case .string(let text): .bytes(Array(text.utf8))
            default: throw .noOverload
            }
        }
        + CELFunction.define(
            "timestamp",
            ["(timestamp) -> timestamp", "(int) -> timestamp", "(string) -> timestamp"]
        ) { a, _ throws(CELError) in .timestamp(try timestamp(a[0])) }
        + CELFunction.define(
            "duration", ["(duration) -> duration", "(int) -> duration", "(string) -> duration"]
        ) { a, _ throws(CELError) in .duration(try duration(a[0])) }

    private static let integerRange = CELError("integer overflow")
    private static let unsignedRange = CELError("unsigned integer overflow")

    private static func int(_ value: CELValue) throws(CELError) -> Int64 {
        switch value {
        case .int(let number): return number
        case .uint(let number):
            guard let result = Int64(exactly: number) else { throw integerRange }
            return result
        case .double(let number):
            guard number > -0x1p63, number < 0x1p63 else { throw integerRange }
            return Int64(number)
        case .string(let text):
            guard let result = CELConversions.integer(text) else {
                throw CELError("strconv.ParseInt: parsing \(CELQuote.quote(text)): invalid syntax")
            }
            return result
        case .timestamp(let time): return time.seconds
        case .duration(let nanoseconds): return nanoseconds
        default: throw .noOverload
        }
    }

    private static func uint(_ value: CELValue) throws(CELError) -> UInt64 {
        switch value {
        case .uint(let number): return number
        case .int(let number):
            guard number >= 0 else { throw unsignedRange }
            return UInt64(number)
        case .double(let number):
            guard number >= 0, number < 0x1p64 else { throw unsignedRange }
            return UInt64(number)
        case .string(let text):
            guard let result = CELConversions.unsigned(text) else {
                throw CELError("strconv.ParseUint: parsing \(CELQuote.quote(text)): invalid syntax")
            }
            return result
        default: throw .noOverload
        }
    }

    private static func double(_ value: CELValue) throws(CELError) -> Double {
        switch value {
        case .double(let number): return number
        case .int(let number): return Double(number)
        case .uint(let number): return Double(number)
        case .string(let text):
            guard let number = CELConversions.double(text) else {
                throw CELError(
                    "strconv.ParseFloat: parsing \(CELQuote.quote(text)): invalid syntax")
            }
            return number
        default: throw .noOverload
        }
    }

    static func string(_ value: CELValue) throws(CELError) -> String {
        switch value {
        case .string(let text): return text
        case .bool(let flag): return flag ? "true" : "false"
        case .int(let number): return String(number)
        case .uint(let number): return String(number)
        case .double(let number): return CELConversions.text(number)
        case .bytes(let bytes):
            guard let text = CELConversions.utf8(bytes) else {
                throw CELError("invalid UTF-8 in bytes, cannot convert to string")
            }
            return text
        case .timestamp(let time): return time.text
        case .duration(let nanoseconds): return CELDuration.text(nanoseconds)
        case .opaque(.ip(let address)): return address.text
        case .opaque(.cidr(let prefix)): return prefix.text
        default: throw .noOverload
        }
    }

    private static func bool(_ value: CELValue) throws(CELError) -> Bool {
        switch value {
        case .bool(let flag): return flag
        case .string(let text):
            if ["1", "t", "T", "TRUE", "true", "True"].contains(text) { return true }
            if ["0", "f", "F", "FALSE", "false", "False"].contains(text) { return false }
            throw CELError("strconv.ParseBool: parsing \(CELQuote.quote(text)): invalid syntax")
        default: throw .noOverload
        }
    }

    private static func timestamp(_ value: CELValue) throws(CELError) -> CELTimestamp {
        switch value {
        case .timestamp(let time): return time
        case .int(let seconds):
            guard let time = CELTimestamp(seconds: seconds) else {
                throw CELError("timestamp overflow")
            }
            return time
        case .string(let text): return try CELTimestamp(parsing: text)
        default: throw .noOverload
        }
    }

    private static func duration(_ value: CELValue) throws(CELError) -> Int64 {
        switch value {
        case .duration(let nanoseconds): return nanoseconds
        case .int(let nanoseconds): return nanoseconds
        case .string(let text):
            guard let result = CELDuration.parse(text) else {
                throw CELError("type conversion error from 'string' to 'google.protobuf.Duration'")
            }
            return result
        default: throw .noOverload
        }
    }
}

/// Quoted texts.
enum CELQuote {
    private static let escapes: [Unicode.Scalar: String] = [
        "\u{07}": "\\a", "\u{08}": "\\b", "\u{0C}": "\\f", "\n": "\\n", "\r": "\\r",
        "\t": "\\t", "\u{0B}": "\\v", "\\": "\\\\", "\"": "\\\"",
    ]

    /// `text` in double quotes with control characters escaped.
    static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if let escape = escapes[scalar] {
                result += escape
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
