/// The regular expression of a schema, compiled once when the schema is made.
struct CompiledPattern: Sendable, Equatable {
    /// The expression as written.
    let source: String
    private let pattern: Pattern?
    /// Why the expression is none; nil where it is one.
    let fault: String?

    init(_ source: String) {
        self.source = source
        do throws(PatternError) {
            pattern = try Pattern(source)
            fault = nil
        } catch {
            pattern = nil
            fault = "\(error)"
        }
    }

    /// Whether the expression is found in `text`; never for an expression that is none.
    func matches(_ text: String) -> Bool { pattern?.matches(text) ?? false }

    static func == (left: CompiledPattern, right: CompiledPattern) -> Bool {
        left.source == right.source
    }
}
