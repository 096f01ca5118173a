import FoundationEssentials
import KubernetesCore

/// The kubeconfig of a user of a local cluster. JSON is YAML: kubectl reads it.
struct Kubeconfig: Sendable {
    /// How the user proves who it is.
    enum Credential: Sendable {
        case token(String)
        case certificate(pem: String, keyPEM: String)
    }

    /// Where the API server listens.
    let server: String
    /// The authority that signed its certificate, in PEM.
    let authorityPEM: String
    /// The user's name in the file.
    var userName = "swiftlet-admin"
    let credential: Credential

    /// The file's text.
    var text: String {
        func base64(_ text: String) -> JSONValue {
            .string(Data(text.utf8).base64EncodedString())
        }
        let user: JSONValue
        switch credential {
        case .token(let token): user = ["token": .string(token)]
        case .certificate(let pem, let key):
            user = ["client-certificate-data": base64(pem), "client-key-data": base64(key)]
        }
        let config: JSONValue = [
            "apiVersion": "v1", "kind": "Config", "current-context": "swiftlet",
            "clusters": [
                [
                    "name": "swiftlet",
                    "cluster": [
                        "server": .string(server),
                        "certificate-authority-data": base64(authorityPEM),
                    ],
                ]
            ],
            "users": [["name": .string(userName), "user": user]],
            "contexts": [
                [
                    "name": "swiftlet",
                    "context": [
                        "cluster": "swiftlet", "user": .string(userName), "namespace": "default",
                    ],
                ]
            ],
        ]
        return config.prettyText + "\n"
    }
}
