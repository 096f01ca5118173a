import FoundationEssentials

extension [UInt8] {
    /// These bytes in base64.
    var base64: String { Data(self).base64EncodedString() }
}
