import FoundationEssentials
import KubernetesCore

/// The kubeconfig of a local cluster's administrator. JSON is YAML: kubectl reads it.
struct Kubeconfig: Sendable {
    /// Where the API server listens.
    let server: String
    /// The authority that signed its certificate, in PEM.
    let authorityPEM: String
    /// The administrator's bearer token.
    let token: String

    /// The file's text.
    var text: String {
        let authority = Data(authorityPEM.utf8).base64EncodedString()
        let config: JSONValue = [
            "apiVersion": "v1", "kind": "Config", "current-context": "swiftlet",
            "clusters": [
                [
                    "name": "swiftlet",
                    "cluster": [
                        "server": .string(server),
                        "certificate-authority-data": .string(authority),
                    ],
                ]
            ],
            "users": [["name": "swiftlet-admin", "user": ["token": .string(token)]]],
            "contexts": [
                [
                    "name": "swiftlet",
                    "context": [
                        "cluster": "swiftlet", "user": "swiftlet-admin", "namespace": "default",
                    ],
                ]
            ],
        ]
        return config.prettyText + "\n"
    }
}
