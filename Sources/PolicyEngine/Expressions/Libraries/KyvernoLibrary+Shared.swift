import CEL
import JMESPath
import KubernetesCore

/// Functions that Kyverno has in CEL and in JMESPath. They are written once, there.
extension KyvernoLibrary {
    /// A function of Kyverno's JMESPath that takes one text.
    private struct Shared: Sendable {
        let names: [String]
        let signature: String
        let query: String
    }

    private static let functions = [
        Shared(names: ["sha1", "hash.sha1"], signature: "(string) -> string", query: "sha1(@)"),
        Shared(
            names: ["sha256", "hash.sha256"], signature: "(string) -> string", query: "sha256(@)"),
        Shared(names: ["md5", "hash.md5"], signature: "(string) -> string", query: "md5(@)"),
        Shared(
            names: ["x509.decode"], signature: "(string) -> map(string, dyn)",
            query: "x509_decode(@)"),
    ]

    /// Adds the functions that need nothing but their argument.
    static func shared(_ library: inout CELLibrary) {
        for function in functions {
            library.define(function.names, [function.signature]) { arguments throws(CELError) in
                try search(function.query, arguments, JMESPathEnvironment())
            }
        }
    }

    /// What `query` gives for the first argument, which must be a text.
    static func search(
        _ query: String, _ arguments: [CELValue], _ environment: JMESPathEnvironment
    ) throws(CELError) -> CELValue {
        guard case .string(let text)? = arguments.first else {
            throw CELError(.evaluation, "no such overload")
        }
        do throws(JMESPathError) {
            let expression = try JMESPathExpression(query, dialect: .kyverno)
            return CELValue(try expression.search(.string(text), environment))
        } catch {
            throw CELError(.evaluation, "\(error)")
        }
    }
}
