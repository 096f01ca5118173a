/// A count, or a share of a total, as `maxUnavailable` takes it: `1` or `"25%"`.
public enum IntOrPercent: Hashable, Sendable {
    /// A count.
    case count(Int)
    /// A share in hundredths of a total.
    case percent(Int)

    /// Reads a whole number, or a text of digits and a percent sign; nil where `value` is neither.
    public init?(reading value: JSONValue) {
        switch value {
        case .integer(let number): self = .count(Int(number))
        case .string(let text):
            let digits = text.dropLast()
            guard text.hasSuffix("%"), !digits.isEmpty, digits.utf8.allSatisfy(TextFormat.isDigit),
                let share = Int(digits)
            else { return nil }
            self = .percent(share)
        default: return nil
        }
    }

    /// The count that this means for `total`; held inside Int.
    public func resolved(of total: Int, roundingUp: Bool) -> Int {
        switch self {
        case .count(let count): return count
        case .percent(let share):
            let (product, overflow) = share.multipliedReportingOverflow(by: total)
            guard !overflow else { return (share < 0) == (total < 0) ? .max : .min }
            let (quotient, remainder) = product.quotientAndRemainder(dividingBy: 100)
            if remainder == 0 { return quotient }
            if product > 0 { return roundingUp ? quotient + 1 : quotient }
            return roundingUp ? quotient : quotient - 1
        }
    }

    /// As Kubernetes writes it: a number, or a text such as `25%`.
    public var json: JSONValue {
        switch self {
        case .count(let count): .int(count)
        case .percent(let share): .string("\(share)%")
        }
    }
}
