public import KubernetesCore

/// What a tool answers with.
public struct ToolResult: Hashable, Sendable {
    /// The result for programs; the same as text is what models read.
    public var value: JSONValue
    /// Whether the tool could not do what it was asked for.
    public var isError: Bool

    /// A result that programs read as `value`, and models as its text.
    public init(_ value: JSONValue, isError: Bool = false) {
        self.value = value
        self.isError = isError
    }

    /// A refusal that a model can act on.
    public static func refused(_ message: String) -> ToolResult {
        ToolResult(["error": .string(message)], isError: true)
    }

    /// The result of `tools/call`. Refusals have no structured content: it would have to be as the
    /// tool's schema says.
    public var json: JSONValue {
        if isError, let message = value["error"]?.string {
            return ["content": [["type": "text", "text": .string(message)]], "isError": true]
        }
        return [
            "content": [["type": "text", "text": .string(value.text)]],
            "structuredContent": value, "isError": .bool(isError),
        ]
    }
}
