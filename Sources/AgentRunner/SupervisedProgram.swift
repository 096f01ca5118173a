import AgentProtocol
import KubernetesCore

/// What a supervisor starts, as the runner sends it.
///
/// It comes over a pipe and not as arguments or variables: arguments can be read by everybody on
/// the machine, and a task's variables must not change how the supervisor itself runs.
struct SupervisedProgram: Hashable, Sendable {
    /// The variable by which the processes of an attempt are found again, wherever they went.
    static let markerVariable = "SWIFTLET_SUPERVISOR"

    /// The program's file.
    var program: String
    /// Its arguments, the first one being its name.
    var argv: [String]
    /// Its variables, `NAME=value` each, without the marker.
    var environment: [String]
    /// Where it runs.
    var directory: String
    /// The value of the marker variable, which no other attempt has.
    var marker: String
    /// How much it and what it starts may take.
    var limits = AttemptLimits()
    /// The control group that it is to be in; nil for none of its own.
    var group: AttemptGroup?

    /// The marker as it stands among the variables of a process.
    var markerEntry: String { Self.markerVariable + "=" + marker }

    /// All variables that the program is started with.
    var allVariables: [String] {
        environment.filter { !$0.hasPrefix(Self.markerVariable + "=") } + [markerEntry]
    }

    /// The bytes to send.
    var encoded: [UInt8] {
        let json: JSONValue = [
            "program": .string(program), "argv": .array(argv.map { .string($0) }),
            "environment": .array(environment.map { .string($0) }),
            "directory": .string(directory), "marker": .string(marker),
            "limits": [
                "memory": limits.memoryBytes.map(JSONValue.int) ?? .null,
                "storage": limits.storageBytes.map(JSONValue.int) ?? .null,
                "openFiles": .int(limits.openFiles), "processes": .int(limits.processes),
                "tasks": .int(limits.tasks),
            ],
            "group": group?.json ?? .null,
        ]
        return json.encoded()
    }
}

extension SupervisedProgram {
    /// Reads what was sent; `nil` where it is not whole.
    init?(reading bytes: [UInt8]) {
        guard let json = try? JSONValue(parsing: bytes), let program = json["program"]?.string,
            let argv = json["argv"]?.array, let environment = json["environment"]?.array,
            let directory = json["directory"]?.string, let marker = json["marker"]?.string,
            let limits = json["limits"], let openFiles = limits["openFiles"]?.integer,
            let processes = limits["processes"]?.integer, let tasks = limits["tasks"]?.integer,
            let group = json["group"]
        else { return nil }
        self.init(
            program: program, argv: argv.compactMap(\.string),
            environment: environment.compactMap(\.string), directory: directory, marker: marker,
            limits: AttemptLimits(
                memoryBytes: limits["memory"]?.integer.map(Int.init),
                storageBytes: limits["storage"]?.integer.map(Int.init),
                openFiles: Int(openFiles), processes: Int(processes), tasks: Int(tasks)),
            group: AttemptGroup(group))
    }
}
