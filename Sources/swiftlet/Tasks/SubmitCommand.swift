import ArgumentParser
import Console
import FoundationEssentials
import KubernetesClient
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// `swiftlet submit`: a task by options instead of YAML.
struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Submit a task.",
        discussion: """
            With --name a submission can be repeated: where the task is there already and asks for \
            the same, nothing happens. With --wait the command ends with 0 only if the task \
            succeeded. The trace of the variable TRACEPARENT is handed on to the task.

            swiftlet submit --pool qa --name nightly --wait -- sh -c 'make check'
            """)

    @Option(help: "The task's name; without it, one is made from the command.") var name: String?
    @Option(help: "The pool, as NAME or NAMESPACE/NAME; without it, the task is routed.")
    var pool: String?
    @Option(help: "The type of work.") var type: String?
    @Option(help: "From -1000 to 1000; higher goes first.") var priority: Int?
    @Option(name: [.customShort("e"), .long], help: "A variable, as NAME=VALUE. Repeatable.")
    var env: [String] = []
    @Option(help: "The input: JSON, or @FILE with JSON in it.") var input: String?
    @Option(help: "A task that comes first, as NAME or NAME:failed. Repeatable.")
    var after: [String] = []
    @Option(help: "Seconds that an attempt may take.") var timeoutSeconds: Int?
    @Option(help: "How often it is tried again.") var maxRetries: Int?
    @Option(help: "Cut it into so many parts that run side by side.") var shards: Int?
    @Option(help: "Seconds after its end at which it is deleted.") var ttl: Int?
    @Option(help: "An annotation, as NAME=VALUE. Repeatable.") var annotation: [String] = []
    @OptionGroup var cluster: ClusterOptions
    @Flag(help: "Wait until it has ended, and show how far it is.") var wait = false
    @Option(help: "How long to wait, in seconds.") var waitTimeout = 86_400
    @Flag(help: "Show the object instead of submitting it.") var dryRun = false
    @Flag(name: [.short, .long], help: "Print nothing but the task's name.") var quiet = false
    @Argument(help: "The program and its arguments, behind --.") var command: [String]

    func validate() throws {
        guard waitTimeout > 0 else {
            throw ValidationError("--wait-timeout must be a number above 0.")
        }
        if let name, let problem = NameRules.dnsSubdomainErrors(name).first {
            throw ValidationError("--name \(name): \(problem)")
        }
    }

    func run() async throws {
        var submission = Submission()
        submission.name = name
        submission.pool = pool
        submission.type = type
        submission.priority = priority
        submission.command = command
        submission.variables = env
        submission.input = try input.map(Self.text)
        submission.after = after
        submission.timeoutSeconds = timeoutSeconds
        submission.maxRetries = maxRetries
        submission.shards = shards
        submission.retentionSeconds = ttl
        submission.annotations = annotation
        submission.trace = ProcessEnvironment.current["TRACEPARENT"]
        let client = try cluster.client()
        let object = try submission.object(
            in: client.configuration.namespace, suffix: Self.suffix())
        if dryRun { return Terminal.say(object.text) }
        let task = try await submit(object, with: client)
        guard wait else { return }
        let ended = try await TaskWait(
            client: client, key: task.key, uid: task.metadata.uid, limit: .seconds(waitTimeout)
        ).run()
        if let result = ended.status.result, !quiet { Terminal.say(result.text) }
        guard ended.status.phase == .succeeded else { throw ExitCode.failure }
    }

    /// Creates the object, or finds that it is there already.
    private func submit(
        _ object: JSONValue, with client: KubernetesClient
    ) async throws -> BackgroundTask {
        let name = object[path: ["metadata", "name"]]?.string ?? ""
        let key = Key<BackgroundTask>(namespace: client.configuration.namespace, name: name)
        var news = "submitted"
        do throws(APIError) {
            _ = try await client.create(object, of: .backgroundTask)
        } catch {
            guard error.code == .alreadyExists else { throw error }
            let existing = try await client.value(
                .get(ObjectRef(type: .backgroundTask, namespace: key.namespace, name: name)))
            guard Submission.isTheSame(object, as: existing) else {
                throw CommandFailure(
                    "task/\(name) is there already and asks for something else; "
                        + "take another name, or see: swiftlet get task/\(name) -o yaml")
            }
            news = "was submitted before"
        }
        let task: BackgroundTask = try await client.get(key)
        guard !quiet else {
            Terminal.say(name)
            return task
        }
        Terminal.say("task/\(name) \(news)")
        if !task.isFinished { Terminal.say(await outlook(of: task, with: client)) }
        return task
    }

    /// What waits before it. It is submitted: that its pool cannot be read is said, and no failure.
    private func outlook(of task: BackgroundTask, with client: KubernetesClient) async -> String {
        guard let key = task.poolKey else { return TaskNews.outlook(nil, of: task) }
        do throws(APIError) {
            return TaskNews.outlook(try await client.get(key), of: task)
        } catch {
            return TaskNews.outlook(of: task, unless: error)
        }
    }

    private static let inputBytesMax = 1 << 20

    private static func text(_ given: String) throws -> String {
        guard given.hasPrefix("@") else { return given }
        let path = String(given.dropFirst())
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("--input \(given): the file cannot be read")
        }
        guard data.count <= inputBytesMax else {
            throw CommandFailure("--input \(given): the file has more than \(inputBytesMax) bytes")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Five letters that nobody else has at the moment.
    private static func suffix() -> String {
        let letters = Array("bcdfghjklmnpqrstvwxz2456789")
        return String((0..<5).compactMap { _ in letters.randomElement() })
    }
}
