import ControlLoop
import GadgetTesting
import KubernetesCore
import Testing

@Suite struct WriteBarrierTests {
    private static func view(_ objects: [Part], at version: String) -> ClusterView {
        var view = ClusterView()
        _ = view.apply(.replace(objects, at: ResourceVersion(version)))
        return view
    }

    private static func stored(_ version: String, uid: String? = "uid-p") -> Write {
        Write(
            .stored,
            ObjectRef(type: Part.type, namespace: "ns", name: "p", uid: uid.map { UID($0) }),
            at: ResourceVersion(version))
    }

    @Test func `a key waits until the cache has reached the written version`() {
        var barrier = WriteBarrier<Key<Gadget>>()
        barrier.hold(Key("a"), for: [Self.stored("7")], in: Self.view([], at: "6"), at: .at(0))
        let result1 = barrier.release(in: Self.view([], at: "6"), at: .at(1))
        #expect(result1.isEmpty)
        #expect(barrier.deadline(of: Key("a")) == .at(5))
        let released = barrier.release(in: Self.view([], at: "7"), at: .at(1))
        #expect(released.map(\.item) == [Key("a")])
        #expect(released.first?.timedOut == false)
        #expect(barrier.count == 0)
    }

    @Test func `patience ends after five seconds`() {
        var barrier = WriteBarrier<Key<Gadget>>()
        barrier.hold(Key("a"), for: [Self.stored("7")], in: Self.view([], at: "6"), at: .at(0))
        #expect(barrier.nextDeadline == .at(5))
        let result2 = barrier.release(in: Self.view([], at: "6"), at: .at(4.9))
        #expect(result2.isEmpty)
        let result3 = barrier.release(in: Self.view([], at: "6"), at: .at(5))
        #expect(result3.first?.timedOut == true)
    }

    @Test func `what the cache shows already holds nothing`() {
        var barrier = WriteBarrier<Key<Gadget>>()
        barrier.hold(Key("a"), for: [Self.stored("7")], in: Self.view([], at: "8"), at: .at(0))
        #expect(barrier.count == 0)
    }

    @Test func `a deletion is seen when the object is going, gone or another`() {
        let write = Write(.deleted, Part("p").reference, at: .unknown)
        var going = Part("p")
        going.metadata.deletionTime = .at(0)
        var successor = Part("p")
        successor.metadata.uid = UID("other")
        #expect(!Self.view([Part("p")], at: "5").shows(write))
        #expect(Self.view([going], at: "5").shows(write))
        #expect(Self.view([successor], at: "5").shows(write))
        #expect(Self.view([], at: "5").shows(write))
    }

    @Test func `a kind that nobody watches is not waited for`() {
        #expect(ClusterView().shows(Self.stored("7")))
    }

    @Test func `versions that cannot be compared fall back to the object itself`() {
        var part = Part("p")
        part.metadata.resourceVersion = ResourceVersion("abc")
        var view = ClusterView()
        _ = view.apply(.replace([part], at: ResourceVersion("xyz")))
        #expect(view.shows(Self.stored("abc")))
        #expect(!view.shows(Self.stored("def")))
    }
}
