import Crypto

/// Digests as checkpoints name them.
enum Digest {
    /// `sha256:` and the digest of `bytes`.
    static func text(of bytes: [UInt8]) -> String { text(of: SHA256.hash(data: bytes)) }

    /// `sha256:` and the digits of a digest.
    static func text(of digest: SHA256Digest) -> String {
        let digits = Array("0123456789abcdef")
        return digest.reduce(into: "sha256:") { text, byte in
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
    }
}
