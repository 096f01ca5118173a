/// Letters in upper and lower case, code point by code point, as Go has them: no letter becomes
/// two.
enum LetterCase {
    static func upper(_ text: String) -> String {
        mapped(text) { single($0.properties.uppercaseMapping) ?? $0 }
    }

    static func lower(_ text: String) -> String {
        mapped(text) { single($0.properties.lowercaseMapping) ?? $0 }
    }

    /// What all case variants of a letter have in common.
    static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.isASCII, !("A"..."Z").contains(scalar) { return scalar }
        let upper = single(scalar.properties.uppercaseMapping) ?? scalar
        return single(upper.properties.lowercaseMapping) ?? upper
    }

    private static func mapped(
        _ text: String, _ change: (Unicode.Scalar) -> Unicode.Scalar
    ) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(change(scalar)) }
        return String(result)
    }

    private static func single(_ text: String) -> Unicode.Scalar? {
        let scalars = text.unicodeScalars
        return scalars.count == 1 ? scalars.first : nil
    }
}
