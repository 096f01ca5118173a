/// How large values are for the cost model of Kubernetes.
enum CostModel {
    /// Code points of a text, octets of bytes, elements of a list or map; 1 for all else.
    static func size(_ value: CELValue?) -> UInt64 {
        switch value {
        case .string(let text): UInt64(text.unicodeScalars.count)
        case .bytes(let bytes): UInt64(bytes.count)
        case .list(let list): UInt64(list.count)
        case .map(let map): UInt64(map.count)
        case .opaque(.ip(let address)): address.isVersion6 ? 16 : 4
        case .opaque(.cidr(let prefix)): prefix.address.isVersion6 ? 16 : 4
        case .opaque(.url(let url)): UInt64(url.text.unicodeScalars.count)
        default: 1
        }
    }

    /// `number` times `factor`, rounded up, computed as Go computes it.
    static func scaled(_ number: UInt64, _ factor: Double) -> UInt64 {
        let product = (Double(number) * factor).rounded(.up)
        return product >= 0x1p63 ? .max : UInt64(product)
    }

    /// Reading the first argument once.
    static let traversal: CELFunction.Cost = { arguments, _ in
        scaled(size(arguments.first ?? nil), 0.1)
    }

    /// Reading the first argument twice.
    static let doubleTraversal: CELFunction.Cost = { arguments, _ in
        scaled(size(arguments.first ?? nil), 0.2)
    }

    /// Comparing two values.
    static let equality: CELFunction.Cost = { arguments, _ in
        guard arguments.count == 2 else { return 1 }
        if case .opaque? = arguments[0] { return 1 }
        return scaled(min(size(arguments[0]), size(arguments[1])), 0.1)
    }

    /// Ordering two values; only texts and bytes cost by their size.
    static let order: CELFunction.Cost = { arguments, result in
        switch arguments.first {
        case .some(.some(.string)), .some(.some(.bytes)): equality(arguments, result)
        default: 1
        }
    }

    /// Joining texts or bytes; anything else costs 1.
    static let concatenation: CELFunction.Cost = { arguments, _ in
        let isText = arguments.contains { value in
            switch value {
            case .string, .bytes: true
            default: false
            }
        }
        guard isText, arguments.count == 2 else { return 1 }
        let (sum, _) = size(arguments[0]).addingReportingOverflow(size(arguments[1]))
        return scaled(sum, 0.1)
    }

    /// Matching a text with a regular expression.
    static let regex: CELFunction.Cost = { arguments, _ in
        guard arguments.count >= 2 else { return 1 }
        let text = scaled(size(arguments[0]) + 1, 0.1)
        let pattern = scaled(size(arguments[1]), 0.25)
        return text.multipliedReportingOverflow(by: pattern).partialValue
    }

    /// The most elements that are gone through to know a cost; more cost more than there is.
    private static let walkMax = 2_000_000

    /// Going through a list: 1 for each scalar, a tenth of the octets of texts.
    static func walk(_ value: CELValue?) -> UInt64 {
        var left = walkMax
        let cost = walk(value, &left)
        return left > 0 ? cost : .max
    }

    private static func walk(_ value: CELValue?, _ left: inout Int) -> UInt64 {
        switch value {
        case .string(let text): return UInt64(Double(text.utf8.count) * 0.1)
        case .bytes(let bytes): return UInt64(Double(bytes.count) * 0.1)
        case .list(let list):
            var sum: UInt64 = 0
            for index in 0..<list.count {
                left -= 1
                guard left > 0 else { break }
                // What cannot be had has no size; whoever asks for it is told why.
                if let element = try? list.element(index) { sum &+= walk(element, &left) }
            }
            return sum
        default: return 1
        }
    }
}
