public import KubernetesCore

/// Reads YAML for policies. The pure side has no reader of its own; whoever builds the operator
/// gives one.
public struct PolicyText: Sendable {
    /// Why a text could not be read.
    public struct Fault: Error, Hashable, Sendable {
        /// What is wrong, with its line where that is known.
        public let reason: String

        /// A fault for this reason.
        public init(_ reason: String) { self.reason = reason }
    }

    /// All documents of a text, in order; bounded in size and depth.
    public let documents: @Sendable (String) throws(Fault) -> [JSONValue]

    /// A reader that reads with `documents`.
    public init(_ documents: @escaping @Sendable (String) throws(Fault) -> [JSONValue]) {
        self.documents = documents
    }

    /// One document, for rules that hold YAML as text; nil where the text is none.
    func document(_ text: String) -> JSONValue? {
        guard let documents = try? documents(text), documents.count <= 1 else { return nil }
        return documents.first ?? .null
    }

    /// The objects of a text: lists are taken apart.
    public func objects(_ text: String) throws(Fault) -> [JSONValue] {
        var result: [JSONValue] = []
        for document in try documents(text) {
            let isList = (document["kind"]?.string ?? "").hasSuffix("List")
            result += isList ? document["items"]?.array ?? [document] : [document]
        }
        return result
    }
}
