import KubernetesCore
import SwiftletAPI
import Testing

/// What schemas cannot refuse.
@Suite struct ValidationTests {
    @Test(arguments: [
        "* * * * *", "*/5 0-6 1,15 JAN-MAR mon", "@daily", "  0 8 * * 1-5  ", "0 0 31 12 7",
        "5/10 * * * *", "0 0 ? * *",
    ])
    func `a cron expression is one`(text: String) {
        #expect(CronText.fault(in: text) == nil)
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
        "* * * * 8", "*/0 * * * *", "5-1 * * * *", "@often", "a * * * *", "1,,2 * * * *",
        "-1 * * * *", "99999999999999999999 * * * *", "*/x * * * *",
    ])
    func `a text that is no cron expression is said to be none`(text: String) {
        #expect(CronText.fault(in: text) != nil)
    }

    @Test(arguments: [
        (#"{"spec":{"hostNetwork":true}}"#, "hostNetwork"),
        (#"{"spec":{"volumes":[{"name":"v","hostPath":{"path":"/"}}]}}"#, "hostPath"),
        (#"{"spec":{"volumes":[{"name":"swiftlet-bin","emptyDir":{}}]}}"#, "volumes[0].name"),
        (#"{"spec":{"securityContext":{"runAsUser":0}}}"#, "runAsUser"),
        (
            #"{"spec":{"initContainers":[{"securityContext":{"privileged":true}}]}}"#,
            "initContainers[0].securityContext.privileged"
        ),
        (
            #"{"spec":{"initContainers":[{"securityContext":{"capabilities":{"add":["X"]}}}]}}"#,
            "capabilities.add"
        ),
        (#"{"metadata":{"labels":{"-":"x"}}}"#, "labels[-]"),
    ])
    func `a template that would let an agent out of its bounds is refused`(
        part: String, field: String
    ) throws {
        var template = try JSONValue(parsing: part)
        template[path: ["spec", "containers"]] = [["name": "agent", "image": "i"]]
        let faults = BackgroundAgentPoolSpec(template: template).faults
        #expect(faults.contains { $0.field.contains(field) }, "\(faults)")
    }

    @Test func `a template's first container has a command where it has arguments`() {
        let spec = BackgroundAgentPoolSpec(
            template: ["spec": ["containers": [["name": "a", "image": "i", "args": ["x"]]]]])
        #expect(spec.faults.first?.field == "spec.template.spec.containers[0].args")
    }

    @Test func `what a task's schema cannot say is found`() {
        var spec = BackgroundTaskSpec()
        spec.command = ["", "a\u{0}b"]
        spec.env = [
            .init(name: "A", source: .value("1")), .init(name: "A", source: .value("2")),
        ]
        spec.dependsOn = [.init(name: "me")]
        var rule = BackgroundTaskSpec.Rule(action: .fail)
        rule.messagePattern = "(unclosed"
        spec.retry.rules = [rule]
        spec.matrix = Dictionary(
            uniqueKeysWithValues: (0..<6).map { ("k\($0)", ["1", "2", "3", "4"]) })
        spec.resources.requests = ["cpu": "-1"]
        let fields = Set(spec.faults(name: "me").map(\.field))
        #expect(
            fields == [
                "spec.command[0]", "spec.command[1]", "spec.env[1].name", "spec.dependsOn[0].name",
                "spec.retry.rules[0].messagePattern", "spec.matrix",
                "spec.resources.requests[cpu]",
            ])
    }

    @Test func `faults are as many as a person reads`() {
        var spec = BackgroundTaskSpec()
        spec.dependsOn = (0..<500).map { .init(name: "_\($0)") }
        #expect(spec.faults(name: "x").count == 20)
    }
}
