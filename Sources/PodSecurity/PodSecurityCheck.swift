import KubernetesCore

/// One control of the standards with what it demands in which version.
struct PodSecurityCheck: Sendable {
    /// What is wrong with a pod; nothing where it is as it should be.
    typealias Judge = @Sendable (PodSecuritySubject) -> PodSecurityFinding?

    /// What the control demands from a version on.
    struct Revision: Sendable {
        let since: PodSecurityVersion
        let judge: Judge
    }

    let id: String
    let level: PodSecurityLevel
    /// The baseline control that this one says more strictly.
    let overrides: String?
    /// In ascending order of versions; never empty.
    let revisions: [Revision]

    init(
        _ id: String, _ level: PodSecurityLevel, overrides: String? = nil,
        _ revisions: [(minor: Int, judge: Judge)]
    ) {
        precondition(!revisions.isEmpty, "a control without a revision demands nothing")
        self.id = id
        self.level = level
        self.overrides = overrides
        self.revisions = revisions.map {
            Revision(since: PodSecurityVersion(minor: $0.minor), judge: $0.judge)
        }
    }

    /// What the control demands in `version`; nil where it is younger.
    func revision(in version: PodSecurityVersion) -> Revision? {
        revisions.last { $0.since <= version }
    }
}

/// What a control finds wrong with a pod.
struct PodSecurityFinding {
    let reason: String
    let detail: String
    var fields: [FieldError] = []
}

/// Who breaks a control, as messages name them, and with which fields.
struct PodSecurityOffenders {
    private(set) var names: [String] = []
    private(set) var fields: [FieldError] = []

    var isEmpty: Bool { names.isEmpty }

    mutating func add(_ name: String, _ fields: [FieldError]) {
        names.append(name)
        self.fields += fields
    }

    /// Adds containers as one offender: `containers "a", "b"`.
    mutating func add(containers: PodSecurityOffenders) {
        guard !containers.isEmpty else { return }
        add(containers.asContainers, containers.fields)
    }

    /// The names as containers.
    var asContainers: String { PodSecurityWords.count("container", names) }
}

/// Words of messages.
enum PodSecurityWords {
    /// The noun in the number of the names, and the names in quotes.
    static func count(_ noun: String, _ names: [String]) -> String {
        "\(plural(noun, names.count)) \(quoted(names))"
    }

    static func plural(_ noun: String, _ count: Int) -> String { count == 1 ? noun : noun + "s" }

    /// `uses` of one, `use` of more.
    static func uses(_ count: Int) -> String { count == 1 ? "uses" : "use" }

    static func quoted(_ names: some Sequence<String>) -> String {
        names.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}

extension FieldError {
    /// A value that a control forbids.
    static func badValue(_ path: FieldPath, _ value: JSONValue? = nil) -> FieldError {
        FieldError(.forbidden, path: path.description, badValue: value, detail: "")
    }
}
