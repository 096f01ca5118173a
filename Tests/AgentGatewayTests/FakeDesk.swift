import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

@testable import AgentGateway

/// An API server's tasks and roles, in memory: what the gateway writes is in the cache at once, or
/// only when the test lets it.
actor FakeDesk: TaskDesk, AccessReviewing {
    private let world: FakeWorld
    private var stored: [Key<BackgroundTask>: BackgroundTask] = [:]
    /// Who may do what where, as in `system:serviceaccount:shop:builder create shop`.
    private var grants: Set<String> = []
    private var logs: [UID: String] = [:]
    private var holdsCacheBack = false
    private var answersNext: TaskDeskAnswer?
    private var isDown = false
    private(set) var creates = 0
    private(set) var annotated = 0
    private(set) var cancels: [String] = []
    private(set) var questions: [AccessQuestion] = []

    static let builder = "header.shop:builder.signature"
    static let other = "header.shop:other.signature"
    static let stranger = "header.far:stranger.signature"
    static let person = "header.jane.signature"

    init(world: FakeWorld) {
        self.world = world
        for user in ["builder", "other"] {
            for verb in ["create", "get", "list", "patch"] {
                grants.insert("system:serviceaccount:shop:\(user) \(verb) shop")
            }
        }
        grants.insert("jane get shop")
    }

    func grant(_ line: String) { grants.insert(line) }
    func revoke(_ line: String) { grants.remove(line) }
    func holdCacheBack(_ holds: Bool) { holdsCacheBack = holds }
    func answerNext(_ answer: TaskDeskAnswer) { answersNext = answer }
    func goDown(_ isDown: Bool) { self.isDown = isDown }
    func write(_ log: String, by agent: UID) { logs[agent] = log }

    /// Changes a task as the operator does, and lets the cache see it.
    @discardableResult
    func change(
        _ name: String, _ edit: @Sendable (inout BackgroundTask) -> Void
    ) async -> Change<BackgroundTask>? {
        let key = Key<BackgroundTask>(namespace: "shop", name: name)
        guard var task = stored[key] else { return nil }
        edit(&task)
        stored[key] = task
        return await world.put(task)
    }

    /// Puts a task there, and into the cache.
    func store(_ task: BackgroundTask) async {
        stored[task.key] = task
        await world.put(task)
    }

    func names() -> [String] { stored.keys.map(\.name).sorted() }

    // MARK: - What the gateway asks

    func allows(
        _ caller: CallerIdentity, _ question: AccessQuestion
    ) throws(AccessReviewFailure) -> Bool {
        if isDown { throw AccessReviewFailure("the API server is away") }
        questions.append(question)
        return question.type == .backgroundTask
            && grants.contains("\(caller.user) \(question.verb) \(question.namespace)")
    }

    func create(_ task: JSONValue) async -> TaskDeskAnswer {
        if let answer = answersNext {
            answersNext = nil
            return answer
        }
        guard let document = try? JSONDocument(parsing: task.encoded()),
            var made = try? BackgroundTask(reading: document.root)
        else { return .refused("it is no task") }
        guard stored[made.key] == nil else { return .exists }
        creates += 1
        made.metadata.uid = UID("uid-\(creates)")
        made.metadata.creationTime = Timestamp(seconds: 1_000)
        stored[made.key] = made
        if !holdsCacheBack { await world.put(made) }
        return .stored
    }

    func cancel(_ task: ObjectRef) async -> TaskDeskAnswer {
        cancels.append(task.name)
        await change(task.name) { $0.spec.state = .cancelled }
        return .stored
    }

    func annotate(
        _ task: ObjectRef, _ annotations: [String: String]
    ) async -> TaskDeskAnswer {
        if let answer = answersNext {
            answersNext = nil
            return answer
        }
        annotated += 1
        let change = await change(task.name) {
            $0.metadata.annotations.merge(annotations) { $1 }
        }
        return change == nil ? .gone : .stored
    }

    func read(_ key: Key<BackgroundTask>) throws(APIError) -> BackgroundTask? {
        if isDown {
            throw APIError(.unreachable, RequestSummary(.get, "/apis/swiftlet.dev"))
        }
        return stored[key]
    }

    func log(
        of agent: BackgroundTaskStatus.Agent, in namespace: String
    ) throws(APIError) -> String? {
        logs[agent.uid]
    }
}
