import KubernetesCore

/// Whole numbers of many bytes as decimal texts.
enum DecimalNumber {
    /// The digits of a number without a sign, its highest byte first.
    static func text(_ bytes: some Collection<UInt8>) -> String {
        // Limbs of nine digits, the lowest first.
        var limbs: [UInt64] = []
        for byte in bytes {
            var carry = UInt64(byte)
            for index in limbs.indices {
                let value = limbs[index] << 8 | carry
                limbs[index] = value % 1_000_000_000
                carry = value / 1_000_000_000
            }
            if carry > 0 { limbs.append(carry) }
        }
        guard let highest = limbs.last else { return "0" }
        return limbs.dropLast().reversed().reduce(String(highest)) { text, limb in
            let digits = String(limb)
            return text + String(repeating: "0", count: 9 - digits.utf8.count) + digits
        }
    }

    /// A number of any size as JSON; what needs more than 63 bits is rounded.
    static func json(_ bytes: some Collection<UInt8>) -> JSONValue {
        let text = text(bytes)
        if let whole = Int64(text) { return .integer(whole) }
        return .double(Double(text) ?? 0)
    }
}
