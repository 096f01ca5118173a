import JMESPath
import KubernetesCore

/// What the expressions of a rule see while it is evaluated: the request, images, and the entries
/// of `context`, which are loaded when the first expression mentions them.
struct EvaluationContext {
    /// How much work the evaluation of one rule may be: steps of searches, elements looked at,
    /// bytes compared and written.
    static let stepsMax = 2_000_000
    /// What beginning a search costs.
    private static let searchSteps = 5
    /// What an element of a list costs, besides what is asked of it.
    static let elementSteps = 20
    /// The most bytes that the entries of a rule's context may hold together.
    static let loadedMax = 2 << 20

    private enum State {
        case waiting
        case loading
        case loaded
        case failed(EvaluationError)
    }

    private struct Waiting {
        let entry: ContextEntry
        var state: State
    }

    /// What a scope inside a rule may change and must leave as it was.
    private struct Frame {
        var root: JSONObject
        var entries: [Waiting] = []
        /// How many entries an expression may use: an entry sees only those before it.
        var visible = 0
        var images = State.waiting
    }

    let request: PolicyRequest
    let surroundings: PolicySurroundings
    /// Where the policy lives; empty for policies of the whole cluster.
    let policyNamespace: String
    /// Whether entries that nothing can load stay undefined, as they do offline.
    let isOffline: Bool
    private let environment: JMESPathEnvironment
    private var frame: Frame
    private var steps = EvaluationContext.stepsMax
    private var loadedBytes = 0

    /// A context for `request` with nothing in it but the request.
    init(
        _ request: PolicyRequest, _ surroundings: PolicySurroundings, policyNamespace: String,
        isOffline: Bool
    ) {
        self.request = request
        self.surroundings = surroundings
        self.policyNamespace = policyNamespace
        self.isOffline = isOffline
        environment = EvaluationContext.environment(surroundings)
        frame = Frame(root: RequestContext.root(for: request, isOffline: isOffline))
    }

    private static func environment(_ surroundings: PolicySurroundings) -> JMESPathEnvironment {
        var environment = JMESPathEnvironment(now: surroundings.now, seed: surroundings.seed)
        guard let parse = surroundings.parseYAML else { return environment }
        environment.parseYAML = { text throws(JMESPathError) in
            guard let value = parse(text) else {
                throw JMESPathError(.invalidValue, "parse_yaml: the text is no YAML")
            }
            return value
        }
        return environment
    }

    /// Whether the request is a deletion.
    var isDeletion: Bool { request.operation == .delete }

    /// The values that expressions see now.
    var root: JSONObject { frame.root }

    /// Sets the value that `name` stands for.
    mutating func set(_ name: String, _ value: JSONValue) { frame.root[name] = value }

    /// Sets the new object, after a mutation.
    mutating func setObject(_ object: JSONValue) {
        var request = frame.root["request"] ?? .object(JSONObject())
        request["object"] = object
        frame.root["request"] = request
    }

    /// Merges values by their dotted names, as offline evaluation supplies them.
    mutating func merge(_ values: [OfflineValues.Value]) {
        for value in values { frame.root = value.merged(into: frame.root) }
    }

    /// Declares entries behind those there are.
    mutating func declare(_ entries: [ContextEntry]) {
        frame.entries += entries.map { Waiting(entry: $0, state: .waiting) }
        frame.visible = frame.entries.count
    }

    /// Runs `body` in a scope: what it sets and declares is gone afterwards.
    mutating func scoped<Result, Failure: Error>(
        _ body: (inout EvaluationContext) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let saved = frame
        defer { frame = saved }
        return try body(&self)
    }

    /// Takes `count` steps of work.
    mutating func spend(_ count: Int) throws(EvaluationError) {
        steps -= min(count, steps)
        guard steps > 0 else {
            throw EvaluationError(
                .limit,
                "the rule takes more than \(EvaluationContext.stepsMax) steps for this object")
        }
    }

    /// What `query` selects.
    mutating func search(_ query: Query) throws(EvaluationError) -> JSONValue {
        try load(for: query.text)
        return try search(query, in: .object(frame.root))
    }

    /// What `query` selects from `value`, and nothing else.
    mutating func search(
        _ query: Query, in value: JSONValue
    ) throws(EvaluationError) -> JSONValue {
        try spend(EvaluationContext.searchSteps)
        do {
            return try query.expression.search(value, environment, steps: &steps)
        } catch {
            let kind: EvaluationError.Kind =
                switch error.code {
                case .notFound: .notFound
                case .limit: .limit
                default: .failed
                }
            throw EvaluationError(kind, "{{ \(query.text) }}: \(error)")
        }
    }

    private mutating func load(for text: String) throws(EvaluationError) {
        try loadImages(for: text)
        for index in 0..<frame.visible {
            switch frame.entries[index].state {
            case .loaded, .loading: continue
            case .failed(let error):
                if Mention.of(frame.entries[index].entry.name, in: text) { throw error }
            case .waiting:
                guard Mention.of(frame.entries[index].entry.name, in: text) else { continue }
                try load(index)
            }
        }
    }

    private mutating func loadImages(for text: String) throws(EvaluationError) {
        switch frame.images {
        case .loaded, .loading: return
        case .failed(let error):
            if Mention.of("images", in: text) { throw error }
        case .waiting:
            guard Mention.of("images", in: text) else { return }
            do {
                let object = isDeletion ? request.oldObject : request.object
                if let images = try ContainerImages.json(of: object, kind: request.type.kind) {
                    frame.root["images"] = images
                }
                frame.images = .loaded
            } catch {
                frame.images = .failed(error)
                throw error
            }
        }
    }

    private mutating func load(_ index: Int) throws(EvaluationError) {
        let entry = frame.entries[index].entry
        let visible = frame.visible
        frame.entries[index].state = .loading
        frame.visible = index
        defer { frame.visible = visible }
        do throws(EvaluationError) {
            if let value = try entry.load(in: &self) {
                loadedBytes += JSONSize.of(value)
                guard loadedBytes <= EvaluationContext.loadedMax else {
                    throw EvaluationError(
                        .limit,
                        "the context of the rule holds more than \(EvaluationContext.loadedMax) "
                            + "bytes")
                }
                frame.root[entry.name] = value
            }
            frame.entries[index].state = .loaded
        } catch {
            // Offline, a value that was supplied stands for what cannot be computed.
            if isOffline, frame.root[entry.name] != nil {
                frame.entries[index].state = .loaded
                return
            }
            frame.entries[index].state = .failed(error)
            throw error
        }
    }
}
