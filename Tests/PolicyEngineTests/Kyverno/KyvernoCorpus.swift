import Foundation
import KubernetesCore
import PolicyEngine
import YAMLReading

/// Kyverno's public policies with their expected results, in `../shared/kyverno`.
enum KyvernoCorpus {
    /// The folder next to the package, where it exists.
    static let folder: URL? = {
        let url = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("shared/kyverno")
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }()

    /// A policy, what it is held against and what is expected.
    struct Case {
        let name: String
        let policies: [PolicyDocument]
        let resources: OfflineResources
        let values: OfflineValues
        let cluster: OfflineCluster
        let expected: [Expectation]
    }

    /// One expected result.
    struct Expectation {
        let policy: String
        let rule: String?
        let document: Int
        let resource: String
        let result: String
        /// Whether the policy is one of expressions alone.
        let isExpressionPolicy: Bool
    }

    /// The cases in the order of their names.
    static func cases() throws -> [Case] {
        guard let folder, let found = FileManager.default.enumerator(atPath: folder.path) else {
            return []
        }
        let paths = found.compactMap { $0 as? String }.filter { $0.hasSuffix("/expected.json") }
        return try paths.sorted().map { try read(String($0.dropLast("/expected.json".count))) }
    }

    private static func read(_ name: String) throws -> Case {
        let base = (folder ?? URL(filePath: "/")).appendingPathComponent(name)
        func documents(_ file: String) throws -> [JSONValue] {
            let url = base.appendingPathComponent(file)
            guard FileManager.default.fileExists(atPath: url.path) else { return [] }
            return try YAMLText.read(
                String(contentsOf: url, encoding: .utf8), rules: .kubernetes)
        }
        var cluster = OfflineCluster()
        for document in try documents("context.yaml") {
            try cluster.read(document, source: name + "/context.yaml")
        }
        let rows = try documents("expected.json").first?.array ?? []
        return Case(
            name: name,
            policies: try documents("policy.yaml").map {
                PolicyDocument(source: name + "/policy.yaml", object: $0)
            },
            resources: OfflineResources(try documents("resources.yaml")),
            values: try documents("values.yaml").first.map {
                try OfflineValues(reading: $0, source: name + "/values.yaml")
            } ?? OfflineValues(), cluster: cluster,
            expected: rows.map { row in
                Expectation(
                    policy: row["policy"]?.string ?? "", rule: row["rule"]?.string,
                    document: Int(row["resourceDoc"]?.integer ?? -1),
                    resource:
                        "\(row["kind"]?.string ?? "")/\(row["namespace"]?.string ?? "")/"
                        + (row["name"]?.string ?? ""),
                    result: row["result"]?.string ?? "",
                    isExpressionPolicy: row["policyKind"]?.string == "ValidatingPolicy")
            })
    }
}
