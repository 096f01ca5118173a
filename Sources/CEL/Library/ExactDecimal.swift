/// The exact decimal digits of a double, for printing with a fixed number of them.
struct ExactDecimal {
    /// The digits, without zeros in front.
    private(set) var digits: [UInt8]
    /// How many of them stand before the point; may be negative or more than there are.
    private(set) var point: Int

    /// The digits of `number`, which must be finite; its sign does not count.
    init(_ number: Double) {
        let magnitude = number.magnitude
        guard magnitude > 0 else {
            digits = [0]
            point = 1
            return
        }
        var mantissa = magnitude.significandBitPattern
        var exponent = Int(magnitude.exponentBitPattern) - 1_075
        if magnitude.isNormal { mantissa |= 1 << 52 } else { exponent += 1 }
        // Little-endian digits in base 10^9.
        var limbs: [UInt64] = []
        while mantissa > 0 {
            limbs.append(mantissa % 1_000_000_000)
            mantissa /= 1_000_000_000
        }
        // m * 2^-e is m * 5^e with the point moved by e.
        let factor: UInt64 = exponent >= 0 ? 2 : 5
        for _ in 0..<exponent.magnitude {
            var carry: UInt64 = 0
            for index in limbs.indices {
                let product = limbs[index] * factor + carry
                limbs[index] = product % 1_000_000_000
                carry = product / 1_000_000_000
            }
            if carry > 0 { limbs.append(carry) }
        }
        var result: [UInt8] = []
        for limb in limbs.reversed() {
            let text = String(limb)
            if !result.isEmpty {
                result += Array(repeating: 0, count: 9 - text.utf8.count)
            }
            result += text.utf8.map { $0 - 0x30 }
        }
        digits = result
        point = result.count - (exponent < 0 ? Int(exponent.magnitude) : 0)
    }

    /// Cuts to `count` digits, which may be 0 or less; halves are rounded to even.
    private mutating func round(to count: Int) {
        guard count < digits.count else { return }
        guard count >= 0 else {
            digits = [0]
            point = 1
            return
        }
        let rest = digits[count...]
        let next = rest.first ?? 0
        let isHalf = next == 5 && rest.dropFirst().allSatisfy { $0 == 0 }
        let last = count > 0 ? digits[count - 1] : 0
        let up = next > 5 || (next == 5 && (!isHalf || last % 2 == 1))
        digits.removeSubrange(count...)
        guard up else {
            if digits.isEmpty {
                digits = [0]
                point = 1
            }
            return
        }
        var at = count - 1
        while at >= 0, digits[at] == 9 {
            digits[at] = 0
            at -= 1
        }
        if at >= 0 {
            digits[at] += 1
        } else {
            digits.insert(1, at: 0)
            point += 1
        }
    }

    /// The digits before the point and `precision` digits behind it.
    func fixed(_ precision: Int) -> (whole: String, fraction: String) {
        var rounded = self
        rounded.round(to: point + precision)
        let isZero = rounded.digits.allSatisfy { $0 == 0 }
        func digit(_ place: Int) -> UInt8 {
            // `place` 0 is the first digit behind the point.
            let index = rounded.point + place
            return isZero || index < 0 || index >= rounded.digits.count ? 0 : rounded.digits[index]
        }
        var whole: [UInt8] = []
        if !isZero, rounded.point > 0 {
            for place in -rounded.point..<0 { whole.append(digit(place)) }
        }
        if whole.isEmpty { whole = [0] }
        return (Self.text(whole), Self.text((0..<precision).map(digit)))
    }

    /// One digit, `precision` digits behind the point, and the power of ten.
    func scientific(_ precision: Int) -> (first: String, fraction: String, exponent: Int) {
        if digits == [0] { return ("0", String(repeating: "0", count: precision), 0) }
        var rounded = self
        rounded.round(to: precision + 1)
        var rest = Array(rounded.digits.dropFirst().prefix(precision))
        rest += Array(repeating: 0, count: precision - rest.count)
        return (Self.text([rounded.digits[0]]), Self.text(rest), rounded.point - 1)
    }

    private static func text(_ digits: [UInt8]) -> String {
        String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self)
    }
}
