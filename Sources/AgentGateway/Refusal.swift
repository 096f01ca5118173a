import HTTPTypes
import Hummingbird
import KubernetesCore

/// Why a request is not carried out, as its caller is told.
struct Refusal: Error, Hashable, HTTPResponseError {
    let status: HTTPResponse.Status
    /// A word for programs.
    let reason: String
    /// A sentence for people.
    let message: String
    var fields: [String: String] = [:]

    static func unavailable(_ message: String) -> Refusal {
        Refusal(
            status: .serviceUnavailable, reason: "Unavailable", message: message,
            fields: ["retry-after": "1"])
    }

    static func forbidden(_ message: String) -> Refusal {
        Refusal(status: .forbidden, reason: "Forbidden", message: message)
    }

    static func bad(_ message: String) -> Refusal {
        Refusal(status: .badRequest, reason: "BadRequest", message: message)
    }

    static func conflict(_ reason: String, _ message: String) -> Refusal {
        Refusal(status: .conflict, reason: reason, message: message)
    }

    static func tooLarge(_ message: String) -> Refusal {
        Refusal(
            status: .contentTooLarge, reason: "TooLarge", message: message,
            fields: ["connection": "close"])
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        let body: JSONValue = ["reason": .string(reason), "message": .string(message)]
        return .json(body, status: status, fields: fields)
    }
}

extension Response {
    /// A JSON answer.
    static func json(
        _ body: JSONValue, status: HTTPResponse.Status = .ok, fields: [String: String] = [:]
    ) -> Response {
        var headers: HTTPTypes.HTTPFields = [
            .contentType: "application/json", .cacheControl: "no-store",
        ]
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: status, headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: body.encoded())))
    }
}
