import AgentProtocol
import KubernetesCore
import Testing

struct AttemptLimitsTests {
    private static let mebi = 1 << 20

    @Test(arguments: [
        // slots, the agent's memory, what the task says, the limit
        (1, 2_048, 0, 1_984), (2, 2_048, 0, 992), (4, 1_088, 0, 256),
        // A task that says that it needs more than a share gets it, but never the runner's part.
        (4, 1_088, 600, 600), (4, 1_088, 100, 256), (4, 1_088, 5_000, 1_024),
        // Of a small agent a quarter is the runner's.
        (1, 128, 0, 96), (2, 128, 0, 64), (64, 128, 0, 64), (1, 16, 0, 64),
    ])
    func `an attempt may take a slot's share of the memory, or what its task says`(
        row: (slots: Int, memory: Int, needs: Int, limit: Int)
    ) {
        let limits = AttemptLimits(
            of: AttemptResources(memoryBytes: row.needs * Self.mebi),
            on: .init(slots: row.slots, memoryBytes: row.memory * Self.mebi))
        #expect(limits.memoryBytes == row.limit * Self.mebi)
        #expect(limits.storageBytes == nil)
    }

    @Test(arguments: [
        (1, 4_096, 0, 4_096), (4, 4_096, 0, 1_024), (4, 4_096, 3_000, 3_000),
        (4, 4_096, 9_000, 4_096), (64, 64, 0, 16),
    ])
    func `an attempt may take a slot's share of the room for files, or what its task says`(
        row: (slots: Int, storage: Int, needs: Int, limit: Int)
    ) {
        let limits = AttemptLimits(
            of: AttemptResources(storageBytes: row.needs * Self.mebi),
            on: .init(slots: row.slots, storageBytes: row.storage * Self.mebi))
        #expect(limits.storageBytes == row.limit * Self.mebi)
        #expect(limits.memoryBytes == nil)
    }

    @Test func `an agent without limits gives none, whatever the task says`() {
        let needs = AttemptResources(memoryBytes: 1 << 30, storageBytes: 1 << 30)
        #expect(AttemptLimits(of: needs, on: .init(slots: 3)) == AttemptLimits())
        let nothing = AttemptLimits.Agent(slots: 0, memoryBytes: 0, storageBytes: 0)
        #expect(AttemptLimits(of: needs, on: nothing) == AttemptLimits())
    }

    @Test func `no sizes overflow`() {
        let most = AttemptLimits(
            of: AttemptResources(memoryBytes: .max, storageBytes: .max),
            on: .init(slots: .max, memoryBytes: .max, storageBytes: .max))
        #expect(most.memoryBytes == .max - 64 * Self.mebi)
        #expect(most.storageBytes == .max)
    }

    @Test func `what a task needs comes through an order as it was`() throws {
        var spec = LeaseSpec(namespace: "shop", name: "t", command: ["true"])
        #expect(spec.json["resources"] == nil)
        spec.resources = AttemptResources(memoryBytes: 300, storageBytes: 0)
        let document = try JSONDocument(parsing: spec.json.encoded())
        #expect(try LeaseSpec(reading: document.root) == spec)
        let odd = try JSONDocument(
            parsing: Array(#"{"memoryBytes": -1, "storageBytes": 0}"#.utf8))
        #expect(throws: JSONError.self) { try AttemptResources(reading: odd.root) }
    }
}
