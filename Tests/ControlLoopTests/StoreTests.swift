import ControlLoop
import GadgetTesting
import KubernetesCore
import Testing

@Suite struct StoreTests {
    @Test func `everything with several objects comes in order of keys`() {
        var store = Store<Part>()
        for name in ["c", "a", "b"] { _ = store.apply(.upsert(Part(name), at: .unknown)) }
        #expect(store.all.map(\.metadata.name) == ["a", "b", "c"])
        #expect(store.select(Part.byColour, "red").map(\.metadata.name) == ["a", "b", "c"])
        #expect(store.select("colour", "red").count == 3)
        #expect(store.count(Part.byColour, "red") == 3)
        #expect(store.values(of: Part.byColour) == ["red"])
    }

    @Test func `an index follows its objects`() {
        var store = Store<Part>()
        _ = store.apply(.upsert(Part("a", version: 1), at: ResourceVersion("1")))
        _ = store.apply(.upsert(Part("a", version: 2, colour: "blue"), at: ResourceVersion("2")))
        #expect(store.select(Part.byColour, "red").isEmpty)
        #expect(store.select(Part.byColour, "blue").count == 1)
        _ = store.apply(.remove(Key("a"), at: ResourceVersion("3")))
        #expect(store.select(Part.byColour, "blue").isEmpty)
        #expect(store.values(of: Part.byColour).isEmpty)
    }

    @Test func `what is older than what was seen is a replay and changes nothing`() {
        var store = Store<Gadget>()
        _ = store.apply(.replace([Gadget("a", version: 7, parts: 2)], at: ResourceVersion("9")))
        let result1 = store.apply(.upsert(Gadget("a", version: 5), at: ResourceVersion("5")))
        #expect(result1.isEmpty)
        let result2 = store.apply(.remove(Key("a"), at: ResourceVersion("8")))
        #expect(result2.isEmpty)
        let result3 = store.apply(.upsert(Gadget("z", version: 3), at: ResourceVersion("3")))
        #expect(result3.isEmpty)
        #expect(store[Key("a")]?.parts == 2)
        #expect(store.version == ResourceVersion("9"))
    }

    @Test func `a complete picture counts whatever its version, and keeps what could not be read`()
    {
        var store = Store<Gadget>()
        _ = store.apply(
            .replace([Gadget("a"), Gadget("b"), Gadget("c")], at: ResourceVersion("9")))
        let changes = store.apply(
            .replace([Gadget("a")], keeping: [Key("b")], at: ResourceVersion("4")))
        #expect(changes == [.removed(Gadget("c"))])
        #expect(store[Key("b")] != nil)
        #expect(store.version == ResourceVersion("4"))
    }

    @Test func `only a complete picture makes a kind synced`() {
        var view = ClusterView()
        view.register(Gadget.self)
        #expect(!view.isSynced(Gadget.type))
        _ = view.apply(.upsert(Gadget("a"), at: ResourceVersion("1")))
        #expect(!view.isSynced(Gadget.type))
        _ = view.apply(Delta<Gadget>.replace([], at: ResourceVersion("2")))
        #expect(view.isSynced(Gadget.type))
        #expect(ClusterView.of([]).isSynced(Gadget.type))
    }

    @Test func `a snapshot does not change with what comes after it`() {
        var view = ClusterView.of([Gadget("a", parts: 1)])
        let before = view
        view.publish(Gadget("a", parts: 2))
        view.retract(Key<Gadget>("b"))
        #expect(before[Key<Gadget>("a")]?.parts == 1)
        #expect(view[Key<Gadget>("a")]?.parts == 2)
        let result4 = view.retract(Gadget("a").reference)
        #expect(result4 != nil)
        #expect(view.all(Gadget.self).isEmpty)
    }

    @Test func `owned objects are found by the UID of their controller alone`() {
        let mine = Gadget("a")
        let namesake = Gadget("a", uid: "another")
        let view = ClusterView.of([mine, Part("p", of: mine), Part("q", of: namesake), Part("r")])
        #expect(view.owned(Part.self, by: mine.metadata.uid).map(\.metadata.name) == ["p"])
    }

    @Test func `two changes of one object make one, or none`() throws {
        let first = AnyChange(Change.added(Gadget("a", version: 1)))
        let second = AnyChange(
            Change.changed(from: Gadget("a", version: 1), to: Gadget("a", version: 2)))
        let gone = AnyChange(Change.removed(Gadget("a", version: 2)))
        let both = try #require(first.followed(by: second)?.of(Gadget.self))
        #expect(both == .added(Gadget("a", version: 2)))
        #expect(first.followed(by: gone) == nil)
        #expect(second.followed(by: gone)?.of(Gadget.self) == .removed(Gadget("a", version: 1)))
        #expect(both.key == Key("a"))
        #expect(first.of(Part.self) == nil)
    }

    @Test(arguments: UInt64(1)...40)
    func `an index kept up to date equals one built anew`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var store = Store<Part>()
        var version = 0
        for _ in 0..<120 {
            version += 1
            let name = "p\(random.below(12))"
            let colour = ["red", "blue", "green"][random.below(3)]
            let at = ResourceVersion(String(version))
            if random.chance(0.3) {
                _ = store.apply(.remove(Key(name), at: at))
            } else if random.chance(0.1) {
                let list = (0..<random.below(5)).map { Part("p\($0)", version: version) }
                _ = store.apply(.replace(list, at: at))
            } else {
                _ = store.apply(.upsert(Part(name, version: version, colour: colour), at: at))
            }
        }
        var rebuilt = Store<Part>()
        _ = rebuilt.apply(.replace(store.all.reversed(), at: store.version))
        for colour in ["red", "blue", "green"] {
            #expect(
                store.select(Part.byColour, colour) == rebuilt.select(Part.byColour, colour),
                "seed \(seed)")
            #expect(
                store.select(Part.byColour, colour) == store.all.filter { $0.colour == colour },
                "seed \(seed)")
        }
    }
}
