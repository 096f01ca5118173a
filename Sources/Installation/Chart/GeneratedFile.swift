public import ControlLoop
public import KubernetesCore
import Reconcilers
import SwiftletAPI

/// A file of the repository that is written from the sources.
public struct GeneratedFile: Sendable {
    /// Where it lies, from the repository's root.
    public let path: String
    /// What it says.
    public let text: String

    init(_ path: String, _ text: String) {
        self.path = path
        self.text = text
    }

    /// Every file of the install: the plain manifest, and the parts of the chart that are not
    /// written by hand.
    /// - Parameters:
    ///   - yaml: writes documents, separated by `---`.
    ///   - metrics: everything that the operator measures.
    public static func all(
        metrics: [MetricFamily], yaml: ([JSONValue]) -> String
    ) -> [GeneratedFile] {
        let chart = "charts/swiftlet/"
        let comment = "# Written by `swiftlet generate`; do not edit.\n"
        let parts = OperatorInstall(.chart).parts
        return [
            GeneratedFile("manifests/install.yaml", comment + yaml(OperatorInstall.manifest)),
            GeneratedFile(chart + "Chart.yaml", comment + yaml([ChartMetadata.chart])),
            GeneratedFile(chart + "values.yaml", ChartValues.text { yaml([$0]) }),
            GeneratedFile(
                chart + "values.schema.json", PrettyJSON.text(of: ChartValues.schema) + "\n"),
            GeneratedFile(chart + "files/alerts.yaml", comment + yaml([AlertRules.groups])),
            GeneratedFile(
                chart + "files/dashboard.json", PrettyJSON.text(of: Dashboard.json) + "\n"),
            GeneratedFile("docs/reference/chart-values.md", ChartValues.page),
            GeneratedFile("docs/reference/metrics.md", MetricsReference.page(metrics)),
            GeneratedFile("docs/reference/fields.md", FieldsReference.page),
            GeneratedFile("docs/reference/conditions.md", ReasonsReference.page),
        ]
            + CustomResourceDefinitions.all.map { definition in
                let plural = definition[path: ["spec", "names", "plural"]]?.string ?? ""
                return GeneratedFile(
                    chart + "files/crds/\(SwiftletNames.group)_\(plural).yaml",
                    comment + yaml([kept(definition)]))
            }
            + parts.map { part in
                GeneratedFile(
                    chart + "templates/\(part.name).yaml",
                    ChartTemplate.text(of: part, yaml: yaml))
            }
    }

    /// A definition that stays when the release is removed: with it every pool and task would go.
    private static func kept(_ definition: JSONValue) -> JSONValue {
        var result = definition
        result[path: ["metadata", "annotations", "helm.sh/resource-policy"]] = "keep"
        return result
    }
}
