import Glibc

/// Why a local cluster could not start or a node could not do something.
enum LocalClusterError: Error, CustomStringConvertible {
    /// A file could not be written or read.
    case file(String, Int32)
    /// The port could not be had; 0 stands for any.
    case socket(Int, Int32)
    /// Not a port.
    case noPort(Int)
    /// The model refused a request of the cluster's own parts.
    case refused(String, status: Int, message: String)
    /// A volume that a pod wants cannot be made.
    case volume(String)
    /// A data folder cannot be used.
    case data(String, String)

    var description: String {
        switch self {
        case .file(let path, let code): "\(path): \(LocalClusterError.text(code))"
        case .socket(0, let code): "127.0.0.1 has no free port: \(LocalClusterError.text(code))"
        case .socket(let port, EADDRINUSE):
            "port \(port) of 127.0.0.1 is in use: choose another, or 0 for a free one"
        case .socket(let port, let code):
            "port \(port) of 127.0.0.1 cannot be had: \(LocalClusterError.text(code))"
        case .noPort(let port): "\(port) is no port: it must be between 0 and 65535"
        case .refused(let what, let status, let message): "\(what): \(status) \(message)"
        case .volume(let message): message
        case .data(let path, let message): "\(path): \(message)"
        }
    }

    private static func text(_ code: Int32) -> String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text)
    }
}
