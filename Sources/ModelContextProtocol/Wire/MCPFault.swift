public import KubernetesCore

/// Why a request is answered with an error instead of a result.
public struct MCPFault: Error, Hashable, Sendable {
    /// The numbers that JSON-RPC and the protocol give to errors.
    public enum Code: Int, Hashable, Sendable {
        /// The body is no JSON.
        case parse = -32_700
        /// It is no request.
        case invalidRequest = -32_600
        /// There is no such method.
        case methodNotFound = -32_601
        /// Its parameters are wrong; also: there is no such tool and no such task.
        case invalidParams = -32_602
        /// We failed.
        case internalError = -32_603
        /// A header and the body do not agree.
        case headerMismatch = -32_020
        /// The client does not say that it can do what the answer needs.
        case missingCapability = -32_021
        /// The version is not spoken here.
        case unsupportedVersion = -32_022
    }

    /// Which kind of error it is.
    public var code: Code
    /// A sentence for people.
    public var message: String
    /// More for programs.
    public var data: JSONValue?
    /// The HTTP status it is answered with.
    public var status: Int

    /// An error by all its fields.
    public init(_ code: Code, _ message: String, data: JSONValue? = nil, status: Int = 200) {
        self.code = code
        self.message = message
        self.data = data
        self.status = status
    }

    /// A task that is not there, or that the caller may not see: nobody learns which.
    public static let noSuchTask = MCPFault(
        .invalidParams, "there is no such task, or it is not yours")

    /// What only clients that know tasks may ask.
    static let needsTasks = MCPFault(
        .missingCapability, "the client does not say that it knows tasks",
        data: ["requiredCapabilities": ["extensions": [MCPServer.tasksExtension: [:]]]],
        status: 400)

    /// This error as answers carry it.
    public var json: JSONValue {
        var result: JSONValue = ["code": .int(code.rawValue), "message": .string(message)]
        result["data"] = data
        return result
    }
}
