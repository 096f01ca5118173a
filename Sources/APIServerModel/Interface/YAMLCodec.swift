public import KubernetesCore

/// How the server reads and writes YAML: a pure target has no library for it, so the shell brings
/// one. A server without it takes JSON only, which is YAML as well.
public struct YAMLCodec: Sendable {
    /// Reads one document; nil where the text is none.
    public var read: (@Sendable ([UInt8]) -> JSONValue?)?
    /// Says what is wrong with a text that `read` does not take.
    public var fault: (@Sendable ([UInt8]) -> String)?
    /// Writes one document.
    public var write: (@Sendable (JSONValue) -> String)?

    /// A codec of these functions.
    public init(
        read: (@Sendable ([UInt8]) -> JSONValue?)? = nil,
        fault: (@Sendable ([UInt8]) -> String)? = nil,
        write: (@Sendable (JSONValue) -> String)? = nil
    ) {
        self.read = read
        self.fault = fault
        self.write = write
    }
}
