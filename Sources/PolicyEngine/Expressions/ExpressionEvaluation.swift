import CEL
import KubernetesCore

/// How the expressions of a policy judge a request.
struct ExpressionEvaluation {
    /// What `matchConditions` say.
    enum ConditionVerdict {
        case met
        /// The condition of this name is false.
        case unmet(String)
        /// None is false, and these could not be evaluated.
        case failed(String)
    }

    /// What one validation says.
    enum Verdict {
        case holds
        case violated(String)
        case failed(String)
    }

    /// What the audit annotations are.
    enum Annotations {
        case made([String: String])
        case failed(String)
    }

    let scope: ExpressionScope

    /// A condition that is false wins over conditions that fail.
    static func conditions(
        _ conditions: [ExpressionSet.Condition], in scope: ExpressionScope
    ) -> ConditionVerdict {
        var failures: [String] = []
        for condition in conditions {
            switch scope.evaluate(condition.program) {
            case .success(.bool(true)): continue
            case .success(.bool(false)): return .unmet(condition.name)
            case .success(let value):
                failures.append(
                    "match condition \"\(condition.name)\" gave \(value.type), not bool")
            case .failure(let error):
                failures.append("match condition \"\(condition.name)\": \(error.message)")
            }
        }
        return failures.isEmpty ? .met : .failed(failures.joined(separator: "; "))
    }

    /// What `validation` says, without a message where it is violated.
    func holds(_ validation: ExpressionSet.Validation) -> Verdict {
        switch scope.evaluate(validation.program) {
        case .success(.bool(true)): .holds
        case .success(.bool(false)): .violated("")
        case .success(let value): .failed("gave \(value.type), not bool")
        case .failure(let error): .failed(error.message)
        }
    }

    /// The message of a violated validation as Kubernetes makes it: an expression that gives
    /// nothing usable is passed over.
    func admissionMessage(_ validation: ExpressionSet.Validation) -> String {
        if let program = validation.messageProgram,
            case .success(.string(let text)) = scope.evaluate(program)
        {
            let trimmed = Self.trimmed(text)
            if !trimmed.isEmpty, trimmed.utf8.count <= 5_120, !trimmed.contains("\n") {
                return trimmed
            }
        }
        let message = Self.trimmed(validation.message)
        if !message.isEmpty { return message }
        return "failed expression: " + Self.trimmed(validation.program.source)
    }

    /// The message of a violated validation as Kyverno makes it.
    func kyvernoMessage(_ validation: ExpressionSet.Validation, index: Int) -> String {
        var message = validation.message
        if let program = validation.messageProgram {
            switch scope.evaluate(program) {
            case .success(.string(let text)): message = text
            case .success(let value):
                message =
                    "failed to convert message expression to string: it gave \(value.type)"
            case .failure(let error):
                message = "failed to evaluate message expression: \(error.message)"
            }
        }
        return message.isEmpty ? "CEL expression validation failed at index \(index)" : message
    }

    /// The audit annotations; an empty text and null mean none.
    func annotations() -> Annotations {
        var result: [String: String] = [:]
        for annotation in scope.set.annotations {
            switch scope.evaluate(annotation.program) {
            case .success(.null): continue
            case .success(.string(let text)):
                let trimmed = Self.trimmed(text)
                if !trimmed.isEmpty { result[annotation.key] = Self.cut(trimmed, to: 10_240) }
            case .success(let value):
                return .failed(
                    "audit annotation \"\(annotation.key)\" gave \(value.type); it must be a "
                        + "string or null")
            case .failure(let error):
                return .failed("audit annotation \"\(annotation.key)\": \(error.message)")
            }
        }
        return .made(result)
    }

    static func trimmed(_ text: String) -> String {
        var rest = Substring(text)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }

    /// The beginning of `text` in at most `count` octets.
    private static func cut(_ text: String, to count: Int) -> String {
        guard text.utf8.count > count else { return text }
        var result = ""
        var size = 0
        for scalar in text.unicodeScalars {
            size += String(Character(scalar)).utf8.count
            if size > count { break }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
