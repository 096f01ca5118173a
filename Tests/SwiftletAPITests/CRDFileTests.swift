import FoundationEssentials
import KubernetesCore
import SwiftletAPI
import Testing
import YAMLReading

/// `crds/` is written from the schemas beside the Swift types. `SWIFTLET_UPDATE=1 swift test
/// --filter CRDFileTests` writes it anew.
@Suite struct CRDFileTests {
    private static let folder: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/") + "/crds"
    }()

    private static func path(of definition: JSONValue) -> String {
        let group = definition[path: ["spec", "group"]]?.string ?? ""
        let plural = definition[path: ["spec", "names", "plural"]]?.string ?? ""
        return "\(folder)/\(group)_\(plural).yaml"
    }

    @Test(arguments: CustomResourceDefinitions.all.indices)
    func `the file of a definition says what the schema values say`(
        index: Int
    ) throws {
        let definition = CustomResourceDefinitions.all[index]
        let path = Self.path(of: definition)
        let text = YAMLText.write([definition])
        if ProcessInfo.processInfo.environment["SWIFTLET_UPDATE"] == "1" {
            try FileManager.default.createDirectory(
                atPath: Self.folder, withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOfFile: path, encoding: .utf8)
        #expect(
            written == text,
            "\(path) differs: SWIFTLET_UPDATE=1 swift test --filter CRDFileTests"
        )
        #expect(try YAMLText.read(written) == [definition])
    }

    @Test func `there is a file for each definition and none besides`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder).sorted()
        let wanted = CustomResourceDefinitions.all.map { Self.path(of: $0) }.sorted()
        #expect(files.map { Self.folder + "/" + $0 } == wanted)
    }
}
