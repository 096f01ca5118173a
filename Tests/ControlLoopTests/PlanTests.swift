import ControlLoop
import GadgetTesting
import KubernetesCore
import Testing

@Suite struct PlanTests {
    @Test(
        arguments: [
            ("{}", "{}", nil),
            (#"{"a":1}"#, #"{"a":1}"#, nil),
            (#"{"a":1}"#, #"{"a":2}"#, #"{"a":2}"#),
            (#"{"a":1,"b":2}"#, #"{"a":1}"#, #"{"b":null}"#),
            (#"{"a":1}"#, #"{"a":null}"#, #"{"a":null}"#),
            (#"{}"#, #"{"a":null,"b":{"c":null}}"#, #"{"b":{}}"#),
            (#"{"a":{"b":1,"c":2}}"#, #"{"a":{"b":1,"c":3}}"#, #"{"a":{"c":3}}"#),
            (#"{"a":[1,2]}"#, #"{"a":[2]}"#, #"{"a":[2]}"#),
            ("null", #"{"a":1,"b":null}"#, #"{"a":1}"#),
        ] as [(String, String, String?)])
    func `only the difference of a status is written`(
        observed: String, desired: String, patch: String?
    ) throws {
        let intent = StatusIntent(
            desired: try JSONValue(parsing: desired), observed: try JSONValue(parsing: observed))
        #expect(intent.difference?.text == patch)
        #expect(Plan(status: intent).isIdle == (patch == nil))
    }

    @Test(arguments: UInt64(1)...200)
    func `observed and difference together make the desired status`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let observed = Self.value(&random, depth: 3)
        let desired = Self.value(&random, depth: 3)
        let patch = MergeDifference.patch(from: observed, to: desired) ?? [:]
        let result = Self.merge(patch, into: observed)
        #expect(MergeDifference.patch(from: result, to: desired) == nil, "seed \(seed)")
    }

    @Test func `a plan without writes is idle whatever it notes`() {
        let note = Note(.normal, reason: "R", message: "m", about: Gadget("a").reference)
        #expect(Plan(steps: [[], []], wake: .at(1), notes: [note]).isIdle)
        #expect(!Plan(steps: [[.delete(Gadget("a").reference)]]).isIdle)
        var plan = Plan.waiting(until: .at(9))
        plan.wake(at: .at(4))
        plan.wake(at: .at(6))
        plan.wake(at: nil)
        #expect(plan.wake == .at(4))
    }

    @Test func `each action names its target and its permission`() {
        let gadget = Gadget("a").reference
        let object: JSONValue = ["metadata": ["name": "p", "namespace": "ns", "uid": "u"]]
        #expect(Action.create(object, of: Part.type).target.name == "p")
        #expect(Action.create(object, of: Part.type).permission == .create(Part.type))
        #expect(Action.apply(object, of: Part.type).target.uid == UID("u"))
        #expect(Action.patch(gadget, [:], subresource: "status").permission == .status(Gadget.type))
        #expect(Action.delete(gadget).permission == .delete(Gadget.type))
        let access = Access(reads: [Part.type], writes: [.create(Part.type)])
        #expect(access.allows(.create(Part.type)))
        #expect(!access.allows(.delete(Part.type)))
        let both = access.union(Access(reads: [Gadget.type], writes: [.status(Gadget.type)]))
        #expect(both.reads == [Gadget.type, Part.type])
        #expect(both.writes.count == 2)
    }

    @Test func `the owner of a part hears of it before and after`() {
        let trigger = Trigger<Gadget>.owned(Part.self)
        let old = Part("p", of: Gadget("a"))
        let new = Part("p", of: Gadget("b"), version: 2)
        let change = AnyChange(Change.changed(from: old, to: new))
        #expect(trigger.roots(of: change, in: .of([])) == [Key("a"), Key("b")])
        #expect(trigger.roots(of: AnyChange(Change.added(Part("q"))), in: .of([])).isEmpty)
        #expect(trigger.roots(of: AnyChange(Change.added(Gadget("a"))), in: .of([])).isEmpty)
    }

    private static func value(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        var members: [(String, JSONValue)] = []
        for name in ["a", "b", "c", "d"] where random.chance(0.6) {
            switch random.below(depth > 0 ? 6 : 4) {
            case 0: members.append((name, .null))
            case 1: members.append((name, .int(random.below(3))))
            case 2: members.append((name, .string("x")))
            case 3: members.append((name, [.int(random.below(2))]))
            default: members.append((name, value(&random, depth: depth - 1)))
            }
        }
        return .object(JSONObject(members))
    }

    /// RFC 7386, as a server does it.
    private static func merge(_ patch: JSONValue, into target: JSONValue) -> JSONValue {
        guard case .object(let members) = patch else { return patch }
        var result = target.object == nil ? JSONValue.object([:]) : target
        for (key, value) in members {
            result[key] = value.isNull ? nil : merge(value, into: result[key] ?? .null)
        }
        return result
    }
}
