/// Bytes that a configuration carries itself, or a file that holds them and may be replaced at any
/// time.
public enum Material: Hashable, Sendable {
    case bytes([UInt8])
    case file(String)

    /// Most bytes that are read of a certificate, key or token.
    static let bytesMax = 4 << 20

    /// The bytes as they are now; reads the file where it is one.
    func read(_ what: String) throws(ConfigurationError) -> [UInt8] {
        switch self {
        case .bytes(let bytes): return bytes
        case .file(let path):
            return try FileReading.read(path, bytesMax: Material.bytesMax, what)
        }
    }

    /// Whether the bytes can change.
    var isFile: Bool {
        if case .file = self { true } else { false }
    }
}
