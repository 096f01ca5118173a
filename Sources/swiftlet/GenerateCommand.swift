import ArgumentParser
import FoundationEssentials
import KubernetesCore
import Reconcilers
import SwiftletAPI
import YAMLReading

/// `swiftlet generate`: writes what is derived from the sources.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write crds/ and manifests/rbac.yaml from the sources they describe.")

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
            let path = "crds/\(group)_\(plural).yaml"
            try Data(YAMLText.write([definition]).utf8)
                .write(to: URL(filePath: root + "/" + path))
            Terminal.say("wrote \(path)")
        }
        let rights = "manifests/rbac.yaml"
        let objects = OperatorRBAC.objects(namespace: "swiftlet-system")
        try Data(YAMLText.write(objects).utf8).write(to: URL(filePath: root + "/" + rights))
        Terminal.say("wrote \(rights)")
    }
}
