import ArgumentParser
import Console
import KubernetesClient
import KubernetesCore
import SwiftletAPI
import YAMLReading

/// `swiftlet get tasks`: tables of tasks, pools and agents.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show tasks, pools or agents.",
        discussion: """
            What is shown is named as tasks, pools or agents, with names behind it, or as \
            task/NAME and pool/NAME. -o wide shows more columns; json and yaml show the objects as \
            they are.
            """)

    /// How it is shown.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table
        case wide
        case name
        case json
        case yaml
    }

    @Argument(
        help: "tasks, pools or agents, then names; or task/NAME, pool/NAME.",
        completion: .list(ShownKind.allCases.map(\.rawValue)))
    var what: [String]
    @OptionGroup var cluster: ClusterOptions
    @Flag(name: [.customShort("A"), .long], help: "In all namespaces.") var allNamespaces = false
    @Option(name: [.customShort("l"), .long], help: "A label selector, as in app=web.")
    var selector: String?
    @Option(name: [.short, .long], help: "table, wide, name, json or yaml.")
    var output = Format.table
    @Flag(help: "Leave the titles out.") var noHeaders = false

    /// The kind and the names that are asked for; no names for all objects.
    private func request() throws -> (kind: ShownKind, names: [String]) {
        guard let first = what.first else {
            throw ValidationError("Say what to show: tasks, pools or agents.")
        }
        let pairs = what.map { $0.split(separator: "/", maxSplits: 1).map(String.init) }
        guard pairs.first?.count == 2 else {
            guard let kind = ShownKind(first) else {
                throw ValidationError("\(first): expected tasks, pools or agents.")
            }
            return (kind, Array(what.dropFirst()))
        }
        let kinds = Set(pairs.map { $0.count == 2 ? ShownKind($0[0]) : nil })
        guard kinds.count == 1, case .some(.some(let kind)) = kinds.first else {
            throw ValidationError("Name objects of one kind: task/a task/b, or pool/a pool/b.")
        }
        return (kind, pairs.map { $0[1] })
    }

    func validate() throws {
        let (kind, names) = try request()
        if allNamespaces, !names.isEmpty {
            throw ValidationError("--all-namespaces and names exclude each other.")
        }
        if kind == .agents, output == .json || output == .yaml {
            throw ValidationError("Agents are pods: kubectl get pods -o \(output.rawValue).")
        }
        if kind == .agents, !names.isEmpty {
            throw ValidationError("Agents are shown all together: swiftlet get agents.")
        }
    }

    func run() async throws {
        let (kind, names) = try request()
        let client = try cluster.client()
        let selection = Selection(
            namespace: allNamespaces ? nil : client.configuration.namespace,
            labels: selector ?? "")
        switch output {
        case .json, .yaml: try await showObjects(kind, names, selection, client)
        case .table, .wide, .name: try await showTable(kind, names, selection, client)
        }
    }

    // MARK: - Objects

    private func showObjects(
        _ kind: ShownKind, _ names: [String], _ selection: Selection, _ client: KubernetesClient
    ) async throws {
        var objects: [JSONValue] = []
        for name in names {
            objects.append(
                try await client.value(
                    .get(
                        ObjectRef(
                            type: kind.type, namespace: selection.namespace ?? "", name: name))))
        }
        let shown: JSONValue
        if names.isEmpty {
            shown = try await client.value(.list(kind.type, in: selection))
        } else if objects.count == 1, let first = objects.first {
            shown = first
        } else {
            shown = ["apiVersion": "v1", "kind": "List", "items": .array(objects)]
        }
        Terminal.say(output == .json ? shown.text : YAMLText.write([shown]))
    }

    // MARK: - Tables

    private func showTable(
        _ kind: ShownKind, _ names: [String], _ selection: Selection, _ client: KubernetesClient
    ) async throws {
        let now = SystemClock.now
        let isWide = output == .wide
        let table: TextTable
        switch kind {
        case .tasks:
            let tasks: [BackgroundTask] = try await objects(names, selection, client)
            if output == .name { return say(tasks.map { "task/" + $0.metadata.name }) }
            table = TaskTable.of(tasks, namespaced: allNamespaces, wide: isWide, at: now)
        case .pools:
            let pools: [BackgroundAgentPool] = try await objects(names, selection, client)
            if output == .name { return say(pools.map { "pool/" + $0.metadata.name }) }
            table = PoolTable.of(pools, namespaced: allNamespaces, wide: isWide, at: now)
        case .agents:
            let pools: [BackgroundAgentPool] = try await objects(names, selection, client)
            if output == .name {
                return say(pools.flatMap { $0.status.agents.map { "pod/" + $0.name } })
            }
            table = AgentTable.of(pools, namespaced: allNamespaces, wide: isWide, at: now)
        }
        let lines = table.lines(titled: !noHeaders)
        guard lines.count > (noHeaders ? 0 : 1) else {
            let place = selection.namespace.map { " in namespace \($0)" } ?? ""
            return Terminal.complain("There are no \(kind.rawValue)\(place).")
        }
        say(lines)
    }

    private func say(_ lines: [String]) {
        if !lines.isEmpty { Terminal.say(lines.joined(separator: "\n")) }
    }

    private func objects<Object: KubeObject>(
        _ names: [String], _ selection: Selection, _ client: KubernetesClient
    ) async throws -> [Object] {
        guard names.isEmpty else {
            var found: [Object] = []
            for name in names {
                found.append(
                    try await client.get(Key(namespace: selection.namespace ?? "", name: name)))
            }
            return found
        }
        let page: ListPage<Object> = try await client.listAll(Object.self, in: selection)
        for broken in page.unreadable.prefix(10) {
            Terminal.complain("An object cannot be read and is left out: \(broken)")
        }
        return page.items
    }
}
