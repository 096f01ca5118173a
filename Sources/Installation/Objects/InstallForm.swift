import KubernetesCore
import SwiftletAPI

/// For whom an object is written: for `kubectl apply`, with every value as it is by default, or for
/// a chart, with places that Helm fills in.
///
/// In a chart's form a place is a mark in a text, `@{operator.replicas}`; a mark as a key or as an
/// element, `@{...operator.extraArgs}`, stands for everything that the value holds. Marks that
/// begin with `#` are templates of `_helpers.tpl`. `ChartTemplate` turns marks into Helm's
/// language.
public enum InstallForm: Sendable {
    /// For `kubectl apply`.
    case plain
    /// For a chart.
    case chart

    /// The version of Swiftlet that is installed.
    public static let version = SwiftletVersion.current
    /// The namespace of the plain manifests.
    public static let namespace = "swiftlet-system"
    /// What the operator's pods are selected by. Pools' NetworkPolicies select them by it too.
    static let selector: JSONValue = [
        "app.kubernetes.io/component": "operator", "app.kubernetes.io/name": "swiftlet",
    ]

    /// The value at `path`.
    func value(_ path: String) -> JSONValue {
        switch self {
        case .plain: InstallForm.fallback(path)
        case .chart: .string("@{\(path)}")
        }
    }

    /// The value at `path` inside a text.
    func text(_ path: String) -> String {
        switch self {
        case .plain: InstallForm.fallback(path).string ?? InstallForm.fallback(path).text
        case .chart: "@{\(path)}"
        }
    }

    /// The value at `path` as a text of its own, whatever it is.
    func quoted(_ path: String) -> JSONValue {
        switch self {
        case .plain: .string(text(path))
        case .chart: .string("@{=\(path)}")
        }
    }

    /// The text that a template of the chart makes.
    private func helper(_ name: String, _ plain: String) -> String {
        self == .plain ? plain : "@{#\(name)}"
    }

    /// The operator's namespace.
    var namespace: String { helper("namespace", InstallForm.namespace) }
    /// The image of operator and runner.
    var image: String { helper("image", "swiftlet:\(InstallForm.version)") }
    /// Where agents find the gateway.
    var gatewayURL: String {
        // The kubelet puts the address of the Service into the variable.
        helper("gatewayURL", "https://$(SWIFTLET_GATEWAY_SERVICE_HOST):\(text("gateway.port"))")
    }

    /// Where metrics' certificate is mounted.
    static let certificates = "/etc/swiftlet/metrics-tls"
    /// The folder of metrics' certificate, or none.
    var metricsCertificates: String { helper("metricsCertificates", "none") }
    /// How probes call, in the words of a probe.
    var metricsScheme: String { helper("metricsScheme", "HTTP") }
    /// How Prometheus calls, in its words.
    var metricsProtocol: String { helper("metricsProtocol", "http") }

    /// An object of which the value at `path` is a part: `members` win.
    func object(_ members: JSONObject, with path: String) -> JSONValue {
        var result = members
        switch self {
        case .plain:
            for (key, value) in InstallForm.fallback(path).object ?? [:] where result[key] == nil {
                result[key] = value
            }
        case .chart: result["@{...\(path)}"] = true
        }
        return .object(result)
    }

    /// A list that ends with the elements of the value at `path`.
    func list(_ elements: [JSONValue], with path: String) -> JSONValue {
        switch self {
        case .plain: .array(elements + (InstallForm.fallback(path).array ?? []))
        case .chart: .array(elements + [.string("@{...\(path)}")])
        }
    }

    /// The metadata of an object of the install.
    /// - Parameters:
    ///   - scoped: whether it lies in the operator's namespace.
    ///   - labels: its labels besides those that all have.
    ///   - labelsPath, annotationsPath: values with more of them.
    func metadata(
        _ name: String, scoped: Bool, component: String = "operator", labels: JSONObject = [:],
        labelsPath: String? = nil, annotationsPath: String? = nil
    ) -> JSONValue {
        var all = labels
        all["app.kubernetes.io/component"] = .string(component)
        switch self {
        case .plain:
            all["app.kubernetes.io/name"] = "swiftlet"
            all["app.kubernetes.io/version"] = .string(InstallForm.version)
        case .chart: all["@{#labels}"] = true
        }
        var metadata: JSONValue = [
            "name": .string(name),
            "labels": labelsPath.map { object(all, with: $0) } ?? .object(all),
        ]
        if scoped { metadata["namespace"] = .string(namespace) }
        if let annotationsPath, self == .chart {
            metadata["annotations"] = value(annotationsPath)
        }
        return metadata
    }

    private static func fallback(_ path: String) -> JSONValue {
        guard let value = ChartValues.all.first(where: { $0.path == path }) else {
            preconditionFailure("\(path) is no value of the chart")
        }
        return value.fallback
    }
}
