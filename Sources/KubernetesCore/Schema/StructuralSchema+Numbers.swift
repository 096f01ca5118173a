extension StructuralSchema {
    /// Checks the range of the type and format, then `multipleOf`, `minimum` and `maximum`.
    func numberVerdict(_ value: JSONValue, at path: String, _ verdict: inout SchemaVerdict) {
        defer { verdict.count() }
        guard let number = value.double else { return }
        checkRange(number, whole: value.integer, "Checked", at: path, &verdict)
        if let multipleOf {
            checkRange(multipleOf, whole: nil, "MultipleOf", at: path, &verdict)
            checkMultiple(value, number, multipleOf, at: path, &verdict)
        }
        if let minimum {
            checkRange(minimum, whole: nil, "Minimum boundary", at: path, &verdict)
            if number < minimum || isMinimumExclusive && number == minimum {
                let words = isMinimumExclusive ? "greater than" : "greater than or equal to"
                verdict.invalid(
                    value, "should be \(words) \(GoText.bound(minimum, value))", at: path)
            }
        }
        if let maximum {
            checkRange(maximum, whole: nil, "Maximum boundary", at: path, &verdict)
            if number > maximum || isMaximumExclusive && number == maximum {
                let words = isMaximumExclusive ? "less than" : "less than or equal to"
                verdict.invalid(
                    value, "should be \(words) \(GoText.bound(maximum, value))", at: path)
            }
        }
    }

    private func checkMultiple(
        _ value: JSONValue, _ number: Double, _ factor: Double, at path: String,
        _ verdict: inout SchemaVerdict
    ) {
        guard factor > 0 else {
            return verdict.add(
                .invalid(
                    SchemaVerdict.place(path), .double(factor),
                    "factor MultipleOf declared for \(path) must be positive: "
                        + GoText.general(factor)))
        }
        let fits: Bool
        if let whole = value.integer, let divisor = Int64(exactly: factor.rounded(.towardZero)),
            divisor > 0
        {
            fits = whole % divisor == 0
        } else {
            let quotient = factor < 1 ? 1 / factor * number : number / factor
            fits = StructuralSchema.isWhole(quotient)
        }
        if !fits {
            verdict.invalid(
                value, "should be a multiple of \(GoText.bound(factor, value))", at: path)
        }
    }

    /// Whether a number is whole, up to the error of one division.
    private static func isWhole(_ number: Double) -> Bool {
        guard number.magnitude < 9_007_199_254_740_992 else { return false }
        let difference = (number - number.rounded()).magnitude
        return difference == 0 || difference < 1e-9 * max(1, number.magnitude)
    }

    /// Reports a number that the type and format cannot hold.
    private func checkRange(
        _ number: Double, whole: Int64?, _ what: String, at path: String,
        _ verdict: inout SchemaVerdict
    ) {
        guard type == .integer else {
            if format == "float" || format == "float32",
                number.magnitude > Double(Float.greatestFiniteMagnitude)
            {
                outOfRange(what, at: path, &verdict)
            }
            return
        }
        let exact = whole ?? Int64(exactly: number)
        let fits =
            switch format {
            case "int32": exact.flatMap(Int32.init(exactly:)) != nil
            case "uint32": exact.flatMap(UInt32.init(exactly:)) != nil
            case "uint64": UInt64(exactly: number) != nil
            default: exact != nil
            }
        if !fits { outOfRange(what, at: path, &verdict) }
    }

    private func outOfRange(
        _ what: String, at path: String, _ verdict: inout SchemaVerdict
    ) {
        let name = type?.rawValue ?? ""
        let form = format.map { "with format " + $0 } ?? "(default format)"
        verdict.general("\(what) value must be of type \(name) \(form) in \(path)")
    }
}

extension GoText {
    /// A bound of a schema as it is shown beside `value`: whole where the value is.
    static func bound(_ bound: Double, _ value: JSONValue) -> String {
        if value.integer != nil, let whole = Int64(exactly: bound.rounded(.towardZero)) {
            return String(whole)
        }
        return general(bound)
    }
}
