import KubernetesCore

/// Where a list that was cut off goes on: at which version of the store, after which key.
struct ContinueToken: Sendable {
    var revision: UInt64
    var start: String

    var text: String {
        let value: JSONValue = [
            "v": "meta.k8s.io/v1", "rv": .integer(Int64(clamping: revision)),
            "start": .string(start),
        ]
        return Base64.encodeURL(value.encoded())
    }

    init(revision: UInt64, start: String) {
        self.revision = revision
        self.start = start
    }

    init(reading text: String) throws(Failure) {
        guard let bytes = Base64.decodeURL(text), let value = try? JSONValue(parsing: bytes) else {
            throw .badRequest("continue key is not valid: illegal base64 data at input byte 0")
        }
        guard value["v"]?.string == "meta.k8s.io/v1" else {
            throw .badRequest(
                "continue key is not valid: server does not recognize this encoded version "
                    + "\"\(value["v"]?.string ?? "")\"")
        }
        guard let number = value["rv"]?.integer, let revision = UInt64(exactly: number),
            revision > 0, let start = value["start"]?.string, !start.isEmpty
        else {
            throw .badRequest(
                "continue key is not valid: incorrect encoded start resourceVersion "
                    + "(version meta.k8s.io/v1)")
        }
        self.revision = revision
        self.start = start
    }
}
