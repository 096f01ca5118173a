import Foundation
import KubernetesCore
import PolicyEngine
import YAMLReading

/// The policies that we recommend for agent pods, in `policies/`, and their tests.
enum AgentPolicyFolder {
    static let root: URL = {
        var folder = URL(filePath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder
    }()

    static let folder = root.appendingPathComponent("policies")

    /// The pools of the samples.
    static let samples = root.appendingPathComponent("manifests/samples/00-pools.yaml")

    static let forms = ["cluster-policies", "validating-policies"]

    /// The names of the files of a folder, without their endings.
    static func names(_ form: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: folder.appendingPathComponent(form).path
        ).map { $0.replacing(".yaml", with: "") }.sorted()
    }

    static func documents(_ file: URL) throws -> [JSONValue] {
        try YAMLText.read(try String(contentsOf: file, encoding: .utf8))
    }

    /// The policies in one form.
    static func policies(_ form: String) throws -> [PolicyDocument] {
        try names(form).flatMap { name in
            let path = "\(form)/\(name).yaml"
            return try documents(folder.appendingPathComponent(path)).map {
                PolicyDocument(source: path, object: $0)
            }
        }
    }

    /// A `kyverno-test.yaml` with everything that it names.
    struct Case {
        let path: String
        let policies: [PolicyDocument]
        let resources: OfflineResources
        let values: OfflineValues
        let cluster: OfflineCluster
        let test: PolicyTest

        func judgements(at now: Timestamp) -> [OfflineEvaluation.Judgement] {
            OfflineEvaluation(policies: policies, values: values, cluster: cluster)
                .judge(resources, at: now)
        }
    }

    static func cases() throws -> [Case] {
        let tests = folder.appendingPathComponent("tests")
        let found = FileManager.default.enumerator(atPath: tests.path)
        let paths = (found?.compactMap { $0 as? String } ?? []).filter {
            $0.hasSuffix("/kyverno-test.yaml")
        }
        return try paths.sorted().map { try read(tests.appendingPathComponent($0)) }
    }

    private static func read(_ file: URL) throws -> Case {
        let base = file.deletingLastPathComponent()
        let test = try PolicyTest(
            reading: try documents(file).first ?? .null, source: file.path)
        func named(_ paths: [String]) throws -> [(String, JSONValue)] {
            try paths.flatMap { path in
                try documents(base.appendingPathComponent(path).standardizedFileURL)
                    .map { (path, $0) }
            }
        }
        var cluster = OfflineCluster()
        for (path, document) in try named([test.contextFile].compactMap(\.self)) {
            try cluster.read(document, source: path)
        }
        let topic = base.deletingLastPathComponent().lastPathComponent
        return Case(
            path: "\(topic)/\(base.lastPathComponent)",
            policies: try named(test.policies).map {
                PolicyDocument(source: $0.0, object: $0.1)
            }, resources: OfflineResources(try named(test.resources).map(\.1)),
            values: try named([test.valuesFile].compactMap(\.self)).first.map {
                try OfflineValues(reading: $0.1, source: $0.0)
            } ?? OfflineValues(), cluster: cluster, test: test)
    }
}
