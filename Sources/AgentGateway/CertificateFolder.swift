import FoundationEssentials
public import KubernetesCore

/// A folder with a certificate for the gateway, as a mounted Secret of type `kubernetes.io/tls`
/// gives it: `tls.crt`, `tls.key` and `ca.crt`.
public struct CertificateFolder: Sendable {
    /// The folder.
    public let path: String
    /// The name by which agents know the gateway.
    public let name: String

    /// Most bytes of a file.
    private static let bytesMax = 1 << 20

    /// The folder at `path` with a certificate for `name`.
    public init(path: String, name: String) {
        self.path = path
        self.name = name
    }

    /// Whether anything is there.
    public var isEmpty: Bool {
        !GivenCertificate.File.allCases.contains {
            FileManager.default.fileExists(atPath: path + "/" + $0.rawValue)
        }
    }

    /// The identity that the files give; throws where agents would refuse it.
    public func identity(at now: Timestamp) throws(GatewayError) -> GatewayIdentity {
        let date = Date(timeIntervalSince1970: Double(now.seconds))
        do throws(GatewayError) {
            return GatewayIdentity(given: try GivenCertificate(try read(), name: name, at: date))
        } catch {
            throw GatewayError("the certificate in \(path) is not used: \(error)")
        }
    }

    private func read() throws(GatewayError) -> [GivenCertificate.File: [UInt8]] {
        var result: [GivenCertificate.File: [UInt8]] = [:]
        for file in GivenCertificate.File.allCases {
            let place = path + "/" + file.rawValue
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: place) else {
                continue
            }
            // A mounted Secret is made of links; what they lead to is looked at when it is read.
            if let size = attributes[.size] as? Int, size > Self.bytesMax {
                throw GatewayError("\(file.rawValue) has more than \(Self.bytesMax) bytes")
            }
            guard let data = FileManager.default.contents(atPath: place) else {
                throw GatewayError("\(file.rawValue) cannot be read")
            }
            result[file] = Array(data.prefix(Self.bytesMax))
        }
        return result
    }
}
