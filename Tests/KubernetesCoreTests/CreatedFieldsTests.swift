import Testing

@testable import KubernetesCore

struct CreatedFieldsTests {
    private static let unowned = FieldSet(fields: "k1", "k2", "k2.k1", "k3.k4")
    private static let ignored = FieldSet(fields: "k5", "k4.k2")

    private func general(
        _ new: JSONValue, _ empty: JSONValue, _ shape: TypeShape
    ) -> JSONValue {
        FieldComparison(from: empty, to: new, shape).excluding(Self.ignored).changed
            .difference(Self.unowned).json
    }

    private static let shapes: [TypeShape] = [
        .untyped, .record,
        .record([
            "k0": .list(by: "k1"), "k1": TypeShape(.set(.atomic)), "k2": .map(of: .atomic),
            "k3": .atomic, "k4": .record(["k0": .list(by: "k2", of: .atomic)]),
        ]),
        .map(of: .list(by: "k0")),
        TypeShape(
            .map([:], others: TypeShape(.set(.untyped)), othersAreFields: true)),
    ]

    @Test(arguments: 0..<5)
    func `a new object's fields are those that comparing finds`(index: Int) throws {
        let shape = Self.shapes[index]
        let walk = CreatedFields(unowned: Self.unowned, ignored: Self.ignored)
        var found = 0
        for seed in UInt64(0)..<2_000 {
            var values = SeededValues(seed: seed)
            let new = JSONValue.object(values.object(depth: 4))
            var empty = values.object(depth: 2)
            if seed % 3 == 0 { empty = JSONObject() }
            if seed % 3 == 1 { empty["k0"] = .null }
            guard let fields = walk.json(of: new, beyond: .object(empty), shape) else { continue }
            found += 1
            #expect(
                .object(fields) == general(new, .object(empty), shape),
                "seed \(seed): \(new.text) beyond \(JSONValue.object(empty).text)")
        }
        #expect(found > 1_000, "the walk must not leave everything to the comparison")
    }

    @Test func `pods and other kinds go the quick way`() throws {
        let walk = CreatedFields(unowned: FieldSet(), ignored: FieldSet(fields: "status"))
        let pod: JSONValue = [
            "metadata": ["labels": ["a": "b"]],
            "spec": [
                "containers": [
                    ["name": "x", "ports": [["containerPort": 1]], "env": [["name": "E"]]]
                ]
            ],
            "status": ["phase": "Pending"],
        ]
        let type = ResourceType.pod
        let shape = try #require(BuiltInShapes.shape(for: type))
        let empty = BuiltInShapes.emptyObject(of: type)
        let fields = try #require(walk.json(of: pod, beyond: empty, shape))
        let expected = FieldComparison(from: empty, to: pod, shape)
            .excluding(FieldSet(fields: "status")).changed.json
        #expect(.object(fields) == expected)
        #expect(JSONValue.object(fields)[path: ["f:spec", "f:containers"]] != nil)
    }
}
