public import KubernetesCore

/// Reads the values that tasks take from Secrets of their namespace.
public protocol SecretReading: Sendable {
    /// The content of a Secret by key; `nil` where there is no such Secret.
    func secret(_ name: String, in namespace: String) async throws(APIError) -> [String: [UInt8]]?
}
