import KubernetesCore

/// The specification's functions of texts.
enum TextFunctions {
    static let all: [Function] = [
        Function("starts_with", [.string, .string]) { a, _ throws(JMESPathError) in
            .bool(a.text(0).utf8.starts(with: a.text(1).utf8))
        },
        Function("ends_with", [.string, .string]) { a, _ throws(JMESPathError) in
            let (text, end) = (a.text(0).utf8, a.text(1).utf8)
            guard text.count >= end.count else { return false }
            return .bool(text.suffix(end.count).elementsEqual(end))
        },
        Function("join", [.string, .strings]) { a, run throws(JMESPathError) in
            let glue = a.text(0)
            let parts = a.array(1).map { $0.string ?? "" }
            var bytes = 0
            for part in parts {
                let (sum, overflow) = bytes.addingReportingOverflow(
                    part.utf8.count + glue.utf8.count)
                bytes = overflow ? .max : sum
            }
            try run.spend(writing: bytes)
            return .string(parts.joined(separator: glue))
        },
        Function("to_string", [.any]) { a, run throws(JMESPathError) in
            if case .string = a.value(0) { return a.value(0) }
            try run.spend(writing: try run.measure(a.value(0)))
            return .string(a.value(0).text)
        },
        Function("type", [.any]) { a, _ throws(JMESPathError) in
            .string(ValueKinds.of(a.value(0)).text)
        },
        Function("length", [[.string, .array, .object]]) { a, run throws(JMESPathError) in
            switch a.value(0) {
            case .string(let text):
                try run.spend(1 + text.utf8.count / 8)
                return .int(text.unicodeScalars.count)
            case .array(let elements): return .int(elements.count)
            case .object(let members): return .int(members.count)
            default: return .null
            }
        },
        Function("reverse", [[.string, .array]]) { a, run throws(JMESPathError) in
            if case .string(let text) = a.value(0) {
                try run.spend(writing: text.utf8.count)
                return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
            }
            try run.spend(a.array(0).count)
            return .array(a.array(0).reversed())
        },
        Function("contains", [[.string, .array], .any]) { a, run throws(JMESPathError) in
            let wanted = a.value(1)
            switch a.value(0) {
            case .string(let text):
                guard case .string(let part) = wanted else { return false }
                try run.spend(1 + text.utf8.count / 8)
                return .bool(ByteSearch.contains(text, part))
            case .array(let elements):
                for element in elements {
                    if run.dialect == .kyverno {
                        try run.spend()
                        if Interpreter.equalScalars(element, wanted) { return true }
                    } else if try run.equal(element, wanted) {
                        return true
                    }
                }
                return false
            default: return false
            }
        },
    ]
}
