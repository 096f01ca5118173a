import ArgumentParser
import CEL
import FoundationEssentials
import KubernetesCore

/// `swiftlet eval cel`: `{"expr": "x + 1", "bindings": {"x": {"int": "1"}}}` a line.
struct EvalCELCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cel",
        abstract: "Evaluate CEL: {\"expr\": \"x > 1\", \"bindings\": {…}, \"container\": \"a.b\"}.",
        discussion: """
            Texts, truth values, null and lists stand for themselves. Other values are tagged: \
            {"int": "1"}, {"uint": "1"}, {"double": "1.5"}, {"bytes": "<base64>"}, \
            {"map": [[key, value], …]}, {"type": "int"}, {"timestamp": "…"}, {"duration": "1s"}.
            """)

    func run() throws {
        let zones = CELZones(Self.zone)
        try LineFilter { line in
            do throws(JSONError) {
                let request = try JSONValue(parsing: line, limits: LineFilter.limits)
                return CELLine.evaluate(request, zones: zones)
            } catch {
                return ["error": .string("the line is no JSON: \(error.description)")]
            }
        }.run()
    }

    /// The rules of a time zone of the machine. A name leads nowhere but into their folder.
    private static func zone(_ name: String) -> [UInt8]? {
        let isPlain = name.utf8.allSatisfy { byte in
            (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
                || "_+-/".utf8.contains(byte)
        }
        guard isPlain, (1...64).contains(name.utf8.count), !name.hasPrefix("/") else { return nil }
        // What cannot be read is no zone: the expression fails and names it.
        let url = URL(filePath: "/usr/share/zoneinfo/\(name)")
        return (try? Data(contentsOf: url)).map(Array.init)
    }
}
