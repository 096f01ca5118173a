extension StructuralSchema {
    /// Checks `anyOf`, `oneOf`, `allOf` and `not`.
    func combinedVerdict(_ value: JSONValue, at path: String, _ verdict: inout SchemaVerdict) {
        let name = GoText.quote(path)
        if !anyOf.isEmpty {
            let tries = anyOf.map { $0.validation(of: value, old: nil, at: path) }
            if let first = tries.first(where: \.isValid) {
                verdict.merge(first)
            } else {
                verdict.general("\(name) must validate at least one schema (anyOf)")
                if let best = StructuralSchema.best(tries) { verdict.merge(best) }
            }
        }
        if !oneOf.isEmpty {
            let tries = oneOf.map { $0.validation(of: value, old: nil, at: path) }
            let valid = tries.filter(\.isValid)
            if valid.count == 1 {
                verdict.merge(valid[0])
            } else {
                let found =
                    valid.isEmpty
                    ? "Found none valid" : "Found \(valid.count) valid alternatives"
                verdict.general("\(name) must validate one and only one schema (oneOf). \(found)")
                if valid.isEmpty, let best = StructuralSchema.best(tries) { verdict.merge(best) }
            }
        }
        if !allOf.isEmpty {
            let tries = allOf.map { $0.validation(of: value, old: nil, at: path) }
            for each in tries { verdict.merge(each) }
            let valid = tries.count(where: \.isValid)
            if valid < tries.count {
                let more = valid == 0 ? ". None validated" : ""
                verdict.general("\(name) must validate all the schemas (allOf)\(more)")
            }
        }
        if let not, not.validation(of: value, old: nil, at: path).isValid {
            verdict.general("\(name) must not validate the schema (not)")
        }
        verdict.count()
    }

    /// The first of the failed alternatives that the value met most of.
    private static func best(_ tries: [SchemaVerdict]) -> SchemaVerdict? {
        var best: SchemaVerdict?
        for each in tries where each.matches > best?.matches ?? -1 { best = each }
        return best
    }
}
