import ArgumentParser
import KubernetesClient
import KubernetesCore
import ModelContextProtocol
import SwiftletAPI

/// `swiftlet approve task/x`: answers what a running task asks to be allowed.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Answer what a running task asks to be allowed.",
        discussion: """
            Without a key, everything that the task waits for is answered. What it asks for is \
            shown by swiftlet approve --list task/NAME.
            """)

    @Argument(help: "The task, as task/NAME.") var task: TaskReference
    @Argument(help: "The key of one request; without it, all that are open.") var key: String?
    @Flag(help: "Say no instead of yes.") var deny = false
    @Flag(help: "Only show what the task asks for.") var list = false
    @OptionGroup var cluster: ClusterOptions

    func run() async throws {
        let client = try cluster.client()
        let task: BackgroundTask = try await client.get(
            Key(namespace: client.configuration.namespace, name: self.task.name))
        let open = TaskPermission.open(on: task).filter { key == nil || $0.key == key }
        guard !open.isEmpty else {
            throw CommandFailure(
                key.map { "task/\(self.task.name) asks for nothing with the key \($0)" }
                    ?? "task/\(self.task.name) asks for nothing")
        }
        guard !list else {
            for permission in open { Terminal.say(Self.line(permission)) }
            return
        }
        let answer: TaskPermission.Answer = deny ? .deny : .allow
        let annotations = Dictionary(
            uniqueKeysWithValues: open.map {
                (TaskPermission.answered + $0.key, answer.rawValue)
            })
        _ = try await client.patch(
            task.reference,
            [
                "metadata": [
                    "uid": .string(task.metadata.uid.text), "annotations": .strings(annotations),
                ]
            ])
        for permission in open { Terminal.say("\(answer.rawValue) \(Self.line(permission))") }
    }

    /// One request on one line: what a task says is foreign text.
    private static func line(_ permission: TaskPermission) -> String {
        let text = "\(permission.key)  \(permission.request.action)  \(permission.request.reason)"
        return String(
            text.unicodeScalars.map { scalar in
                scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                    ? " " : Character(scalar)
            })
    }
}
