import ArgumentParser
import FoundationEssentials
import Installation
import KubernetesCore
import KubernetesRuntime
import Reconcilers
import SwiftletAPI
import YAMLReading

/// `swiftlet generate`: writes what is derived from the sources.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write crds/, manifests/, the chart and reference pages from their sources.")

    @Option(help: "The repository's root folder.") var root = "."

    func run() async throws {
        guard FileManager.default.fileExists(atPath: root + "/Package.swift") else {
            throw ValidationError("\(root) is not the repository's root: it has no Package.swift.")
        }
        try FileManager.default.createDirectory(
            atPath: root + "/crds", withIntermediateDirectories: true)
        for definition in CustomResourceDefinitions.all {
            let spec = definition["spec"]
            let group = spec?["group"]?.string ?? ""
            let plural = spec?["names"]?["plural"]?.string ?? ""
            try write("crds/\(group)_\(plural).yaml", YAMLText.write([definition]))
        }
        let objects = OperatorRBAC.objects(namespace: InstallForm.namespace)
        try write("manifests/rbac.yaml", YAMLText.write(objects))
        let registry = MetricsRegistry()
        _ = RuntimeMetrics(registry)
        _ = ProcessMetrics(registry)
        registry.declare(ProductMetrics.all)
        for file in GeneratedFile.all(metrics: registry.declared, yaml: YAMLText.write) {
            try write(file.path, file.text)
        }
        let folder = try LocalSession.programFolder()
        try write(
            "docs/reference/options.md",
            await OptionsPage.text(operatorPath: folder + "/swiftlet-operator"))
    }

    private func write(_ path: String, _ text: String) throws {
        let place = URL(filePath: root + "/" + path)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: place)
        Terminal.say("wrote \(path)")
    }
}
