import ControlLoop
import KubernetesCore

/// What an informer is told.
enum InformerInput: Sendable {
    case begin
    case timer
    /// The answer to the open question: the body of a success, or why there is none.
    case answered(Result<[UInt8], APIError>)
    /// Bytes of the open watch.
    case bytes([UInt8])
    /// The open watch has ended: cleanly where there is no error.
    case ended(APIError?)
}

/// What one input of an informer led to.
struct InformerStep: Sendable {
    /// What to ask the server next.
    var question: APIRequest?
    /// Whether the open question is to be dropped.
    var abandons = false
    /// When to look at the clock.
    var wakeAt: Instant?
    /// What changed in the picture.
    var changes: [AnyChange] = []
    /// Whether the picture was told anything, changes or not.
    var told = false
}

/// The shell around a watch machine, whatever its kind.
protocol InformerShelling: Sendable {
    /// The kind.
    var kind: any ClusterObject.Type { get }
    /// Takes one input; what it brings is put into `view`.
    mutating func handle(
        _ input: InformerInput, at now: Instant, into view: inout ClusterView
    ) -> InformerStep
}

/// Does in virtual time what `Informer` does: asks what its `WatchMachine` wants asked, and gives
/// it the answers.
struct InformerShell<Object: KubeObject>: InformerShelling {
    private var machine: WatchMachine<Object>
    private let selection: Selection
    private let defects: Defects
    private var decoder: WatchDecoder<Object>?
    private var question: RequestSummary?

    init(selection: Selection, limits: WatchLimits, seed: UInt64, defects: Defects) {
        self.selection = selection
        self.defects = defects
        machine = WatchMachine(
            limits: limits, seed: SeededGenerator.hash(Object.type.plural, seed: seed))
    }

    var kind: any ClusterObject.Type { Object.self }

    mutating func handle(
        _ input: InformerInput, at now: Instant, into view: inout ClusterView
    ) -> InformerStep {
        switch input {
        case .begin: return feed([.begin], now, &view)
        case .timer: return feed([.timer], now, &view)
        case .answered(.success(let body)):
            // Only lists are answered with a body; a watch that opens has a decoder.
            guard decoder == nil else { return InformerStep() }
            do throws(JSONError) {
                return feed([.page(try ListPage<Object>(parsing: body))], now, &view)
            } catch {
                let summary = question ?? RequestSummary(.list, Object.type.plural)
                return feed([.closed(APIError(summary, undecodable: error))], now, &view)
            }
        case .answered(.failure(let error)):
            if defects.contains(.emptyListOnError) {
                return empty(error, now, &view)
            }
            return feed([.closed(error)], now, &view)
        case .bytes(let bytes):
            guard var decoder else { return InformerStep() }
            let events = decoder.append(bytes)
            self.decoder = decoder
            return feed(events.map { .event(transformed($0)) }, now, &view)
        case .ended(let error):
            guard var decoder else { return InformerStep() }
            let rest = decoder.finish()
            self.decoder = nil
            var step = feed(rest.map { .event($0) }, now, &view)
            guard !step.abandons else { return step }
            let end = feed([.closed(error)], now, &view)
            step.question = end.question
            step.wakeAt = end.wakeAt ?? step.wakeAt
            step.changes += end.changes
            return step
        }
    }

    private mutating func feed(
        _ inputs: [WatchMachine<Object>.Input], _ now: Instant, _ view: inout ClusterView
    ) -> InformerStep {
        var step = InformerStep()
        for input in inputs {
            for command in machine.handle(input, at: now) {
                switch command {
                case .list(let query):
                    decoder = nil
                    ask(.list(Object.type, in: selection, query), &step)
                case .watch(let query):
                    let request = APIRequest.watch(Object.type, in: selection, query)
                    decoder = WatchDecoder(of: request.summary)
                    ask(request, &step)
                case .abandon:
                    step.abandons = true
                    decoder = nil
                case .wake(let at): step.wakeAt = at
                case .deliver(let delta):
                    step.told = true
                    step.changes += view.apply(delta).map(AnyChange.init)
                case .report, .complain: break
                }
            }
            if step.abandons { break }
        }
        return step
    }

    private mutating func ask(_ request: APIRequest, _ step: inout InformerStep) {
        question = request.summary
        step.question = request
    }

    // MARK: - Deliberate defects

    private mutating func empty(
        _ error: APIError, _ now: Instant, _ view: inout ClusterView
    ) -> InformerStep {
        var changes = view.apply(Delta<Object>.replace([], at: view.version(of: Object.type)))
            .map(AnyChange.init)
        var step = feed([.closed(error)], now, &view)
        changes += step.changes
        step.changes = changes
        step.told = true
        return step
    }

    private func transformed(_ event: WatchEvent<Object>) -> WatchEvent<Object> {
        guard defects.contains(.ownershipByLabel) else { return event }
        switch event {
        case .added(let object): return .added(Defects.adopted(object))
        case .modified(let object): return .modified(Defects.adopted(object))
        default: return event
        }
    }
}
